import { Type } from 'typebox';
import { isLoopback, type Setting, together, token, type ValuesOf } from '#server/setting.ts';
import { type Role, roles } from '#shared/people.ts';

/** Whoever has this value in this claim is this. */
export interface RoleRule {
	claim: string;
	value: string;
	role: Role;
}

/** An identity provider that signs people in, by OpenID Connect. */
export interface ProviderConfig {
	readonly provider?: {
		readonly issuer: string;
		readonly clientId: string;
		readonly clientSecret: string;
		/** In their order: the first that fits says what somebody is. */
		readonly roles: readonly RoleRule[];
		readonly teamClaim: string;
		readonly scopes: string;
	};
}

/** `claim:value=role`. A claim may be named by an address, a value has no colon: the last one parts them. */
const ruleForm = new RegExp(`^(\\S+):([^:=,]+)=(${roles.join('|')})$`);

/** The rules a text means; undefined if one of them is none. */
function rulesIn(text: string): RoleRule[] | undefined {
	const rules: RoleRule[] = [];
	for (const part of text.split(',')) {
		const [, claim, value, role] = ruleForm.exec(part.trim()) ?? [];
		if (!claim || !value) return undefined;
		rules.push({ claim, value: value.trim(), role: role as Role });
	}
	return rules;
}

/** An issuer may have a path; what is secret goes there, so never in the clear but on this machine. */
function isIssuer(text: string): boolean {
	if (!URL.canParse(text)) return false;
	const { protocol, hostname, username, password, search, hash } = new URL(text);
	if (`${username}${password}${search}${hash}` !== '') return false;
	return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

export const providerSettings = {
	oidcIssuer: {
		name: 'YCORD_OIDC_ISSUER',
		flag: 'oidc-issuer',
		schema: Type.Refine(
			Type.String({ description: 'https:// and the rest of the address; http:// only on a loopback address' }),
			isIssuer,
		),
		otherwise: 'none: people sign in with passwords and links only',
		meaning: 'The identity provider that signs people in (OpenID Connect), as it calls itself.',
	},
	oidcClientId: {
		name: 'YCORD_OIDC_CLIENT_ID',
		flag: 'oidc-client-id',
		schema: token,
		otherwise: 'none',
		meaning: 'What the identity provider calls this Ycord.',
	},
	oidcClientSecret: {
		name: 'YCORD_OIDC_CLIENT_SECRET',
		schema: token,
		otherwise: 'none',
		meaning: 'The secret that the identity provider gave this Ycord.',
		secret: true,
	},
	oidcRoles: {
		name: 'YCORD_OIDC_ROLES',
		flag: 'oidc-roles',
		schema: Type.Refine(
			Type.String({ description: 'claim:value=role, with commas between, such as groups:line-leads=supervisor' }),
			(text) => rulesIn(text) !== undefined,
		),
		otherwise: 'none',
		meaning: 'Who is what: the first rule that a person’s claims fit; whoever fits none is refused by name.',
	},
	oidcTeam: {
		name: 'YCORD_OIDC_TEAM',
		flag: 'oidc-team',
		schema: token,
		default: 'team',
		meaning: 'The claim that names a person’s team.',
	},
	oidcScopes: {
		name: 'YCORD_OIDC_SCOPES',
		flag: 'oidc-scopes',
		schema: Type.String({ pattern: '^openid( \\S+){0,20}$', description: 'openid, and more scopes behind it' }),
		default: 'openid profile',
		meaning: 'What is asked of the identity provider; some want a scope more for groups.',
	},
} as const satisfies Record<string, Setting>;

type Values = ValuesOf<typeof providerSettings>;

export const providerProblems = (values: Values): string[] =>
	together(providerSettings, values, ['oidcIssuer', 'oidcClientId', 'oidcClientSecret', 'oidcRoles']);

export function providerConfig(values: Values): ProviderConfig {
	const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret: clientSecret, oidcRoles, ...more } = values;
	if (!issuer || !clientId || !clientSecret || !oidcRoles) return {};
	const provider = {
		issuer,
		clientId,
		clientSecret,
		roles: Object.freeze(rulesIn(oidcRoles) ?? []),
		teamClaim: more.oidcTeam,
		scopes: more.oidcScopes,
	};
	return { provider: Object.freeze(provider) };
}
