import { describe, expect, test } from 'vitest';
import { lastingSocket } from '#client/live/lasting-socket.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { dialled } from '#tests/support/socket-pair.ts';

function tab({ random = () => 1 - 1e-9 } = {}) {
	const clock = handClock();
	const dialler = dialled();
	const texts: unknown[] = [];
	let losses = 0;
	let back = () => {};
	const socket = lastingSocket(
		{ url: 'ws://test/', text: (message) => texts.push(message), lost: () => losses++ },
		{
			openSocket: dialler.openSocket,
			clock,
			random,
			whenBack(run) {
				back = run;
				return () => {
					back = () => {};
				};
			},
		},
	);
	const greet = () => {
		dialler.latest().open();
		socket.greeted(clock.now());
	};
	return {
		clock,
		...dialler,
		socket,
		texts,
		greet,
		back: () => back(),
		losses: () => losses,
		state: () => socket.state.get(),
	};
}
const pings = (pair: { server: { received: unknown[] }; deliverToServer(): void }) => {
	pair.deliverToServer();
	return pair.server.received.filter((message) => (message as { type: string }).type === 'ping') as { at: number }[];
};

describe('a socket that lasts', () => {
	test('is open from the greeting on, not before', () => {
		const { greet, latest, state } = tab();
		expect(state()).toEqual({ at: 'connecting' });
		latest().open();
		expect(state()).toEqual({ at: 'connecting' });
		greet();
		expect(state()).toEqual({ at: 'open' });
	});

	test('comes back after a loss, each time waiting up to twice as long, from 0.5 s to 10 s [W10]', () => {
		const { clock, pairs, latest, state } = tab();
		const waits: number[] = [];
		for (let n = 0; n < 7; n++) {
			latest().cut();
			const now = state();
			if (now.at !== 'waiting') throw new Error(now.at);
			waits.push(Math.round(now.retryAtMs - clock.now()));
			expect(now.attempt).toBe(n + 1);
			clock.advance(now.retryAtMs - clock.now() + 1);
			expect(state()).toEqual({ at: 'connecting' });
			expect(pairs.length).toBe(n + 2);
		}
		expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
	});

	test('waits a random part of that, so that not all tabs come back at once [W10]', () => {
		const { clock, latest, state } = tab({ random: () => 0.25 });
		latest().cut();
		const now = state();
		expect(now.at === 'waiting' && now.retryAtMs - clock.now()).toBe(125);
	});

	test('begins with short waits again after it stood for a while, but not when it is greeted and hung up on at once [W10]', () => {
		const { clock, greet, latest, state } = tab();
		const lose = () => {
			latest().server.close(closeCodes.draining.code);
			const now = state();
			if (now.at !== 'waiting') throw new Error(now.at);
			clock.advance(now.retryAtMs - clock.now() + 1);
			return now.attempt;
		};
		greet();
		expect(lose()).toBe(1);
		greet();
		expect(lose()).toBe(2);
		greet();
		for (let n = 0; n < 12; n++) {
			clock.advance(1000);
			latest().server.send({ type: 'anything' });
			latest().deliverToBrowser();
		}
		expect(lose()).toBe(1);
	});

	test.each(Object.entries(closeCodes))(
		'hung up on as “%s” does what the code says [W10]',
		(reason, { code, text }) => {
			const { greet, latest, state, pairs, clock } = tab();
			greet();
			latest().server.close(code);
			if (code >= 4500) expect(state().at).toBe('waiting');
			else expect(state()).toEqual({ at: 'closed', reason, text });
			clock.advance(60_000);
			expect(pairs.length > 1).toBe(code >= 4500);
		},
	);

	test('stays closed on a code from 4400 that it does not know, with the words that came', () => {
		const { greet, latest, state } = tab();
		greet();
		latest().server.close(4477, 'something new');
		expect(state()).toEqual({ at: 'closed', reason: 'other', text: 'something new' });
	});

	test('tries at once when the network is back', () => {
		const { latest, back, pairs, state } = tab();
		latest().cut();
		back();
		expect(state()).toEqual({ at: 'connecting' });
		expect(pairs.length).toBe(2);
	});

	test('looks whether it still stands when the person is back, and comes back if not', () => {
		const { clock, greet, latest, back, state } = tab();
		greet();
		clock.advance(8000);
		const before = pings(latest()).length;
		back();
		expect(pings(latest()).length).toBe(before + 1);
		clock.advance(5000);
		expect(state().at).toBe('waiting');
	});

	test('pings at the heartbeat, and gives up after three without a word [W7]', () => {
		const { clock, greet, latest, state, losses } = tab();
		greet();
		clock.advance(3500);
		expect(pings(latest()).length).toBe(4);
		clock.advance(26_400);
		expect(pings(latest()).length).toBe(6);
		expect(state()).toEqual({ at: 'open' });
		clock.advance(200);
		expect(state().at).toBe('waiting');
		expect(latest().closedByBrowser?.code).toBe(closeCodes.silent.code);
		expect(losses()).toBe(1);
	});

	test('stands as long as something comes', () => {
		const { clock, greet, latest, state, pairs } = tab();
		greet();
		for (let n = 0; n < 60; n++) {
			clock.advance(5000);
			latest().server.send({ type: 'pong', at: clock.now() - 10, serverMs: clock.now() });
			latest().deliverToBrowser();
		}
		expect(state()).toEqual({ at: 'open' });
		expect(pairs.length).toBe(1);
	});

	test('gives up on a server that takes the connection and never greets', () => {
		const { clock, latest, state } = tab();
		latest().open();
		clock.advance(10_100);
		expect(state().at).toBe('waiting');
	});

	test('passes on what has a type, and does not stumble over anything else [W12]', () => {
		const { greet, latest, texts } = tab();
		greet();
		for (const text of ['{', 'null', '7', '"x"', '[]', '{}', '{"type":7}', '{"type":"news"}'])
			latest().server.send(text);
		latest().deliverToBrowser();
		expect(texts).toEqual([{ type: 'news' }]);
	});

	test('hears nothing more from a socket it has let go', () => {
		const { clock, greet, latest, texts, pairs } = tab();
		greet();
		clock.advance(31_000);
		const [old] = pairs;
		old?.browser.onmessage?.({ data: '{"type":"late"}' } as MessageEvent<unknown>);
		expect(texts).toEqual([]);
		expect(latest()).not.toBe(old);
	});

	test('leaves nothing running when it is closed', () => {
		const { clock, greet, socket, latest, pairs, back } = tab();
		greet();
		socket.close();
		expect(clock.alarms).toBe(0);
		expect(latest().closedByBrowser?.code).toBe(1000);
		back();
		clock.advance(100_000);
		expect(pairs.length).toBe(1);
	});

	test('sends nothing while there is no connection, and no sound while too much of it waits', () => {
		const { socket, greet, latest } = tab();
		expect(socket.send({ type: 'x' })).toBe(false);
		expect(socket.sendBytes(new Uint8Array(10), 100)).toBe(false);
		greet();
		latest().deliverToServer();
		for (let n = 0; n < 11; n++) expect(socket.sendBytes(new Uint8Array(10), 100)).toBe(true);
		expect(socket.sendBytes(new Uint8Array(10), 100)).toBe(false);
		latest().deliverToServer();
		expect(socket.sendBytes(new Uint8Array(10), 100)).toBe(true);
	});
});
