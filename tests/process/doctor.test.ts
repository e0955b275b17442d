import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '#server/config.ts';
import { gatewayEntries } from '#server/gateway-entries.ts';
import { openHouse, testPeople } from '#tests/support/house.ts';
import { spawned } from '#tests/support/spawned.ts';

const bin = fileURLToPath(new URL('../../server/cli/ycord.mjs', import.meta.url));
const path = { PATH: process.env.PATH ?? '' };
const key = 'a-key-of-audio-forks';
const env = { YCORD_AUDIO_FORK_KEY: key, YCORD_PUBLIC_URL: 'https://ycord.example.com' };

function folder() {
	const data = mkdtempSync(join(tmpdir(), 'ycord-doctor-'));
	onTestFinished(() => rmSync(data, { recursive: true, force: true }));
	return data;
}
const doctor = (data: string, args: readonly string[], more: Record<string, string> = {}) =>
	spawned([bin, 'doctor', '--data', data, '--port', '0', ...args], { ...path, ...more }).ended;

describe('ycord doctor, with the server that runs', () => {
	async function running() {
		const data = folder();
		const people = join(data, 'people.json');
		writeFileSync(people, JSON.stringify({ people: testPeople }));
		const server = spawned([bin, 'start', '--port', '0', '--data', data, '--people', people], { ...path, ...env });
		onTestFinished(() => void server.process.kill('SIGKILL'));
		await server.says('Ycord is on the line');
		return data;
	}
	test('says how each gateway stands, what to give to its platform, and no secret; and makes a test call', async () => {
		const data = await running();
		const { code, out, err } = await doctor(data, []);
		expect({ code, err }).toEqual({ code: 0, err: '' });
		expect(out).toContain('A server runs here since 20');
		expect(out).toContain('jambonz and FreeSWITCH (audio fork) (audiofork): ready, never heard from');
		expect(out).toContain('wss://ycord.example.com/telephony/audio-fork');
		expect(out).toContain(
			'given: YCORD_AUDIO_FORK_KEY; not given: YCORD_AUDIO_FORK_KEY_SECONDARY, YCORD_AUDIO_FORK_AGENT',
		);
		expect(out).toContain('Twilio Media Streams (twilio): not set up');
		expect(out).toContain('Nothing is wrong.');
		expect(out).not.toContain(key);

		const tested = await doctor(data, ['--test', 'audiofork', '--json']);
		const found = JSON.parse(tested.out);
		expect(found.tests).toMatchObject([{ name: 'audiofork', result: { sentMs: 3000, order: 'right' } }]);
		// How well it was heard is the machine's to say; the exit code says the same.
		expect(tested.code).toBe(found.tests[0].result.passed ? 0 : 1);

		const none = await doctor(data, ['--test', 'nothing']);
		expect(none.code).toBe(2);
		expect(none.err).toMatch(/^ycord: there is no gateway nothing; there are .*audiofork/);
	});
});

describe('ycord doctor, while no server runs', () => {
	test('says what a start would have, and that a test call needs the server', async () => {
		const { code, out } = await doctor(folder(), [], { ...env, YCORD_VONAGE_KEY: key });
		expect(code).toBe(0);
		expect(out).toContain('No server runs on this data folder.');
		expect(out).toContain('(audiofork): set up');
		expect(out).toContain('set YCORD_TWILIO_AUTH_TOKEN to switch it on');
		expect(out).toContain('set YCORD_ALLOW_AUDIBLE to switch it on');
		const tested = await doctor(folder(), ['--test'], env);
		expect([tested.code, tested.out]).toEqual([1, expect.stringContaining('A test call needs the server')]);
	});
	test('says which setting is wrong', async () => {
		const { code, out } = await doctor(folder(), [], { YCORD_TWILIO_API: 'ftp://x' });
		expect([code, out]).toEqual([1, expect.stringMatching(/^One thing is wrong:\n {2}YCORD_TWILIO_API: given/)]);
	});
	test('says that addresses lead nowhere, that the folder cannot be written, and that the port is taken', async () => {
		const blocked = join(folder(), 'file');
		writeFileSync(blocked, '');
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
		onTestFinished(() => void other.close());
		const { port } = other.address() as { port: number };
		const args = [bin, 'doctor', '--data', join(blocked, 'data'), '--port', String(port), '--json'];
		const { code, out } = await spawned(args, { ...path, YCORD_AUDIO_FORK_KEY: key }).ended;
		expect(code).toBe(1);
		expect(JSON.parse(out).problems).toEqual([
			expect.stringContaining('is no folder'),
			`Port ${port} of 127.0.0.1 is taken by another program.`,
			expect.stringContaining('YCORD_PUBLIC_URL is not set'),
		]);
	});
	test('knows every gateway that the server opens', async () => {
		const app = await openHouse();
		const known = gatewayEntries(readConfig({}, {}), () => 'http://127.0.0.1').map(({ name }) => name);
		expect(known.sort()).toEqual(
			app.desk
				.all()
				.map(({ entry }) => entry.name)
				.sort(),
		);
	});
});
