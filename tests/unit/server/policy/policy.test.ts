import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type CallTraits, mustBeAListener } from '#server/domain/terms.ts';
import { type PolicyFile, policyOf } from '#server/policy/policy.ts';
import { keepPolicy, readPolicy } from '#server/policy/read-policy.ts';
import type { Refusal } from '#shared/refusals.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** A Monday, 09:00 in Berlin. */
const mondayMs = Date.parse('2026-11-23T08:00:00Z');
const call: CallTraits = {
	gateway: 'twilio',
	team: 'Orders',
	queue: 'Payments EU',
	language: 'de-DE',
	labels: [{ name: 'state', value: 'CA' }],
	atMs: mondayMs,
};
const rulesFor = (when: PolicyFile['rules'][number]['when'], of: Partial<CallTraits> = {}) =>
	policyOf({ rules: [{ name: 'one', ...(when ? { when } : {}), mostListeners: 1 }] }).termsOf({ ...call, ...of })
		?.rules;

describe('a rule is for a call', () => {
	test.each<[PolicyFile['rules'][number]['when'], boolean]>([
		[undefined, true],
		[{}, true],
		[{ queue: 'payments eu' }, true],
		[{ queue: 'Payments*' }, true],
		[{ queue: 'Payments' }, false],
		[{ queue: ['Orders', 'Payments*'] }, true],
		[{ queue: 'Payments*', team: 'Returns' }, false],
		[{ gateway: 'twilio', language: 'de*' }, true],
		[{ labels: { state: ['FL', 'CA'] } }, true],
		[{ labels: { state: 'CA', city: '*' } }, false],
	])('if all that it names fits: %j %j', (when, isFor) => {
		expect(rulesFor(when) !== undefined).toBe(isFor);
	});

	test('if it names what the platform did not say, not', () => {
		const { queue: _, ...quiet } = call;
		const file: PolicyFile = { rules: [{ name: 'one', when: { queue: '*' }, mostListeners: 1 }] };
		expect(policyOf(file).termsOf(quiet)).toBeUndefined();
		expect(policyOf(file).termsOf(call)).toBeDefined();
	});

	const berlin = { zone: 'Europe/Berlin', from: '09:00', until: '17:00' };
	test.each<[object, string, boolean]>([
		[berlin, '2026-11-23T07:59:00Z', false],
		[berlin, '2026-11-23T08:00:00Z', true],
		[berlin, '2026-11-23T15:59:59Z', true],
		[berlin, '2026-11-23T16:00:00Z', false],
		// In summer it is two hours ahead.
		[berlin, '2026-07-20T07:00:00Z', true],
		[{ ...berlin, days: ['tue'] }, '2026-11-23T08:00:00Z', false],
		[{ ...berlin, days: ['mon'] }, '2026-11-23T08:00:00Z', true],
		[{ zone: 'UTC', days: ['fri'], from: '22:00', until: '06:00' }, '2026-11-27T23:00:00Z', true],
		[{ zone: 'UTC', days: ['fri'], from: '22:00', until: '06:00' }, '2026-11-28T05:59:00Z', true],
		[{ zone: 'UTC', days: ['fri'], from: '22:00', until: '06:00' }, '2026-11-27T05:00:00Z', false],
	])('within its hours, by the clock of their place: %j at %s is %j', (hours, at, isFor) => {
		expect(rulesFor({ hours: hours as typeof berlin }, { atMs: Date.parse(at) }) !== undefined).toBe(isFor);
	});
});

describe('the terms of a call', () => {
	const file: PolicyFile = {
		rules: [
			{ name: 'usual', disclosure: 'notice', mostListeners: 5 },
			{ name: 'payments', when: { queue: 'Payments*' }, listeners: { roles: ['supervisor'] } },
			{ name: 'California', when: { labels: { state: 'CA' } }, disclosure: 'asked' },
			{ name: 'another', when: { team: 'Returns' }, listeners: 'nobody' },
		],
	};
	test('are what the last rule that fits says of each matter, with the rules and the version [C4]', () => {
		const { version, termsOf } = policyOf(file);
		expect(termsOf(call)).toEqual({
			version,
			rules: ['usual', 'payments', 'California'],
			disclosure: 'asked',
			mostListeners: 5,
			listeners: { roles: ['supervisor'] },
		});
		expect(version).toMatch(/^[0-9a-f]{12}$/);
		expect(policyOf({ rules: file.rules.slice(1) }).version).not.toBe(version);
	});

	test('are none where no rule is for it', () => {
		expect(policyOf({ rules: file.rules.slice(3) }).termsOf(call)).toBeUndefined();
	});
});

describe('who may listen [C4]', () => {
	const dana = { id: 'dana', role: 'executive' as const, team: 'Leadership' };
	const refusedFor = (listeners: 'nobody' | object | undefined) => {
		try {
			mustBeAListener({ version: 'v', rules: [], ...(listeners ? { listeners } : {}) }, dana);
			return undefined;
		} catch (error) {
			return (error as Refusal).code;
		}
	};
	test.each<['nobody' | object | undefined, string | undefined]>([
		[undefined, undefined],
		['nobody', 'policy.nobody'],
		[{ roles: ['executive'] }, undefined],
		[{ roles: ['supervisor'] }, 'policy.listener'],
		[{ roles: ['executive'], teams: ['Orders'] }, 'policy.listener'],
		[{ teams: ['Leadership'] }, undefined],
		[{ roles: ['supervisor'], people: ['dana'] }, undefined],
		[{ people: ['eve'] }, 'policy.listener'],
		[{ roles: [] }, 'policy.listener'],
	])('%j: %s', (listeners, code) => {
		expect(refusedFor(listeners)).toBe(code);
	});
});

describe('the policy file', () => {
	const startWith = async (content: string) => {
		const folder = await temporaryFolder();
		const path = `${folder.path}/policy.json`;
		await writeFile(path, content);
		try {
			return { folder, path, ...readPolicy(path) };
		} catch (error) {
			await folder.remove();
			return (error as Error).message;
		}
	};
	const rule = '{"name": "a", "mostListeners": 1';
	test.each([
		['{', 'cannot be read as JSON'],
		['{}', 'the file must have required properties rules'],
		['{"rules": []}', '/rules must not have fewer than 1 items'],
		[`{"rules": [${rule}, "listners": "nobody"}]}`, 'is no field of a policy'],
		[`{"rules": [${rule}, "disclosure": "told"}]}`, '/rules/0/disclosure'],
		[`{"rules": [${rule}}, ${rule}}]}`, 'the rule “a” is there twice'],
		[
			`{"rules": [${rule}, "when": {"hours": {"zone": "Mars/Base", "from": "08:00", "until": "09:00"}}}]}`,
			'there is no time zone Mars/Base',
		],
		[
			`{"rules": [${rule}, "when": {"hours": {"zone": "UTC", "from": "8:00", "until": "09:00"}}}]}`,
			'/rules/0/when/hours/from',
		],
	])('that is wrong keeps the server from starting, and says where: %s', async (content, says) => {
		expect(await startWith(content)).toContain(says);
	});

	test('is kept by its version, once, readable by its owner alone', async () => {
		const read = await startWith(`{"rules": [${rule}}]}`);
		if (typeof read === 'string') throw new Error(read);
		keepPolicy(read.folder.path, read, mondayMs);
		keepPolicy(read.folder.path, read, mondayMs + 1);
		expect(JSON.parse(await readFile(`${read.folder.path}/policies/${read.policy.version}.json`, 'utf8'))).toEqual({
			version: read.policy.version,
			firstInForce: '2026-11-23T08:00:00.000Z',
			rules: [{ name: 'a', mostListeners: 1 }],
		});
		await read.folder.remove();
	});
});
