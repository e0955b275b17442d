import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Access } from '#server/access/access.ts';
import { sqliteAccess } from '#server/access/access-sqlite.ts';
import { mustBeApart, people } from '#server/access/people.ts';
import { peopleDesk, welcomeMs } from '#server/access/people-desk.ts';
import type { Person } from '#shared/people.ts';
import { codeOf } from '#tests/support/given.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const nowMs = 1_763_826_000_000;
const eva: Person = { id: 'eva', name: 'Eva', role: 'executive', team: 'Leadership' };
const adam: Person = { id: 'adam', name: 'Adam', role: 'administrator', team: 'Operations' };
const secretOf = (path: string) => path.replace('/welcome/', '');

let access: Access;
beforeEach(() => {
	access = sqliteAccess(':memory:');
});
afterEach(() => access.close());
const deskOf = (listed: Person[] = []) => peopleDesk({ access, listed, now: () => nowMs });
const terms = () => ({ nowMs, expiresAtMs: nowMs + 60_000 });

test('a new person has a link, good for a day and used up once, and is known at once', () => {
	const { path } = deskOf().add(eva);
	expect(people([adam], access.accounts).find('eva')).toEqual(eva);
	expect(people([adam], access.accounts).withRole('executive')).toEqual([eva]);
	expect(access.welcome(secretOf(path), nowMs + welcomeMs)).toBeUndefined();
	expect([1, 2].map(() => access.welcome(secretOf(path), nowMs))).toEqual(['eva', 'eva']);
	expect([1, 2].map(() => access.useWelcome(secretOf(path), nowMs))).toEqual(['eva', undefined]);
	// And it is no sign-in link.
	expect(access.useLink(secretOf(deskOf().reset('eva').path), nowMs)).toBeUndefined();
});

test('nobody is two people: an id that somebody has, with an account or in the file, is refused', () => {
	deskOf().add(eva);
	expect(codeOf(() => deskOf().add({ ...adam, id: 'eva' }))).toBe('people.exists');
	expect(codeOf(() => deskOf([adam]).add(adam))).toBe('people.exists');
	expect(() => mustBeApart([{ ...adam, id: 'eva' }], access.accounts)).toThrow('“eva” stands there and has an account');
	expect(() => mustBeApart([adam], access.accounts)).not.toThrow();
});

test('who is disabled has no session, no link and no welcome any more, and is nobody until enabled again', () => {
	const { path } = deskOf().add(eva);
	access.accounts.setSecrets('eva', { password: 'kept' });
	const session = access.openSession('eva', terms());
	const link = access.mintLink('eva', terms());
	deskOf().disable('eva');
	expect([
		access.personOf(session, nowMs),
		access.useLink(link, nowMs),
		access.welcome(secretOf(path), nowMs),
		access.accounts.find('eva'),
		access.accounts.secrets('eva'),
	]).toEqual([undefined, undefined, undefined, undefined, undefined]);
	deskOf().enable('eva');
	expect([access.accounts.find('eva'), access.accounts.secrets('eva')]).toEqual([eva, { password: 'kept' }]);
	expect(access.personOf(session, nowMs)).toBeUndefined();
});

test('who is reset has to choose password and authenticator anew, by the newest link only', () => {
	const first = deskOf().add(eva).path;
	access.accounts.setSecrets('eva', { password: 'kept', codeSecret: new Uint8Array(20) });
	expect(deskOf().list().people).toMatchObject([{ hasPassword: true, hasCode: true, disabled: false }]);
	const session = access.openSession('eva', terms());
	const second = deskOf().reset('eva').path;
	expect(access.welcome(secretOf(first), nowMs)).toBeUndefined();
	expect(access.welcome(secretOf(second), nowMs)).toBe('eva');
	expect(access.personOf(session, nowMs)).toBeUndefined();
	expect(access.accounts.secrets('eva')).toBeUndefined();
	expect(deskOf().list().people).toMatchObject([{ hasPassword: false, hasCode: false }]);
});

test('whose role or team is changed is signed out, and is somebody else from then on', () => {
	deskOf().add(eva);
	const session = access.openSession('eva', terms());
	expect(deskOf().change({ id: 'eva', role: 'supervisor', team: 'Orders' })).toEqual({
		...eva,
		role: 'supervisor',
		team: 'Orders',
	});
	expect(access.personOf(session, nowMs)).toBeUndefined();
	expect(access.accounts.find('eva')?.role).toBe('supervisor');
});

test('who is listed in the file is changed there, and who is nowhere is refused by name', () => {
	const desk = deskOf([adam]);
	for (const ask of [desk.disable, desk.enable, desk.reset, (id: string) => desk.change({ id, team: 'x' })]) {
		expect(codeOf(() => ask('adam'))).toBe('people.listed');
		expect(codeOf(() => ask('nobody'))).toBe('people.unknown');
	}
});

test('a step of an authenticator is taken once, and none before it after it', () => {
	deskOf().add(eva);
	access.accounts.setSecrets('eva', { password: 'kept', codeSecret: new Uint8Array(20) });
	expect([10, 10, 9, 11, 10].map((step) => access.accounts.takeStep('eva', step))).toEqual([
		true,
		false,
		false,
		true,
		false,
	]);
});

test('accounts outlive a restart; a database from before there were any takes them', async () => {
	const folder = await temporaryFolder();
	const path = `${folder.path}/access.sqlite`;
	sqliteAccess(path).close();
	const database = new DatabaseSync(path);
	database.exec('DROP TABLE account; DROP TABLE welcome; PRAGMA user_version = 2');
	database.close();
	const before = sqliteAccess(path);
	peopleDesk({ access: before, listed: [], now: () => nowMs }).add(eva);
	before.accounts.setSecrets('eva', { password: 'kept', codeSecret: new Uint8Array([1, 2, 3]) });
	before.accounts.takeStep('eva', 7);
	before.accounts.add(adam, nowMs);
	before.accounts.setDisabled('adam', true);
	before.close();
	const after = sqliteAccess(path);
	expect(after.accounts.find('eva')).toEqual(eva);
	expect(after.accounts.secrets('eva')).toEqual({ password: 'kept', codeSecret: new Uint8Array([1, 2, 3]) });
	expect([after.accounts.takeStep('eva', 7), after.accounts.find('adam')]).toEqual([false, undefined]);
	after.close();
	await folder.remove();
});
