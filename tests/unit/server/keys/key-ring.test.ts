import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CannotStart } from '#server/cannot-start.ts';
import { keyRing } from '#server/keys/key-ring.ts';
import { keysInMemory } from '#tests/support/keys-in-memory.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const [one, two] = [1, 2].map((fill) => Buffer.alloc(32, fill).toString('base64')) as [string, string];
async function folder() {
	const { path, remove } = await temporaryFolder();
	onTestFinished(remove);
	return path;
}
const refusedBy = (work: Promise<unknown>) => {
	const refused = work.then(
		() => undefined,
		(error) => error,
	);
	return refused.then((error) => {
		expect(error).toBeInstanceOf(CannotStart);
		return error.message as string;
	});
};

test('without a setting the first start makes a master key that only its owner reads, and the next takes it', async () => {
	const [store, data] = [keysInMemory(), await folder()];
	const first = await keyRing(store, { data });
	expect(first.keyFile).toBe(join(data, 'master.key'));
	expect(statSync(join(data, 'master.key')).mode & 0o777).toBe(0o600);
	expect((await keyRing(store, { data })).master.fingerprint).toBe(first.master.fingerprint);
	const given = readFileSync(join(data, 'master.key'), 'utf8').trim();
	expect((await keyRing(store, { data, masterKey: given })).keyFile).toBeUndefined();
});

test('a wrong master key is noticed at the start, in one line that names both and says what to do', async () => {
	const [store, data] = [keysInMemory(), await folder()];
	const { master } = await keyRing(store, { data, masterKey: one });
	const message = await refusedBy(keyRing(store, { data, masterKey: two }));
	expect(message).toContain(`is wrapped with the master key ${master.fingerprint}`);
	expect(message).toContain('YCORD_MASTER_KEY_OLD');
	expect(message).not.toContain('\n');
	expect(message).not.toContain(two);
	await keyRing(store, { data, masterKey: two, masterKeyOld: one });
});

test('a master key that is gone is not made anew where there are keys already', async () => {
	const [store, data] = [keysInMemory(), await folder()];
	await keyRing(store, { data });
	rmSync(join(data, 'master.key'));
	expect(await refusedBy(keyRing(store, { data }))).toContain('is gone. Put it back');
});

test('a key file that holds no key, or cannot be read, is told by its name', async () => {
	const [store, data] = [keysInMemory(), await folder()];
	writeFileSync(join(data, 'master.key'), 'not a key');
	expect(await refusedBy(keyRing(store, { data }))).toContain('does not hold a master key');
	rmSync(join(data, 'master.key'));
	mkdirSync(join(data, 'master.key'));
	expect(await refusedBy(keyRing(store, { data }))).toContain('cannot be read (EISDIR)');
});
