import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadRecording, loadScenes, recordingOf, shippedRecording } from '#server/telephony/rehearsal/recording.ts';
import { tone, toneSamples } from '#tests/support/tone.ts';
import { wavFile } from '#tests/support/wav.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'ycord-recording-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: string | Buffer) => {
	writeFileSync(join(folder, name), content);
	return join(folder, name);
};
const wav = (hz: number, ms: number) => wavFile({ channels: [toneSamples(hz, ms)] });
const pair = () => ({ customer: put('customer.wav', wav(440, 1000)), agent: put('agent.wav', wav(880, 1000)) });

describe('a recorded call', () => {
	test('is as long as its longer party, in whole frames, and silent where one is over', () => {
		const { customer, agent, frames, scenes } = recordingOf('A call', {
			customer: tone(440, 1001),
			agent: tone(880, 300),
		});
		expect([frames, customer.length, agent.length]).toEqual([51, 8160, 8160]);
		expect([...agent.subarray(2400)].every((byte) => byte === 0xff)).toBe(true);
		expect(scenes).toEqual([{ name: 'A call', startMs: 0, endMs: 1020 }]);
	});

	test('is loaded from anyone’s own pair of files', async () => {
		const { customer, agent } = await loadRecording(pair());
		expect(Buffer.compare(customer, tone(440, 1000))).toBe(0);
		expect(Buffer.compare(agent, tone(880, 1000))).toBe(0);
	});

	test.each([
		['that is not there', () => join(folder, 'none.wav'), 'no such file'],
		[
			'that is a folder',
			() => {
				mkdirSync(join(folder, 'dir.wav'));
				return join(folder, 'dir.wav');
			},
			'a folder, not a file',
		],
		['that is a device', () => '/dev/zero', 'not an ordinary file'],
		['that is no WAV', () => put('bad.wav', 'hello'), 'not a WAV file (starts with “hell”)'],
		[
			'that is too large',
			() => {
				truncateSync(put('big.wav', ''), 200_000_001);
				return join(folder, 'big.wav');
			},
			'larger than 200 MB',
		],
	])('is refused with the name of a file %s', async (_what, bad, text) => {
		const { customer, agent } = pair();
		const path = bad();
		const refusal = { code: 'wav.unreadable', message: `${path}: ${text}` };
		await expect(loadRecording({ customer: path, agent })).rejects.toMatchObject(refusal);
		await expect(loadRecording({ customer, agent: path })).rejects.toMatchObject(refusal);
	});
});

describe('scenes', () => {
	const scene = (change: object = {}) => ({ name: 'one', startMs: 0, endMs: 1000, ...change });
	const scenes = (...all: object[]) => JSON.stringify({ version: 1, title: 'A call', scenes: all });

	test('are read with their title and holds', async () => {
		pair();
		const held = [{ startMs: 200, endMs: 400 }];
		put('scenes.json', scenes(scene({ endMs: 500, held, turns: [] }), scene({ name: 'two', startMs: 500 })));
		const recording = await loadScenes(folder);
		expect(recording.title).toBe('A call');
		expect(recording.scenes.map(({ name }) => name)).toEqual(['one', 'two']);
		expect(recording.scenes[0]?.held).toEqual(held);
	});

	test('bring the customer’s answers to an executive, cut from their own file', async () => {
		pair();
		put('replies.wav', wav(300, 100));
		const replies = [
			{ startMs: 0, endMs: 40, text: 'Four.' },
			{ startMs: 40, endMs: 100, text: 'Yes.' },
		];
		put('scenes.json', JSON.stringify({ version: 1, title: 'A call', scenes: [scene()], replies }));
		const recording = await loadScenes(folder);
		expect(recording.replies.map(({ length }) => length)).toEqual([320, 480]);
		put(
			'scenes.json',
			JSON.stringify({ version: 1, title: '', scenes: [scene()], replies: [{ startMs: 80, endMs: 120 }] }),
		);
		await expect(loadScenes(folder)).rejects.toMatchObject({ code: 'wav.unreadable' });
	});

	test.each([
		['no JSON', '{', /scenes\.json: not JSON/],
		['of another version', JSON.stringify({ version: 2, title: '', scenes: [scene()] }), /scenes\.json: \/version /],
		['that are none', scenes(), /scenes\.json: \/scenes /],
		['between frames', scenes(scene({ startMs: 30 })), /scenes\.json: \/scenes\/0\/startMs /],
		['beyond the sound', scenes(scene({ endMs: 1020 })), /the scene “one” is not within the recording/],
		['that end before they begin', scenes(scene({ startMs: 600, endMs: 400 })), /the scene “one” is not within/],
		[
			'with a hold outside',
			scenes(scene({ endMs: 500, held: [{ startMs: 400, endMs: 600 }] })),
			/a hold of the scene “one”/,
		],
	])('%s are refused', async (_what, text, message) => {
		pair();
		put('scenes.json', text);
		await expect(loadScenes(folder)).rejects.toMatchObject({
			code: 'wav.unreadable',
			message: expect.stringMatching(message),
		});
	});

	test('come with Ycord: some three minutes of two parties, with a hold', async () => {
		const { frames, customer, agent, scenes, replies } = await shippedRecording();
		expect(replies.length).toBeGreaterThan(4);
		expect(frames).toBeGreaterThan(7500);
		for (const leg of [customer, agent]) expect(leg.some((byte) => byte !== 0xff && byte !== 0x7f)).toBe(true);
		expect(scenes.length).toBeGreaterThan(1);
		expect(scenes.flatMap(({ held = [] }) => held).length).toBeGreaterThan(0);
		expect(scenes.at(-1)?.endMs).toBe(frames * 20);
	});
});
