import { readdir, readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Access, maxMappedAgents, maxPerPerson, maxServiceKeys } from '#server/access/access.ts';
import { sqliteAccess } from '#server/access/access-sqlite.ts';
import { secretPattern } from '#shared/ids.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const nowMs = 1_763_826_000_000;
const terms = { nowMs, expiresAtMs: nowMs + 60_000 };

describe('sign-in links', () => {
	let access: Access;
	beforeEach(() => {
		access = sqliteAccess(':memory:');
	});
	afterEach(() => access.close());

	test('a link signs its person in as often as it is opened, until it expires', () => {
		const secret = access.mintLink('eva', terms);
		expect(secret).toMatch(new RegExp(secretPattern));
		expect([access.useLink(secret, nowMs), access.useLink(secret, nowMs + 59_999)]).toEqual(['eva', 'eva']);
		expect(access.useLink(secret, nowMs + 60_000)).toBeUndefined();
	});

	test('a link for single use signs in once', () => {
		const secret = access.mintLink('eva', { ...terms, once: true });
		expect(access.useLink(secret, nowMs)).toBe('eva');
		expect(access.useLink(secret, nowMs)).toBeUndefined();
	});

	test('every link is another one, and opens only for its own person', () => {
		const secrets = ['eva', 'eva', 'adam'].map((personId) => access.mintLink(personId, terms));
		expect(new Set(secrets).size).toBe(3);
		expect(secrets.map((secret) => access.useLink(secret, nowMs))).toEqual(['eva', 'eva', 'adam']);
	});

	test('revoking a person’s links ends all of them, and nobody else’s, and no session', () => {
		const [one, other, adams] = ['eva', 'eva', 'adam'].map((personId) => access.mintLink(personId, terms));
		const cookie = access.openSession('eva', terms);
		access.revokeLinks('eva');
		expect([one, other, adams].map((secret) => access.useLink(secret ?? '', nowMs))).toEqual([
			undefined,
			undefined,
			'adam',
		]);
		expect(access.personOf(cookie, nowMs)).toBe('eva');
	});

	test('what was never a secret signs nobody in', () => {
		access.mintLink('eva', terms);
		const others = ['', 'x', 'A'.repeat(43), 'A'.repeat(100_000), "' OR 1=1 --", '\u0000'.repeat(43)];
		expect(others.map((secret) => access.useLink(secret, nowMs))).toEqual(others.map(() => undefined));
	});

	test('[B1] a person who has as many links as there may be loses the oldest to a new one; others lose none', () => {
		const adams = access.mintLink('adam', terms);
		const secrets = Array.from({ length: maxPerPerson + 1 }, () => access.mintLink('eva', terms));
		const [oldest, ...others] = secrets.map((secret) => access.useLink(secret, nowMs));
		expect(oldest).toBeUndefined();
		expect(others).toEqual(Array.from({ length: maxPerPerson }, () => 'eva'));
		expect(access.useLink(adams, nowMs)).toBe('adam');
	});
});

describe('browser sessions', () => {
	let access: Access;
	beforeEach(() => {
		access = sqliteAccess(':memory:');
	});
	afterEach(() => access.close());

	test('a cookie tells whose browser it is until the session expires', () => {
		const cookie = access.openSession('eva', terms);
		expect(cookie).toMatch(new RegExp(secretPattern));
		expect(access.personOf(cookie, nowMs + 59_999)).toBe('eva');
		expect(access.personOf(cookie, nowMs + 60_000)).toBeUndefined();
	});

	test('signing out ends one browser’s session, and signing out everywhere all of the person’s', () => {
		const [one, two, three] = [1, 2, 3].map(() => access.openSession('eva', terms)) as [string, string, string];
		const adams = access.openSession('adam', terms);
		access.endSession(one);
		access.endSession('never there');
		expect([one, two, three].map((cookie) => access.personOf(cookie, nowMs))).toEqual([undefined, 'eva', 'eva']);
		access.endSessions('eva');
		expect([two, three, adams].map((cookie) => access.personOf(cookie, nowMs))).toEqual([undefined, undefined, 'adam']);
	});

	test('a link’s secret is no cookie, and a cookie no link', () => {
		const link = access.mintLink('eva', terms);
		const cookie = access.openSession('eva', terms);
		expect(access.personOf(link, nowMs)).toBeUndefined();
		expect(access.useLink(cookie, nowMs)).toBeUndefined();
	});
});

describe('the sign-in database', () => {
	let folder: Awaited<ReturnType<typeof temporaryFolder>>;
	let path: string;
	beforeEach(async () => {
		folder = await temporaryFolder();
		path = `${folder.path}/made for it/access.sqlite`;
	});
	afterEach(() => folder.remove());

	test('links and sessions outlive a restart, and so does what was revoked', () => {
		const before = sqliteAccess(path);
		const link = before.mintLink('eva', terms);
		const cookie = before.openSession('eva', terms);
		const revoked = before.mintLink('adam', terms);
		before.revokeLinks('adam');
		before.close();
		const after = sqliteAccess(path);
		expect(after.useLink(link, nowMs)).toBe('eva');
		expect(after.personOf(cookie, nowMs)).toBe('eva');
		expect(after.useLink(revoked, nowMs)).toBeUndefined();
		after.close();
	});

	test('no secret is in its files', async () => {
		const access = sqliteAccess(path);
		const secrets = [access.mintLink('eva', terms), access.openSession('eva', terms)];
		for (const name of await readdir(`${folder.path}/made for it`)) {
			const content = await readFile(`${folder.path}/made for it/${name}`);
			for (const secret of secrets) {
				expect(content.includes(secret)).toBe(false);
				expect(content.includes(Buffer.from(secret, 'base64url'))).toBe(false);
			}
		}
		access.close();
	});

	test('[B1] what has expired is swept out', () => {
		const access = sqliteAccess(path);
		for (const personId of ['eva', 'adam']) {
			access.mintLink(personId, terms);
			access.openSession(personId, terms);
		}
		const later = { nowMs: nowMs + 60_000, expiresAtMs: nowMs + 120_000 };
		access.mintLink('eva', later);
		access.openSession('eva', later);
		access.close();
		const database = new DatabaseSync(path);
		for (const table of ['link', 'session'])
			expect(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()).toEqual({ count: 1 });
		database.close();
	});

	test('one that an earlier Ycord has written keeps its links, and takes what is new', () => {
		const before = sqliteAccess(path);
		const secret = before.mintLink('eva', terms);
		before.close();
		const database = new DatabaseSync(path);
		database.exec('DROP TABLE gateway_agent; DROP TABLE account; DROP TABLE welcome; PRAGMA user_version = 1');
		database.close();
		const access = sqliteAccess(path);
		expect(access.useLink(secret, nowMs)).toBe('eva');
		access.agents.map({ gateway: 'twilio', name: '1000', personId: 'ann', byId: 'adam', atMs: nowMs });
		expect(access.agents.personOf('twilio', '1000')).toBe('ann');
		access.close();
	});

	test('one written by a newer Ycord is not opened, and the message says so', () => {
		sqliteAccess(path).close();
		const database = new DatabaseSync(path);
		database.exec('PRAGMA user_version = 7');
		database.close();
		expect(() => sqliteAccess(path)).toThrow(
			/access\.sqlite has the schema version 7, .* knows up to 3: a newer Ycord/,
		);
	});
});

describe('platforms’ names for agents', () => {
	const row = { gateway: 'twilio', name: '1000', personId: 'ann', byId: 'adam', atMs: nowMs };
	test('mean whom they were last said to mean, each gateway for itself, letter by letter', () => {
		const { agents, close } = sqliteAccess(':memory:');
		agents.map(row);
		agents.map({ ...row, personId: 'abe', byId: 'ada', atMs: nowMs + 1 });
		agents.map({ ...row, gateway: 'audiofork' });
		expect(agents.personOf('twilio', '1000')).toBe('abe');
		expect(agents.personOf('audiofork', '1000')).toBe('ann');
		expect([agents.personOf('twilio', '1000 '), agents.personOf('siprec', '1000')]).toEqual([undefined, undefined]);
		expect(agents.all()).toEqual([
			{ ...row, gateway: 'audiofork' },
			{ ...row, personId: 'abe', byId: 'ada', atMs: nowMs + 1 },
		]);
		expect([agents.unmap('twilio', '1000'), agents.unmap('twilio', '1000')]).toEqual([true, false]);
		expect(agents.personOf('twilio', '1000')).toBeUndefined();
		close();
	});
	test('[B1] have a limit, which is refused by name; one that is there can still be changed', () => {
		const { agents, close } = sqliteAccess(':memory:');
		for (let n = 0; n < maxMappedAgents; n++) agents.map({ ...row, name: `${n}` });
		expect(() => agents.map({ ...row, name: 'one more' })).toThrow('5000 agents are mapped');
		agents.map({ ...row, name: '7', personId: 'abe' });
		expect(agents.personOf('twilio', '7')).toBe('abe');
		close();
	});
});

describe('service keys', () => {
	let access: Access;
	beforeEach(() => {
		access = sqliteAccess(':memory:');
	});
	afterEach(() => access.close());

	test('a key is for what it was made for, says when it was used, and is good for nothing once it is taken away', () => {
		const { services } = access;
		const key = services.make('payments', ['protection'], nowMs);
		expect(key).toMatch(/^ycord_[A-Za-z0-9_-]{43}$/);
		expect(services.use(key, nowMs + 120_000)).toEqual({
			id: 1,
			name: 'payments',
			scopes: ['protection'],
			madeMs: nowMs,
		});
		expect(services.all()).toMatchObject([{ id: 1, usedMs: nowMs + 120_000 }]);
		expect(JSON.stringify(services.all())).not.toContain(key.slice(6));
		expect([services.remove(1), services.remove(1)]).toEqual([true, false]);
		expect(services.use(key, nowMs)).toBeUndefined();
	});

	test('two keys of one name are good at once, so that one can follow the other', () => {
		const { services } = access;
		const keys = [services.make('crm', ['protection'], nowMs), services.make('crm', ['protection'], nowMs)];
		expect(keys.map((key) => services.use(key, nowMs)?.name)).toEqual(['crm', 'crm']);
		services.remove(1);
		expect(keys.map((key) => services.use(key, nowMs)?.name)).toEqual([undefined, 'crm']);
	});

	test('what was never a key is none; there is a limit [B1]', () => {
		const { services } = access;
		const wrong = ['', 'ycord_', `ycord_${'A'.repeat(43)}`, 'A'.repeat(100_000), "ycord_' OR 1=1 --"];
		expect(wrong.map((key) => services.use(key, nowMs))).toEqual(wrong.map(() => undefined));
		for (let n = 0; n < maxServiceKeys; n++) services.make('crm', ['protection'], nowMs);
		expect(() => services.make('crm', ['protection'], nowMs)).toThrow('as many service keys as there can be');
	});
});
