import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testPeople } from '#tests/support/house.ts';
import { spawned } from '#tests/support/spawned.ts';

const bin = fileURLToPath(new URL('../../server/cli/ycord.mjs', import.meta.url));
const path = { PATH: process.env.PATH ?? '' };
const password = 'a quiet splitter cable';

function folder() {
	const data = mkdtempSync(join(tmpdir(), 'ycord-people-'));
	onTestFinished(() => rmSync(data, { recursive: true, force: true }));
	return data;
}
const people = (data: string, ...args: string[]) => spawned([bin, 'people', ...args, '--data', data], path).ended;
const olga = ['olga', '--name', 'Olga Orders', '--role=executive', '--team', 'Leadership'];

/** A server on that folder; what it printed, and how to stop it. */
async function serverOn(data: string, ...args: string[]) {
	const running = spawned([bin, 'start', '--port', '0', '--data', data, ...args], path);
	onTestFinished(() => void running.process.kill('SIGKILL'));
	let out = '';
	running.process.stdout.on('data', (text) => {
		out += text;
	});
	await running.says('Ycord is on the line');
	const address = /on the line at (http:\S+)/.exec(out)?.[1] ?? '';
	const post = async (url: string, body: object) => {
		const headers = { 'content-type': 'application/json' };
		const answer = await fetch(`${address}${url}`, { method: 'POST', headers, body: JSON.stringify(body) });
		return (await answer.json()) as { code?: string; person?: { id: string } };
	};
	const stop = () => {
		running.process.kill('SIGINT');
		return running.ended;
	};
	return { says: running.says, out: () => out, post, stop };
}
const secretIn = (text: string) => /\/welcome\/([\w-]{43})$/m.exec(text)?.[1] ?? '';

describe('ycord people', () => {
	test('adds, lists, changes, disables, enables and resets people while no server runs, in a new folder too', async () => {
		const data = join(folder(), 'new');
		expect((await people(data, 'list')).out).toContain('Nobody is known here yet');
		const added = await people(data, 'add', ...olga);
		expect([added.code, added.err]).toEqual([0, '']);
		expect(added.out).toMatch(
			/^olga is known here now, as executive\. .*once, within a day:\nhttp:\/\/127\.0\.0\.1:8080\/welcome\/[\w-]{43}\n$/,
		);
		expect((await people(data, 'change', 'olga', '--team', 'Board')).out).toContain(
			'olga is Olga Orders, executive, team Board',
		);
		expect((await people(data, 'disable', 'olga')).out).toBe(
			'olga has been signed out everywhere and cannot sign in any more.\n',
		);
		expect((await people(data, 'list')).out).toMatch(/^olga {2}Olga Orders {2}executive {2}Board {2}disabled\n$/);
		expect((await people(data, 'enable', 'olga')).out).toBe('olga can sign in again.\n');
		expect(secretIn((await people(data, 'reset', 'olga')).out)).not.toBe('');
		expect(statSync(join(data, 'access.sqlite')).mode & 0o077).toBe(0);
	});

	test('does the same by the server that runs, at once; its own link opens, and what is refused is one line', async () => {
		const data = folder();
		const file = join(data, 'people.json');
		writeFileSync(file, JSON.stringify({ people: testPeople }));
		const server = await serverOn(data, '--people', file);
		expect(server.out()).not.toContain('/welcome/');
		const secret = secretIn((await people(data, 'add', ...olga)).out);
		expect((await server.post('/api/welcome/password', { secret, password })).person?.id).toBe('olga');
		const signIn = () => server.post('/api/sign-in/password', { name: 'olga', password });
		expect((await signIn()).person?.id).toBe('olga');
		expect((await people(data, 'list')).out).toMatch(/^olga .* password\n(.* in the people’s file\n){7}$/);
		await people(data, 'disable', 'olga');
		expect((await signIn()).code).toBe('access.wrong');
		const refused = await people(data, 'disable', 'ann');
		expect([refused.code, refused.out, refused.err]).toEqual([
			1,
			'',
			'ycord: ann is listed in the people’s file (YCORD_PEOPLE), and is changed there.\n',
		]);
		await server.stop();
	});

	test('a first start without people prints one link for its administrator, that works and is printed no more', async () => {
		const data = folder();
		const server = await serverOn(data);
		await server.says('chooses a password here');
		const secret = secretIn(server.out());
		const { person } = await server.post('/api/welcome/password', { secret, password });
		expect(person).toMatchObject({ id: 'administrator', role: 'administrator' });
		await server.stop();
		const again = await serverOn(data);
		expect((await again.post('/api/sign-in/password', { name: 'administrator', password })).person?.id).toBe(
			'administrator',
		);
		expect(again.out()).not.toContain('/welcome/');
		await again.stop();
	});

	test.each([
		[[], 'people takes one of add, list, change, disable, enable, reset, given ""'],
		[['remove', 'olga'], 'given "remove"'],
		[['add'], 'people add takes one person, by id'],
		[['list', 'olga'], 'people list takes nothing more'],
		[['add', 'olga', '--name', 'Olga'], 'people add takes --name, --role and --team'],
		[['add', 'olga', '--name', 'Olga', '--role', 'boss', '--team', 'x'], '--role is one of agent, executive'],
		[['disable', 'olga', '--team', 'x'], 'people disable takes no team'],
		[['change', 'olga'], 'people change takes --name, --role or --team'],
	])('%j is not understood, and the answer says what is', async (args, says) => {
		const { code, out, err } = await people(folder(), ...args);
		expect([code, out]).toEqual([2, '']);
		expect(err).toContain(says);
	});

	test('an id that no person can have is refused in words', async () => {
		const { code, err } = await people(folder(), 'add', 'Olga O', '--name', 'Olga', '--role', 'agent', '--team', 'x');
		expect(code).toBe(1);
		expect(err).toContain('id');
	});
});
