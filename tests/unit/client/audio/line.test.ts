import { describe, expect, test } from 'vitest';
import { joinLine } from '#client/audio/line.ts';
import type { MicrophoneNeeds } from '#client/audio/microphone.ts';
import { decodeSound, encodeSound, frameBytes, lineCodec } from '#shared/audio.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { dialled } from '#tests/support/socket-pair.ts';
import { quietContext, standInPlayer } from '#tests/support/sound-parts.ts';

const frameOf = (value: number) => new Uint8Array(frameBytes(lineCodec)).fill(value);

async function joined(end: 'customer' | 'agent' = 'customer') {
	const clock = handClock();
	const dialler = dialled();
	const player = standInPlayer();
	const tone = { plays: false };
	const mic = { muted: false, open: true, needs: undefined as MicrophoneNeeds | undefined };
	const line = await joinLine({
		secret: 's'.repeat(43),
		end,
		context: quietContext(),
		url: 'ws://test/line/sound/s',
		openPlayer: () => player,
		openMic: async (_, needs) => {
			mic.needs = needs;
			return {
				level: () => 0.5,
				mute: (muted) => {
					mic.muted = muted;
				},
				speak() {},
				stop: () => {
					mic.open = false;
				},
			};
		},
		openTone: () => {
			tone.plays = true;
			return () => {
				tone.plays = false;
			};
		},
		openSocket: dialler.openSocket,
		clock,
		random: () => 0.5,
		whenBack: () => () => {},
	});
	const tell = (state: string, more: object = {}) => {
		dialler.latest().server.send({ type: 'line', state, callId: 'line-1', with: 'agent', ...more });
		dialler.latest().deliverToBrowser();
	};
	const speak = (value: number) => mic.needs?.onFrame?.(frameOf(value), lineCodec);
	const heardByServer = () => {
		dialler.latest().deliverToServer();
		return dialler
			.latest()
			.server.received.filter((message) => message instanceof Uint8Array)
			.map((message) => decodeSound(message as Uint8Array));
	};
	return { clock, ...dialler, player, mic, tone, line, tell, speak, heardByServer, state: () => line.state.get() };
}

describe('an end of a browser line', () => {
	test('waits for the other, talks, is held and ends, as the server says', async () => {
		const { latest, tell, state } = await joined();
		expect(state()).toEqual({ at: 'connecting' });
		latest().open();
		tell('waiting');
		expect(state()).toEqual({ at: 'waiting' });
		tell('talking', { startedAtMs: 99 });
		expect(state()).toEqual({ at: 'talking', startedAtMs: 99 });
		tell('held', { startedAtMs: 99 });
		expect(state().at).toBe('held');
		tell('ended');
		expect(state().at).toBe('ended');
	});

	test.each(['customer', 'agent'] as const)('sends only its own leg (%s), and only while the two talk', async (end) => {
		const { latest, tell, speak, heardByServer } = await joined(end);
		latest().open();
		speak(1);
		tell('waiting');
		speak(2);
		tell('talking');
		speak(3);
		tell('held');
		speak(4);
		tell('talking');
		speak(5);
		const heard = heardByServer();
		expect(heard).toMatchObject([{ codec: lineCodec, parts: { [end]: frameOf(3) } }, { parts: { [end]: frameOf(5) } }]);
		// The microphone's clock went on meanwhile: the pause stays a pause.
		expect(heard.map((message) => typeof message !== 'string' && message.mediaMs)).toEqual([40, 80]);
	});

	test('loses its own sound, and does not send it late, when the network takes no more', async () => {
		const { latest, tell, speak, heardByServer } = await joined();
		latest().open();
		tell('talking');
		latest().deliverToServer();
		for (let n = 0; n < 50; n++) speak(n);
		expect(heardByServer().length).toBeLessThanOrEqual(10);
		speak(77);
		expect(heardByServer().at(-1)).toMatchObject({ mediaMs: 1000 });
	});

	test('plays what the other says, and shows both levels on the right side', async () => {
		const { latest, player, line, tell } = await joined('agent');
		latest().open();
		tell('talking');
		latest().server.send(new Uint8Array([9]));
		latest().deliverToBrowser();
		expect(player.pushed.length).toBe(1);
		expect(line.levels()).toEqual({ mine: 0.5, theirs: 0.25, executive: 0 });
	});

	test('holds, resumes, hangs up and mutes', async () => {
		const { latest, line, mic, tell } = await joined('agent');
		latest().open();
		tell('talking');
		line.hold();
		line.resume();
		line.hangUp();
		line.mute(true);
		latest().deliverToServer();
		expect(latest().server.received).toEqual([{ type: 'hold' }, { type: 'resume' }, { type: 'hang-up' }]);
		expect(mic.muted).toBe(true);
	});

	test('says who has the line, in the words it was told and no others [C3]', async () => {
		const { latest, tell, state } = await joined();
		latest().open();
		tell('talking', { with: 'executive', shownAs: 'a member of our leadership' });
		expect(state()).toEqual({ at: 'talking', executive: { shownAs: 'a member of our leadership' } });
		tell('talking');
		expect(state()).toEqual({ at: 'talking' });
	});

	test('says to a silenced agent that nobody hears them', async () => {
		const { latest, tell, state } = await joined('agent');
		latest().open();
		tell('talking', { with: 'executive', shownAs: 'a leader', muted: true });
		expect(state()).toMatchObject({ executive: { shownAs: 'a leader' }, silenced: true });
	});

	test('plays nothing more of the executive from the press of the key on, before the server has answered [C2]', async () => {
		const { latest, tell, line, player, heardByServer } = await joined();
		latest().open();
		const header = { codec: lineCodec, frames: 1, sequence: 0, mediaMs: 0, serverMs: 0 } as const;
		const hears = (leg: 'agent' | 'executive') => {
			latest().server.send(encodeSound(header, { [leg]: frameOf(0) }));
			latest().deliverToBrowser();
			return player.pushed.length;
		};
		tell('talking', { with: 'executive', shownAs: 'a leader' });
		expect(hears('executive')).toBe(1);
		line.withdraw();
		heardByServer();
		expect(latest().server.received.at(-1)).toEqual({ type: 'withdraw' });
		expect([player.hushed, hears('executive'), hears('agent')]).toEqual([1, 1, 2]);
		tell('talking');
		tell('talking', { with: 'executive', shownAs: 'a leader' });
		expect(hears('executive')).toBe(3);
	});

	test.each([
		['customer', 1],
		['agent', 0],
	] as const)(
		'(%s) plays nothing of what still waits of one speaker once another speaks to the customer',
		async (end, hushed) => {
			const { latest, tell, player } = await joined(end);
			latest().open();
			tell('talking');
			tell('talking', { with: 'executive', shownAs: 'a leader' });
			tell('held', { with: 'executive', shownAs: 'a leader' });
			expect(player.hushed).toBe(hushed);
			tell('talking');
			expect(player.hushed).toBe(2 * hushed);
		},
	);

	test('tells a customer whose agent was lost until when, with a soft tone; the agent is told without one', async () => {
		for (const end of ['customer', 'agent'] as const) {
			const { latest, tell, state, tone, line } = await joined(end);
			latest().open();
			tell('talking', { startedAtMs: 5 });
			tell('waiting', { startedAtMs: 5, endsAtMs: 30_005 });
			expect([state().endsAtMs, tone.plays]).toEqual([30_005, end === 'customer']);
			tell('talking', { startedAtMs: 5 });
			expect([state().endsAtMs, tone.plays]).toEqual([undefined, false]);
			tell('waiting', { startedAtMs: 5, endsAtMs: 30_005 });
			line.stop();
			expect(tone.plays).toBe(false);
		}
	});

	test('is lost and comes back without asking for the microphone again', async () => {
		const { clock, latest, mic, pairs, state, tell } = await joined();
		latest().open();
		tell('talking');
		latest().cut();
		expect(state().at).toBe('lost');
		clock.advance(1000);
		latest().open();
		tell('talking');
		expect(state().at).toBe('talking');
		expect([pairs.length, mic.open]).toEqual([2, true]);
	});

	test.each([
		['ended by the server’s word', 'ended', undefined],
		['hung up on because the call has ended', 'ended', closeCodes.callEnded.code],
		['hung up on because the link is not open any more', 'closed', closeCodes.unknown.code],
		['opened somewhere else', 'closed', closeCodes.replaced.code],
	])('%s lets go of the microphone', async (_, at, code) => {
		const { clock, latest, mic, player, state, tell } = await joined();
		latest().open();
		tell('talking');
		if (code === undefined) tell('ended');
		else latest().server.close(code);
		expect(state().at).toBe(at);
		expect([mic.open, player.stopped, clock.alarms]).toEqual([false, true, 0]);
	});

	test('hung up while the link is lost is left at once, and the microphone let go', async () => {
		const { clock, latest, line, mic, state, tell } = await joined();
		latest().open();
		tell('talking');
		latest().cut();
		line.hangUp();
		expect(state().at).toBe('closed');
		expect([mic.open, clock.alarms]).toEqual([false, 0]);
	});

	test('says so when its microphone is unplugged, and the other is still heard', async () => {
		const { latest, mic, state, tell } = await joined();
		latest().open();
		tell('talking');
		mic.needs?.onEnded?.();
		expect(state()).toMatchObject({ at: 'talking', text: expect.stringMatching(/not heard/) });
	});

	test('that was stopped leaves nothing running', async () => {
		const { clock, latest, line, mic, tell } = await joined();
		latest().open();
		tell('talking');
		line.stop();
		expect([mic.open, clock.alarms, latest().closedByBrowser?.code]).toEqual([false, 0, 1000]);
	});
});
