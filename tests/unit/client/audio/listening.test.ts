import { describe, expect, test } from 'vitest';
import { type ListeningNeeds, openListening } from '#client/audio/listening.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { dialled } from '#tests/support/socket-pair.ts';
import { quietContext, standInPlayer } from '#tests/support/sound-parts.ts';

function tab(more: Partial<ListeningNeeds> = {}) {
	const opened: AudioContext[] = [];
	const devices = { changed: () => {} };
	const clock = handClock();
	const dialler = dialled();
	const player = standInPlayer();
	const context = quietContext();
	const sound = openListening({
		listeningId: '0190a6b0-0000-7000-8000-000000000001',
		role: 'executive',
		context,
		url: 'ws://test/sound/1?as=executive',
		openPlayer: () => player,
		openSocket: dialler.openSocket,
		clock,
		random: () => 0.5,
		whenBack: () => () => {},
		openContext: () => {
			opened.push(quietContext());
			return opened.at(-1) as AudioContext;
		},
		whenDevicesChange(changed) {
			devices.changed = changed;
			return () => {};
		},
		...more,
	});
	const say = (message: object) => {
		dialler.latest().server.send(message);
		dialler.latest().deliverToBrowser();
	};
	const begin = () => {
		dialler.latest().open();
		say({ type: 'listening', listeningId: 'x', callId: 'test-1', serverMs: clock.now(), sound: 'both' });
	};
	return { opened, devices, clock, ...dialler, player, context, sound, say, begin, state: () => sound.state.get() };
}

describe('listening', () => {
	test('plays from the moment the server says so, and every sound message reaches the player as it came [A7]', () => {
		const { begin, latest, player, state } = tab();
		expect(state()).toMatchObject({ at: 'connecting', bufferMs: 0, lostMs: 0, quality: 'good', form: 'both' });
		begin();
		expect(state().at).toBe('playing');
		latest().server.send(new Uint8Array([1, 2, 3]));
		latest().deliverToBrowser();
		expect(player.pushed.map((message) => [...new Uint8Array(message)])).toEqual([[1, 2, 3]]);
		expect(latest().browser.binaryType).toBe('arraybuffer');
	});

	test('sends nothing but text pings, whatever is heard and done [S1]', () => {
		const { begin, clock, latest, say, sound, player } = tab();
		begin();
		for (let n = 0; n < 30; n++) {
			clock.advance(2000);
			latest().server.send(new Uint8Array(336));
			say({ type: 'behind', droppedMessages: 1, droppedMs: 20 });
			player.says({ playing: true, bufferMs: n });
			sound.setMuted('agent', true);
			latest().deliverToServer();
		}
		const received = latest().server.received as { type?: string }[];
		expect(received.length).toBeGreaterThan(5);
		expect(received.filter((message) => message.type !== 'ping')).toEqual([]);
		// Within what the door allows: five a second.
		expect(received.length).toBeLessThan(20);
	});

	test('measures the delay from the server’s stamp to the speaker, over clocks that differ and stamps that wrap [A4]', () => {
		const { begin, clock, context, latest, player, say, state } = tab();
		begin();
		clock.advance(0);
		latest().deliverToServer();
		const ahead = 5_000_000;
		const at = clock.now();
		clock.advance(40);
		say({ type: 'pong', at, serverMs: at + 20 + ahead });
		// The sample that left the worklet 250 ms ago had been with the server 90 ms before that.
		context.currentTime = 10.25;
		player.says({ playing: true, contextMs: 10_000, serverMs: (clock.now() + ahead - 250 - 90) % 2 ** 32 });
		expect(state().delayMs).toBe(90 + 40);
		player.says({ playing: false });
		expect(state().delayMs).toBeUndefined();
	});

	test('says how much was lost: what the server dropped for this connection, over reconnects, or what is missing here [A5]', () => {
		const { begin, clock, latest, player, say, state } = tab();
		begin();
		player.says({ lostMs: 40 });
		expect(state().lostMs).toBe(40);
		say({ type: 'behind', droppedMessages: 5, droppedMs: 100 });
		say({ type: 'behind', droppedMessages: 10, droppedMs: 200 });
		player.says({ bufferMs: 1 });
		expect(state().lostMs).toBe(200);
		latest().cut();
		clock.advance(10_000);
		begin();
		say({ type: 'behind', droppedMessages: 1, droppedMs: 20 });
		player.says({ bufferMs: 2 });
		expect(state().lostMs).toBe(220);
	});

	test('has a word for the last ten seconds, and gets over what was', () => {
		const { begin, player, state } = tab();
		begin();
		const tenSeconds = () => {
			for (let n = 0; n < 40; n++) player.says({ mediaMs: player.stats.get().mediaMs + 250 });
		};
		tenSeconds();
		expect(state().quality).toBe('good');
		player.says({ underruns: 1 });
		expect(state().quality).toBe('fair');
		player.says({ lostMs: 500 });
		expect(state().quality).toBe('poor');
		tenSeconds();
		expect(state().quality).toBe('good');
	});

	test('comes back by itself after a loss, and is told from dead air while it is away', () => {
		const { begin, clock, latest, state, pairs } = tab();
		begin();
		latest().cut();
		expect(state().at).toBe('waiting');
		clock.advance(1000);
		expect(state().at).toBe('connecting');
		begin();
		expect(state().at).toBe('playing');
		expect(pairs.length).toBe(2);
	});

	test('says so while the device plays nothing, and gives no delay for what nobody hears', () => {
		const { begin, context, player, state } = tab();
		begin();
		player.says({ playing: true, serverMs: 0 });
		const changes = (to: AudioContextState) => {
			context.state = to;
			context.dispatchEvent(new Event('statechange'));
		};
		changes('suspended');
		expect(state().at).toBe('paused');
		expect(state().delayMs).toBeUndefined();
		changes('running');
		expect(state().at).toBe('playing');
	});

	test.each(['callEnded', 'removed', 'replaced', 'soundRefused', 'unknown'] as const)(
		'ends for good when hung up on as “%s”, and says why',
		(reason) => {
			const { begin, clock, latest, pairs, state } = tab();
			begin();
			latest().server.close(closeCodes[reason].code);
			expect(state()).toMatchObject({ at: 'closed', reason, text: closeCodes[reason].text });
			clock.advance(100_000);
			expect(pairs.length).toBe(1);
		},
	);

	test('says so when this browser cannot play, and gives the seat back', async () => {
		const { begin, latest, player, state } = tab();
		begin();
		player.fail();
		await new Promise<void>((done) => setImmediate(done));
		expect(state()).toMatchObject({ at: 'closed', reason: 'other' });
		expect(state().text).toMatch(/cannot play/);
		expect(latest().closedByBrowser?.code).toBe(1000);
	});

	test('leaves nothing running when it is stopped', () => {
		const { begin, clock, latest, player, sound } = tab();
		begin();
		sound.stop();
		expect(latest().closedByBrowser?.code).toBe(1000);
		expect(player.stopped).toBe(true);
		expect(clock.alarms).toBe(0);
	});

	test('asks for the chosen form, again on each connection, and begins with what was chosen before [A10]', () => {
		const { begin, clock, latest, sound, state } = tab({ form: 'mixed' });
		const asked = () => {
			latest().deliverToServer();
			return (latest().server.received as { type: string }[]).filter(({ type }) => type === 'choose-sound');
		};
		begin();
		expect(asked()).toEqual([{ type: 'choose-sound', sound: 'mixed' }]);
		sound.choose('low');
		expect(asked().at(-1)).toEqual({ type: 'choose-sound', sound: 'low' });
		expect(state().form).toBe('low');
		latest().cut();
		clock.advance(10_000);
		begin();
		expect(asked()).toEqual([{ type: 'choose-sound', sound: 'low' }]);
	});

	test('says how much data it takes, measured', () => {
		const { begin, clock, latest, player, state } = tab();
		begin();
		for (let ms = 0; ms < 20_000; ms += 20) {
			latest().server.send(new Uint8Array(340));
			latest().deliverToBrowser();
			context(ms);
			clock.advance(20);
		}
		function context(ms: number) {
			if (ms % 1000 === 0) player.says({ mediaMs: ms });
		}
		player.says({ mediaMs: 20_000 });
		expect(state().kbitPerSecond).toBe(138);
		expect(state().megabytes).toBe(0.3);
	});

	test('says what was missed and where, not every crackle', () => {
		const { begin, player, state } = tab();
		begin();
		player.says({ lostMs: 60, mediaMs: 10_000 });
		expect(state().missed).toBeUndefined();
		player.says({ lostMs: 60, missedMs: 2000, mediaMs: 60_000 });
		player.says({ lostMs: 1060, missedMs: 2000, mediaMs: 61_000 });
		expect(state().missed).toEqual({ ms: 3000, callMs: 61_000 });
	});

	test('goes on by itself, set as it was, when the device that played is gone', () => {
		const { begin, clock, context, opened, player, sound, state } = tab();
		begin();
		const time = (seconds: number) => {
			for (let n = 0; n < seconds; n++) {
				context.currentTime += 1;
				clock.advance(1000);
			}
		};
		time(10);
		expect(opened).toHaveLength(0);
		const set: unknown[] = [];
		player.setVolume = (...one) => set.push(one);
		player.setMuted = (...one) => set.push(one);
		player.setBalance = (one) => set.push(one);
		sound.setVolume('agent', 0.5);
		sound.setMuted('customer', true);
		sound.setBalance(-1);
		player.says({ playing: true, mediaMs: 10_000, lostMs: 100 });
		set.length = 0;
		// Its clock stands still although it says that it runs: headphones were pulled, or the browser forgot it.
		clock.advance(7000);
		expect(opened).toHaveLength(1);
		expect(state().at).toBe('playing');
		expect(set).toEqual(expect.arrayContaining([['agent', 0.5], ['customer', true], -1]));
		// The other player counts from nothing; the listening does not, and what was missed meanwhile is said.
		player.says({ playing: true, mediaMs: 16_000, lostMs: 0 });
		expect(state()).toMatchObject({ lostMs: 6100, missed: { ms: 6000, callMs: 16_000 } });
		sound.stop();
		expect(clock.alarms).toBe(0);
	});

	test('leaves a device alone that another program has paused, and asks it when told to', () => {
		const { begin, clock, context, opened, sound, state } = tab();
		let asked = 0;
		context.resume = async () => void asked++;
		begin();
		context.state = 'suspended';
		context.dispatchEvent(new Event('statechange'));
		clock.advance(20_000);
		expect(opened).toHaveLength(0);
		expect(state().at).toBe('paused');
		asked = 0;
		sound.wake();
		expect(asked).toBe(1);
	});
});
