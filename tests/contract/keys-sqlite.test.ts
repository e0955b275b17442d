import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteKeys } from '#server/keys/keys-sqlite.ts';
import { keysContract } from '#tests/contract/keys.contract.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const holds = (folder: string, text: string) =>
	readdirSync(folder).some((file) => readFileSync(join(folder, file)).includes(text));

keysContract('sqlite', async () => {
	const { path, remove } = await temporaryFolder();
	return {
		open: () => sqliteKeys(join(path, 'keys.sqlite')),
		holds: async (text) => holds(path, text),
		remove,
	};
});

test('[X2] a key that is being read while it is destroyed is refused by name, and gone from the disk at the next try', async () => {
	const { path, remove } = await temporaryFolder();
	onTestFinished(remove);
	const keys = await sqliteKeys(join(path, 'keys.sqlite'));
	await keys.keep('twilio-1', 'the key of this call');
	const reader = new DatabaseSync(join(path, 'keys.sqlite'));
	reader.exec('BEGIN; SELECT * FROM key');
	await expect(keys.destroy('twilio-1')).rejects.toMatchObject({ code: 'journal.unavailable' });
	expect(await keys.find('twilio-1')).toBeUndefined();
	expect(holds(path, 'the key of this call')).toBe(true);
	reader.exec('COMMIT');
	reader.close();
	await keys.destroy('twilio-1');
	expect(holds(path, 'the key of this call')).toBe(false);
	await keys.close();
}, 20_000);

test('a key store written by a newer Ycord is not opened, and the message says so', async () => {
	const { path, remove } = await temporaryFolder();
	onTestFinished(remove);
	await (await sqliteKeys(join(path, 'keys.sqlite'))).close();
	const database = new DatabaseSync(join(path, 'keys.sqlite'));
	database.exec('PRAGMA user_version = 2');
	database.close();
	await expect(sqliteKeys(join(path, 'keys.sqlite'))).rejects.toThrow(
		/schema version 2, .* knows up to 1: a newer Ycord/,
	);
});

test('nothing in a key store can be brought back or removed by way of SQL', async () => {
	const { path, remove } = await temporaryFolder();
	onTestFinished(remove);
	const keys = await sqliteKeys(join(path, 'keys.sqlite'));
	await keys.keep('twilio-1', 'the key of this call');
	await keys.destroy('twilio-1');
	await keys.close();
	const database = new DatabaseSync(join(path, 'keys.sqlite'));
	expect(() => database.exec('DELETE FROM key')).toThrow('leaves its mark');
	expect(() => database.exec("UPDATE key SET wrapped = 'another', destroyed = 0")).toThrow('does not come back');
	database.close();
});
