import { describe, expect, test } from 'vitest';
import { personOf } from '#server/access/claims.ts';
import { readConfig } from '#server/config.ts';
import { codeOf } from '#tests/support/given.ts';

const given = {
	YCORD_OIDC_ISSUER: 'https://id.example.com/realms/one',
	YCORD_OIDC_CLIENT_ID: 'ycord',
	YCORD_OIDC_CLIENT_SECRET: 'secret',
	YCORD_OIDC_ROLES: 'groups:leads=supervisor, realm_access.roles:boss=executive,https://example.com/role:agent=agent',
};
function providerOf(env: Record<string, string> = {}) {
	const { provider } = readConfig({ ...given, ...env }, {});
	if (!provider) throw new Error('no identity provider is set');
	return provider;
}
const meant = (claims: object, env?: Record<string, string>) =>
	personOf({ sub: 'one', name: 'Olga', team: 'Orders', ...claims }, providerOf(env));

describe('whom an identity provider’s claims mean', () => {
	test.each([
		[{ groups: ['others', 'leads'] }, 'supervisor'],
		[{ groups: 'leads' }, 'supervisor'],
		[{ realm_access: { roles: ['boss'] } }, 'executive'],
		[{ 'https://example.com/role': 'agent' }, 'agent'],
		[{ realm_access: { roles: ['boss'] }, groups: ['leads'] }, 'supervisor'],
	])('%j is a role, the first rule first: %s', (claims, role) => {
		expect(meant(claims).role).toBe(role);
	});

	test.each([
		[{}],
		[{ groups: ['Leads', 'leads ', ' leads', 'lead'] }],
		[{ groups: { leads: true } }],
		[{ groups: [['leads']] }],
		[{ groups: 'leads,others' }],
		[{ __proto__: { groups: ['leads'] } }],
		[{ realm_access: null }],
		[{ realm_access: 'roles' }],
	])('%j is none', (claims) => {
		expect(codeOf(() => meant(claims))).toBe('access.no-role');
	});

	test('a team is needed, by the claim that is set', () => {
		expect(codeOf(() => meant({ groups: 'leads', team: undefined }))).toBe('access.no-team');
		expect(codeOf(() => meant({ groups: 'leads', team: ' \n' }))).toBe('access.no-team');
		const department = { YCORD_OIDC_TEAM: 'department' };
		expect(meant({ groups: 'leads', department: ['Returns', 'More'] }, department).team).toBe('Returns');
	});

	test('an id is of issuer and subject alone, and fits where ids go', () => {
		const [one, again, other] = [
			meant({ groups: 'leads' }),
			meant({ groups: 'leads', name: 'Another', team: 'Else' }),
			meant({ groups: 'leads', sub: 'two' }),
		];
		expect(one.id).toMatch(/^sso-[0-9a-f]{36}$/);
		expect([again.id === one.id, other.id === one.id]).toEqual([true, false]);
		expect(meant({ groups: 'leads' }, { YCORD_OIDC_ISSUER: 'https://other.example.com' }).id).not.toBe(one.id);
	});

	test('a name is one line of at most 80 characters, from whatever is there', () => {
		expect(meant({ groups: 'leads', name: `Olga\n\u202eOrders ${'x'.repeat(200)}` }).name).toMatch(
			/^Olga Orders x{68}$/,
		);
		expect(meant({ groups: 'leads', name: '', preferred_username: 'olga' }).name).toBe('olga');
		const { id, name } = meant({ groups: 'leads', name: 7 });
		expect(name).toBe(id);
	});
});

describe('the settings of an identity provider', () => {
	test('go together, and without them there is none', () => {
		expect(readConfig({}, {}).provider).toBeUndefined();
		const { YCORD_OIDC_ROLES: _, ...some } = given;
		expect(() => readConfig(some, {})).toThrow(/YCORD_OIDC_ROLES: not given, and needed/);
	});

	test('are read whole', () => {
		expect(providerOf({ YCORD_OIDC_SCOPES: 'openid groups' })).toEqual({
			issuer: 'https://id.example.com/realms/one',
			clientId: 'ycord',
			clientSecret: 'secret',
			roles: [
				{ claim: 'groups', value: 'leads', role: 'supervisor' },
				{ claim: 'realm_access.roles', value: 'boss', role: 'executive' },
				{ claim: 'https://example.com/role', value: 'agent', role: 'agent' },
			],
			teamClaim: 'team',
			scopes: 'openid groups',
		});
	});
});
