import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openHouse, twilioToken } from '#tests/support/house.ts';
import { spawned } from '#tests/support/spawned.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { toneSamples } from '#tests/support/tone.ts';
import { wavFile } from '#tests/support/wav.ts';

const program = fileURLToPath(new URL('../peers/peer.ts', import.meta.url));
const forkKey = 'a-key-for-forks';

function peer(...args: string[]) {
	const running = spawned([program, ...args], {});
	onTestFinished(() => void running.process.kill('SIGKILL'));
	return running;
}

/** A WAV of two voices, or of one. */
async function wavOf(ms: number, rate: number, ...hz: number[]): Promise<string> {
	const folder = await temporaryFolder();
	onTestFinished(folder.remove);
	const path = join(folder.path, 'call.wav');
	await writeFile(path, wavFile({ rate, channels: hz.map((one) => toneSamples(one, ms, { rate })) }));
	return path;
}

test('a WAV is played as calls of the platform that was named, side by side, and they are hung up at its end', async () => {
	const app = await openHouse({ YCORD_AUDIO_FORK_KEY: forkKey });
	const wav = await wavOf(200, 16_000, 5000, 6000);
	const { code, out, err } = await peer('audiofork', '--wav', wav, '--to', app.address(), '--key', forkKey, '--calls=2')
		.ended;
	expect({ code, err }).toEqual({ code: 0, err: '' });
	const begun = [...out.matchAll(/^(audiofork-\S+) is on$/gm)].map(([, callId]) => callId as string);
	expect(begun).toHaveLength(2);
	expect(out).toContain('2 calls hung up');
});

test('Asterisk is played where Ycord looks for it, and Ycord comes', async () => {
	const free = createServer().listen(0, '127.0.0.1');
	await once(free, 'listening');
	const { port } = free.address() as AddressInfo;
	free.close();
	const env = { YCORD_ASTERISK_USER: 'ycord', YCORD_ASTERISK_PASSWORD: 'any', YCORD_ASTERISK_MEDIA_KEY: forkKey };
	const app = await openHouse({ ...env, YCORD_ASTERISK_URL: `http://127.0.0.1:${port}` });
	const wav = await wavOf(200, 8000, 440, 880);
	const to = `${app.address()}?asterisk=127.0.0.1:${port}`;
	const { code, out, err } = await peer('asterisk', '--wav', wav, '--to', to, '--key', forkKey, '--calls=2').ended;
	expect({ code, err }).toEqual({ code: 0, err: '' });
	expect(out.match(/^asterisk-\S+ is on$/gm)).toHaveLength(2);
	expect(out).toContain('2 calls hung up');
	const nowhere = await peer('asterisk', '--wav', wav, '--to', app.address(), '--key', forkKey).ended;
	expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('does not say where Asterisk is to be')]);
});

test('what is lost of a running peer, its words say: the call that a server ends, and Ctrl-C', async () => {
	const app = await openHouse();
	const running = peer('twilio', '--to', app.address(), '--key', twilioToken, '--loop');
	await running.says('is on');
	running.process.kill('SIGINT');
	const ended = await running.ended;
	expect([ended.code, ended.err]).toEqual([0, '']);
	expect(ended.out).toMatch(/is on\ntwilio-\S+ hung up\n$/);

	const refused = await peer('twilio', '--to', app.address(), '--key', twilioToken, '--for', 'nobody').ended;
	expect(refused.code).toBe(1);
	expect(refused.out).toContain('was ended by the server: 4406 the agent named is not known here');
});

test.each([
	[[], 2, 'which platform? There are: twilio, telnyx'],
	[['twillio'], 2, 'there is no platform "twillio"; there are: twilio, telnyx'],
	[['twilio'], 2, 'Twilio Media Streams shows a key: give --key what Ycord has as YCORD_TWILIO_AUTH_TOKEN'],
	[['twilio', '--key', 'x', '--rate', '16000'], 2, '--rate 16000: Twilio Media Streams brings 8000'],
	[['twilio', '--key', 'x', '--calls', '0'], 2, '--calls 0: a number from 1 to 200'],
	[['twilio', '--key', 'x', '--customer', 'a.wav'], 2, '--customer and --agent go together'],
	[['twilio', '--key', 'x', '--wav', 'missing.wav'], 1, 'missing.wav: no such file'],
	[['twilio', '--key', 'x', '--to', 'http://127.0.0.1:1'], 1, 'nobody answers at that address'],
] as const)('a wrong word is named: %j', async (args, code, text) => {
	const ended = await peer(...args).ended;
	expect([ended.code, ended.out]).toEqual([code, '']);
	expect(ended.err).toContain(`peer: ${text}`);
	expect(ended.err).not.toMatch(/^ +at /m);
});

test('a WAV that does not fit is named with what would', async () => {
	const mono = await wavOf(100, 8000, 440);
	const one = await peer('twilio', '--key', 'x', '--wav', mono).ended;
	expect([one.code, one.err]).toEqual([1, expect.stringContaining('call.wav: it has 1 channel; 2 are needed')]);
	const narrow = await wavOf(100, 8000, 440, 880);
	const two = await peer('audiofork', '--key', 'x', '--wav', narrow).ended;
	expect(two.err).toContain('call.wav: it has 8000 samples a second; at least 16000 are needed');
});

test('a wrong key is told in the server’s words', async () => {
	const app = await openHouse({ YCORD_AUDIO_FORK_KEY: forkKey });
	const ended = await peer('audiofork', '--to', app.address(), '--key', 'wrong').ended;
	expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('(access.key-wrong)')]);
});
