import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fingerprintOf } from '#server/keys/master-key.ts';
import { testPeople } from '#tests/support/house.ts';
import { spawned } from '#tests/support/spawned.ts';

const bin = fileURLToPath(new URL('../../server/cli/ycord.mjs', import.meta.url));
const fixture = fileURLToPath(new URL('../fixtures/journal-0.1', import.meta.url));
const path = { PATH: process.env.PATH ?? '' };
const newKey = Buffer.alloc(32, 7).toString('base64');

/** A data folder with a journal of two calls, of which one is erased. */
function dataFolder() {
	const data = mkdtempSync(join(tmpdir(), 'ycord-keys-'));
	onTestFinished(() => rmSync(data, { recursive: true, force: true }));
	cpSync(fixture, data, { recursive: true });
	return { data, ownKey: readFileSync(join(data, 'master.key'), 'utf8').trim() };
}

function ycord(args: readonly string[], env: Record<string, string> = {}, answer = '') {
	const running = spawned([bin, ...args], { ...path, ...env });
	running.process.stdin.end(answer);
	return running.ended;
}

/** A server on that folder, until the test is over or it is told to stop. */
async function serverOn(data: string, env: Record<string, string> = {}) {
	const people = join(data, 'people.json');
	writeFileSync(people, JSON.stringify({ people: testPeople }));
	const running = spawned([bin, 'start', '--port', '0', '--data', data, '--people', people], { ...path, ...env });
	onTestFinished(() => void running.process.kill('SIGKILL'));
	await running.says('Ycord is on the line');
	return {
		async stop() {
			running.process.kill('SIGINT');
			return running.ended;
		},
	};
}

describe('ycord erase', () => {
	test('[L3] erases a call while no server runs, says what is left, and again that it was done', async () => {
		const { data } = dataFolder();
		const { code, out, err } = await ycord(['erase', 'twilio-CA01', '--yes', '--data', data]);
		expect({ code, err }).toEqual({ code: 0, err: '' });
		expect(out).toContain('Erased: how the call twilio-CA01 was called, and the words of its notes (2).');
		expect(out).toContain('Left on record: ');
		expect(out).toContain('Not reached: ');
		expect((await ycord(['erase', 'twilio-CA01', '--yes', '--data', data])).out).toContain('had been erased before');
		expect((await ycord(['keys', 'check', '--data', data])).out).toMatch(/destroyed +2$/m);
	});

	test('[L3] erases a call by the server that runs, and stops nothing', async () => {
		const { data } = dataFolder();
		const server = await serverOn(data);
		const { code, out, err } = await ycord(['erase', 'twilio-CA01', '--yes', '--data', data]);
		expect({ code, err }).toEqual({ code: 0, err: '' });
		expect(out).toContain('(2)');
		const { code: left, out: log } = await server.stop();
		expect(left).toBe(0);
		expect(log).toContain('the master key lies beside what it protects');
	});

	test.each([
		['n\n', 'is answered no'],
		['', 'is answered by nobody'],
	])('asks first, and erases nothing when it (%j) %s', async (answer) => {
		const { data } = dataFolder();
		const { code, out } = await ycord(['erase', 'twilio-CA01', '--data', data], {}, answer);
		expect(code).toBe(0);
		expect(out).toContain('Erase what is personal in the call twilio-CA01? It cannot be had back. [y/N]');
		expect(out).toContain('Nothing was erased.');
		expect((await ycord(['keys', 'check', '--data', data])).out).toMatch(/destroyed +1$/m);
	});

	test('erases when it is answered yes', async () => {
		const { data } = dataFolder();
		expect((await ycord(['erase', 'twilio-CA01', '--data', data], {}, 'yes\n')).out).toContain('Erased: ');
	});

	test('of a call from before anything was sealed it says that the file still holds the words', async () => {
		const { data } = dataFolder();
		for (const file of ['journal.sqlite', 'keys.sqlite', 'master.key']) rmSync(join(data, file));
		cpSync(fixture.replace('journal-0.1', 'journal-schema-1'), data, { recursive: true });
		const { code, out } = await ycord(['erase', 'twilio-CA01', '--yes', '--data', data]);
		expect(code).toBe(0);
		expect(out).toContain('Still in the journal’s file: the words of 3 events');
	});

	test('a call that there never was, and a folder without a journal, are told in one line with code 1', async () => {
		const { data } = dataFolder();
		expect(await ycord(['erase', 'twilio-CA99', '--yes', '--data', data])).toMatchObject({
			code: 1,
			out: '',
			err: 'ycord: There is no such call, or it is not yours to see.\n',
		});
		const nowhere = join(data, 'nowhere');
		expect(await ycord(['erase', 'twilio-CA01', '--yes', '--data', nowhere])).toMatchObject({
			code: 1,
			err: `ycord: There is no journal in ${nowhere}; name its folder with --data.\n`,
		});
	});
});

describe('[X3] changing the master key', () => {
	test('from the file beside the data to a setting, while no server runs', async () => {
		const { data, ownKey } = dataFolder();
		const both = { YCORD_MASTER_KEY: newKey, YCORD_MASTER_KEY_OLD_FILE: join(data, 'master.key') };
		const done = await ycord(['keys', 'rotate', '--data', data], both);
		expect(done).toMatchObject({ code: 0, err: '' });
		expect(done.out).toMatch(
			/^1 keys were wrapped anew in \d+\.\d s, \d+ a second\. The master key [0-9a-f]{8} now wraps 1/,
		);
		const alone = await ycord(['keys', 'check', '--data', data], { YCORD_MASTER_KEY: newKey });
		expect(alone).toMatchObject({ code: 0, err: '' });
		expect(alone.out).toContain(`Master key ${fingerprintOf(newKey)}\n`);
		expect(alone.out).toMatch(/keys that it wraps +1\n.*old one 0\n.*neither opens +0\n/);
		const old = await ycord(['keys', 'check', '--data', data], { YCORD_MASTER_KEY: ownKey });
		expect(old.code).toBe(1);
		expect(old.err).toMatch(/^ycord: The master key in YCORD_MASTER_KEY .* does not open the store .*\n$/);
	});

	test('while the server runs with both: then the old one is not needed any more', async () => {
		const { data, ownKey } = dataFolder();
		const both = { YCORD_MASTER_KEY: newKey, YCORD_MASTER_KEY_OLD: ownKey };
		const server = await serverOn(data, both);
		expect((await ycord(['keys', 'rotate', '--data', data], both)).out).toMatch(/^1 keys were wrapped anew/);
		expect((await ycord(['keys', 'rotate', '--data', data], both)).out).toMatch(/^0 keys were wrapped anew/);
		await server.stop();
		await (await serverOn(data, { YCORD_MASTER_KEY: newKey })).stop();
	});

	test('a server that runs with the old one alone is told apart, and nothing is changed', async () => {
		const { data, ownKey } = dataFolder();
		const server = await serverOn(data, { YCORD_MASTER_KEY: ownKey });
		const both = { YCORD_MASTER_KEY: newKey, YCORD_MASTER_KEY_OLD: ownKey };
		const { code, err } = await ycord(['keys', 'rotate', '--data', data], both);
		expect(code).toBe(1);
		expect(err).toContain(
			`The server runs with the master key ${fingerprintOf(ownKey)}, and YCORD_MASTER_KEY is ${fingerprintOf(newKey)}.`,
		);
		await server.stop();
		expect((await ycord(['keys', 'check', '--data', data])).code).toBe(0);
	});

	test('a wrong master key stops the start with one line, without a stack', async () => {
		const { data } = dataFolder();
		const { code, out, err } = await ycord(['start', '--port', '0', '--data', data], { YCORD_MASTER_KEY: newKey });
		expect({ code, out }).toEqual({ code: 1, out: '' });
		expect(err).toMatch(/^ycord: The master key in YCORD_MASTER_KEY \([0-9a-f]{8}\) does not open .*\n$/);
		expect(err).not.toContain(newKey);
	});
});
