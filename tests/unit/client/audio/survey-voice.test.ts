import { describe, expect, test } from 'vitest';
import { type MicrophoneNeeds, MicrophoneRefused } from '#client/audio/microphone.ts';
import type { SurveyLineState } from '#client/audio/survey-line.ts';
import { surveyVoice } from '#client/audio/survey-voice.ts';
import { store } from '#client/live/store.ts';
import { type Codec, frameBytes } from '#shared/audio.ts';
import { quietContext } from '#tests/support/sound-parts.ts';

function person() {
	const devices: { needs: MicrophoneNeeds; open: boolean; codec: Codec }[] = [];
	const contexts = { open: 0 };
	const said: number[] = [];
	const sizes: [Codec, number][] = [];
	const lineState = store<SurveyLineState>({ at: 'connecting', droppedFrames: 0 });
	let level = 0;
	let refuse: Error | undefined;
	let lineStopped = false;
	const voice = surveyVoice({
		openContext: () => {
			contexts.open++;
			return Object.assign(quietContext(), { close: async () => void contexts.open-- });
		},
		openMic: async (_, needs) => {
			if (refuse) throw refuse;
			const device = { needs, open: true, codec: 'pcmu' as Codec };
			devices.push(device);
			return {
				level: () => level,
				mute() {},
				speak: (codec) => {
					device.codec = codec;
				},
				stop: () => {
					device.open = false;
				},
			};
		},
		openLine: () => ({
			state: lineState,
			say: (frame, codec) => {
				said.push(frame[0] as number);
				sizes.push([codec, frame.length]);
			},
			stop: () => {
				lineStopped = true;
			},
		}),
	});
	return {
		voice,
		devices,
		contexts,
		said,
		sizes,
		lineState,
		state: () => voice.state.get(),
		open: () => devices.filter((device) => device.open).length,
		speak(value: number) {
			const { needs, codec = 'pcmu' } = devices.at(-1) ?? {};
			needs?.onFrame?.(new Uint8Array(frameBytes(codec)).fill(value), codec);
		},
		loud: (next: number) => {
			level = next;
		},
		refuses: (error: Error | undefined) => {
			refuse = error;
		},
		lineStopped: () => lineStopped,
		take: () => voice.take({ path: '/p', again: async () => '/q' }),
	};
}

describe('an executive’s microphone', () => {
	test('is not asked for by itself; tried, it is connected to nothing [C2] [S2]', async () => {
		const { voice, state, devices, speak, said } = person();
		expect([state().microphone, devices.length]).toEqual(['off', 0]);
		await voice.check();
		expect(state().microphone).toBe('open');
		speak(1);
		expect([said, state().line]).toEqual([[], undefined]);
	});

	test('another one lets go of the first', async () => {
		const { voice, devices, open, contexts } = person();
		await voice.check();
		await voice.check('headset');
		expect(devices.map(({ needs }) => needs.deviceId)).toEqual([undefined, 'headset']);
		expect([open(), contexts.open]).toEqual([1, 1]);
	});

	test('that is refused says why and leaves nothing open; asked again it may be there', async () => {
		const { voice, state, refuses, contexts } = person();
		refuses(new MicrophoneRefused('denied'));
		await voice.check();
		expect(state()).toMatchObject({ microphone: 'refused', refused: 'denied', fault: expect.stringMatching(/allow/) });
		expect(contexts.open).toBe(0);
		refuses(undefined);
		await voice.check();
		expect(state()).toEqual({ microphone: 'open', muted: false, talksMuted: false });
	});

	test('given up while the browser still asked, it is let go of as soon as it comes', async () => {
		const { voice, state, open, contexts } = person();
		const asked = voice.check();
		voice.stop();
		await asked;
		expect([state().microphone, open(), contexts.open]).toEqual(['off', 0, 0]);
	});

	test('goes onto the line, muted as silence from the next frame on', async () => {
		const { voice, take, lineState, state, speak, said } = person();
		await voice.check();
		take();
		lineState.set({ at: 'live', droppedFrames: 0 });
		speak(1);
		voice.mute(true);
		speak(2);
		voice.mute(false);
		speak(3);
		expect(said).toEqual([1, 0xff, 3]);
		expect(state().line?.at).toBe('live');
	});

	test('open before the call’s codec is known, it speaks it from then on, and so does the next one', async () => {
		const { voice, take, lineState, devices, speak, sizes } = person();
		await voice.check();
		take();
		speak(1);
		lineState.set({ at: 'ready', codec: 'pcmu16', droppedFrames: 0 });
		speak(2);
		voice.mute(true);
		speak(3);
		await voice.check('headset');
		speak(4);
		expect(devices.map(({ codec }) => codec)).toEqual(['pcmu16', 'pcmu16']);
		expect(sizes).toEqual([
			['pcmu', 160],
			['pcmu16', 320],
			['pcmu16', 320],
			['pcmu16', 320],
		]);
	});

	test('muted, it notices somebody who talks on, not one who coughs', async () => {
		const { voice, take, state, speak, loud } = person();
		await voice.check();
		take();
		voice.mute(true);
		loud(0.8);
		for (let n = 0; n < 10; n++) speak(1);
		loud(0);
		speak(1);
		loud(0.8);
		for (let n = 0; n < 20; n++) speak(1);
		expect(state().talksMuted).toBe(false);
		for (let n = 0; n < 20; n++) speak(1);
		expect(state().talksMuted).toBe(true);
		voice.mute(false);
		expect(state().talksMuted).toBe(false);
	});

	test('is let go of when the line is over, whoever ended it', async () => {
		const { voice, take, lineState, state, open, contexts } = person();
		await voice.check();
		take();
		lineState.set({ at: 'live', droppedFrames: 0 });
		lineState.set({ at: 'over', reason: 'surveyOver', droppedFrames: 0 });
		expect(state()).toMatchObject({ microphone: 'off', line: { at: 'over' } });
		expect([open(), contexts.open]).toEqual([0, 0]);
	});

	test('unplugged on the line says so; another one goes on with the same line', async () => {
		const { voice, take, lineState, devices, state, speak, said } = person();
		await voice.check();
		take();
		lineState.set({ at: 'live', droppedFrames: 0 });
		devices[0]?.needs.onEnded?.();
		expect(state()).toMatchObject({ microphone: 'refused', fault: expect.stringMatching(/nobody hears you/) });
		await voice.check();
		speak(7);
		expect([said, state().line?.at]).toEqual([[7], 'live']);
	});

	test('stopped, leaves line and device', async () => {
		const { voice, take, lineStopped, open, contexts, state } = person();
		await voice.check();
		take();
		voice.stop();
		expect([lineStopped(), open(), contexts.open, state().microphone, state().line]).toEqual([
			true,
			0,
			0,
			'off',
			undefined,
		]);
	});
});
