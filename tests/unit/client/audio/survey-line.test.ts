import { describe, expect, test } from 'vitest';
import { surveyLine } from '#client/audio/survey-line.ts';
import { AskRefused } from '#client/live/ask-refused.ts';
import { connectionLost } from '#client/live/refused-here.ts';
import { type Codec, codecs, decodeSound, frameBytes } from '#shared/audio.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { dialled } from '#tests/support/socket-pair.ts';

/** Until promises that are settled already have told whoever waits for them. */
const settled = () => new Promise<void>((done) => setImmediate(done));

const frameOf = (value: number, codec: Codec = 'pcmu') => new Uint8Array(frameBytes(codec)).fill(value);

function taken(again: () => Promise<string> = async () => '/survey/sound/fresh') {
	const clock = handClock();
	const dialler = dialled();
	let asked = 0;
	const line = surveyLine({
		path: '/survey/sound/first',
		again: () => {
			asked++;
			return again();
		},
		openSocket: dialler.openSocket,
		clock,
		urlOf: (path) => `ws://test${path}`,
	});
	const tell = (state: 'ready' | 'live', more: object = {}) => {
		dialler.latest().server.send({ type: 'survey', segmentId: 's', state, codec: 'pcmu', droppedFrames: 0, ...more });
		dialler.latest().deliverToBrowser();
	};
	const speak = (value: number, codec: Codec = 'pcmu') => line.say(frameOf(value, codec), codec);
	const heardByServer = () => {
		dialler.latest().deliverToServer();
		return dialler
			.latest()
			.server.received.filter((message) => message instanceof Uint8Array)
			.map((message) => decodeSound(message as Uint8Array));
	};
	return { clock, ...dialler, line, tell, speak, heardByServer, asked: () => asked, state: () => line.state.get() };
}

describe('the survey socket, from the tab', () => {
	test('sends nothing but pings before the server says live, and then the executive leg alone [S2] [T2]', () => {
		const { latest, tell, speak, heardByServer, state, clock } = taken();
		expect(latest().url).toBe('ws://test/survey/sound/first');
		speak(1);
		latest().open();
		speak(2);
		tell('ready');
		expect(state().at).toBe('ready');
		speak(3);
		clock.advance(600);
		expect(heardByServer()).toEqual([]);
		expect(latest().server.received).toMatchObject([{ type: 'ping' }, { type: 'ping' }]);
		tell('live');
		speak(4);
		expect(state().at).toBe('live');
		const heard = heardByServer();
		expect(heard).toMatchObject([{ codec: 'pcmu', frames: 1, parts: { executive: frameOf(4) } }]);
		expect(Object.keys((heard[0] as { parts: object }).parts)).toEqual(['executive']);
		// The microphone's clock went on meanwhile: the pause stays a pause.
		expect(heard).toMatchObject([{ sequence: 3, mediaMs: 60 }]);
	});

	test.each(['pcmu', 'pcma', 'pcmu16'] as const)(
		'says before it is live that the call’s platform takes %s, and sends nothing in any other',
		(codec) => {
			const { latest, tell, speak, heardByServer, state } = taken();
			latest().open();
			expect(state().codec).toBe(undefined);
			tell('ready', { codec });
			expect(state().codec).toBe(codec);
			tell('live', { codec });
			for (const one of codecs) speak(0x35, one);
			expect(heardByServer()).toMatchObject([{ codec, parts: { executive: frameOf(0x35, codec) } }]);
			tell('live', { codec, droppedFrames: 1 });
			expect(state().droppedFrames).toBe(3);
		},
	);

	test('loses its own sound, counts it, and sends none of it late, when the network takes no more [B1]', () => {
		const { latest, tell, speak, heardByServer, state } = taken();
		latest().open();
		tell('live', { droppedFrames: 2 });
		latest().deliverToServer();
		for (let n = 0; n < 50; n++) speak(n);
		const sent = heardByServer().length;
		expect(sent).toBeLessThanOrEqual(10);
		tell('live', { droppedFrames: 5 });
		expect(state().droppedFrames).toBe(5 + 50 - sent);
	});

	test.each(['surveyOver', 'callEnded', 'unknown', 'forbidden'] as const)(
		'hung up on as “%s” it is over at once, and nothing more is sent or asked',
		async (reason) => {
			const { clock, latest, pairs, tell, speak, state, asked } = taken();
			latest().open();
			tell('live');
			latest().server.close(closeCodes[reason].code);
			expect(state()).toMatchObject({ at: 'over', reason });
			speak(1);
			clock.advance(60_000);
			await settled();
			expect([asked(), pairs.length, clock.alarms]).toEqual([0, 1, 0]);
		},
	);

	test.each([
		['cut off', undefined],
		['hung up on for now', closeCodes.failed.code],
	])('%s while live it takes the line again at once, under a fresh address [T4]', async (_, code) => {
		const { latest, pairs, tell, speak, heardByServer, state } = taken();
		latest().open();
		tell('live');
		if (code === undefined) latest().cut();
		else latest().server.close(code);
		expect(state().at).toBe('lost');
		speak(1);
		await settled();
		expect(pairs.map(({ url }) => url)).toEqual(['ws://test/survey/sound/first', 'ws://test/survey/sound/fresh']);
		latest().open();
		speak(2);
		tell('live');
		speak(3);
		expect(heardByServer()).toMatchObject([{ parts: { executive: frameOf(3) } }]);
	});

	test('finds a server that does not answer any more while there is time to come back [T4]', async () => {
		const { clock, latest, pairs, tell, state } = taken();
		latest().open();
		tell('live');
		clock.advance(1000);
		expect(state().at).toBe('live');
		clock.advance(1000);
		expect(state().at).toBe('lost');
		await settled();
		expect(pairs.length).toBe(2);
		expect(pairs[0]?.closedByBrowser?.code).toBe(closeCodes.silent.code);
	});

	test('asks again while the answer is only late, and gives up when it is no', async () => {
		let tries = 0;
		const { clock, latest, tell, state, asked } = taken(async () => {
			if (++tries < 4) throw new AskRefused(connectionLost);
			throw new AskRefused({ code: 'survey.not-now', message: 'over', retry: false });
		});
		latest().open();
		tell('live');
		latest().cut();
		for (let n = 0; n < 10; n++) {
			await settled();
			clock.advance(300);
		}
		expect([asked(), state().at, clock.alarms]).toEqual([4, 'over', 0]);
	});

	test('lost before it was live it does not come back by itself: the server has given it up', async () => {
		const { latest, tell, state, asked } = taken();
		latest().open();
		tell('ready');
		latest().cut();
		await settled();
		expect([state().at, asked()]).toEqual(['over', 0]);
	});

	test('that was stopped leaves nothing running, also while a fresh address is on its way', async () => {
		const fresh = Promise.withResolvers<string>();
		const { clock, latest, line, pairs, tell, state } = taken(() => fresh.promise);
		latest().open();
		tell('live');
		latest().cut();
		line.stop();
		fresh.resolve('/survey/sound/late');
		await settled();
		expect([state().at, pairs.length, clock.alarms]).toEqual(['over', 1, 0]);
	});
});
