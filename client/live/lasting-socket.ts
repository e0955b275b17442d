import { tabClock } from '#client/live/clock.ts';
import type { ClosedBecause, LinkState } from '#client/live/link.ts';
import { type ServerClock, serverClock } from '#client/live/server-clock.ts';
import { browserSocket, type OpenSocket, type Socket } from '#client/live/socket.ts';
import { type Store, store } from '#client/live/store.ts';
import type { Clock } from '#shared/clock.ts';
import { type CloseReason, closeCodes, mayComeBack } from '#shared/close-codes.ts';
import type { heartbeatMs } from '#shared/live.ts';

/** What comes in from outside, so that tests need neither a network nor time. */
export interface SocketNeeds {
	openSocket?: OpenSocket;
	clock?: Clock;
	/** 0 ≤ x < 1 */
	random?: () => number;
	/** Calls `back` when it is worth trying at once: the network or the person returned. Gives back its stop. */
	whenBack?: (back: () => void) => () => void;
}

/** What is done with one lasting socket's life. */
export interface SocketUser {
	url: string;
	/** Connected: the moment to greet. */
	opened?(): void;
	/** A text message with a `type`; pongs are not passed on. */
	text(message: { type: string }): void;
	binary?(message: ArrayBuffer): void;
	/** The connection is gone; another comes, or `state` says that it is closed. */
	lost?(): void;
}

/** A WebSocket that comes back: live connection, listening and line have the same life. */
export interface LastingSocket {
	state: Store<LinkState>;
	serverClock: ServerClock;
	/** The other side greeted: the link is open from here on. */
	greeted(serverMs?: number, heartbeatMs?: number): void;
	/** False when there is no connection; nothing is kept. */
	send(message: object): boolean;
	/** The same for bytes, and false when more than `maxWaiting` bytes wait in this device already. */
	sendBytes(bytes: Uint8Array<ArrayBuffer>, maxWaiting: number): boolean;
	/** Leaves for good. */
	close(reason?: CloseReason): void;
}

/** Back-off: before the n-th attempt a random wait of up to `firstMs × 2^(n−1)`, never above `mostMs`. */
const backOff = { firstMs: 500, mostMs: 10_000 };
/** How long a greeting may take, and how long a link must have stood for its next loss to count as a first one. */
const patienceMs = 10_000;
const usualHeartbeatMs: typeof heartbeatMs = 10_000;
/** A server that says nothing for so many heartbeats, not even pong, is gone; it does the same with us. [W7] */
const beatsOfSilence = 3;
/** Round trips right after the greeting, so that the offset of the clocks is good within seconds. */
const firstPingsMs = [0, 300, 1000, 3000];

/** The network came back, or the tab is looked at again: what waited in the background need not wait on. */
const browserBack = (back: () => void) => {
	// A program without a window has neither.
	if (typeof document === 'undefined') return () => {};
	const shown = () => document.visibilityState === 'visible' && back();
	addEventListener('online', back);
	// From the browser's own store of pages, and from a freeze (Page Lifecycle): what stood open may be long gone.
	addEventListener('pageshow', back);
	document.addEventListener('resume', back);
	document.addEventListener('visibilitychange', shown);
	return () => {
		removeEventListener('online', back);
		removeEventListener('pageshow', back);
		document.removeEventListener('resume', back);
		document.removeEventListener('visibilitychange', shown);
	};
};

/** Why a code closes for good, in a word. */
function reasonOf(code: number): ClosedBecause {
	const known = (Object.keys(closeCodes) as CloseReason[]).find((reason) => closeCodes[reason].code === code);
	return known ?? 'other';
}

/** Opens a socket and keeps it open until it is closed here, or by a code that says not to come back. */
export function lastingSocket(user: SocketUser, needs: SocketNeeds = {}): LastingSocket {
	const { openSocket = browserSocket, clock = tabClock, random = Math.random, whenBack = browserBack } = needs;
	const state = store<LinkState>({ at: 'connecting' });
	const servers = serverClock(clock);
	const alarms = new Set<() => void>();
	let socket: Socket | undefined;
	let connected = false;
	let attempt = 0;
	let beatMs: number = usualHeartbeatMs;
	let heardAtMs = 0;
	let openSinceMs: number | undefined;
	let stopSilence = () => {};

	const alarm = (ms: number, ring: () => void) => {
		const stop = clock.after(ms, () => {
			alarms.delete(stop);
			ring();
		});
		alarms.add(stop);
		return stop;
	};
	const quiet = () => {
		for (const stop of alarms) stop();
		alarms.clear();
	};
	const send = (message: object) => {
		if (!socket || !connected) return false;
		socket.send(JSON.stringify(message));
		return true;
	};
	const ping = () => send({ type: 'ping', at: clock.now() });

	/** Lets go of the socket: nothing it still says is heard. */
	const release = (code?: number, reason?: string) => {
		quiet();
		const old = socket;
		socket = undefined;
		connected = false;
		if (!old) return;
		old.onopen = null;
		old.onmessage = null;
		old.onclose = null;
		if (code !== undefined) old.close(code, reason);
	};
	const comeBack = () => {
		if (openSinceMs !== undefined && clock.now() - openSinceMs >= patienceMs) attempt = 0;
		openSinceMs = undefined;
		attempt++;
		const waitMs = random() * Math.min(backOff.mostMs, backOff.firstMs * 2 ** (attempt - 1));
		state.set({ at: 'waiting', attempt, retryAtMs: servers.now() + waitMs });
		alarm(waitMs, connect);
		user.lost?.();
	};
	const drop = () => {
		const { code, text } = closeCodes.silent;
		release(code, text);
		comeBack();
	};
	const silenceMs = () => (openSinceMs === undefined ? patienceMs : beatsOfSilence * beatMs);
	/** Drops a connection on which nothing was heard for `silenceMs()`. */
	const watchSilence = () => {
		stopSilence();
		const dueMs = heardAtMs + silenceMs();
		stopSilence = alarm(dueMs - clock.now(), () => {
			const late = clock.now() - dueMs > beatMs / 2;
			const silent = clock.now() - heardAtMs >= silenceMs();
			// The device slept, or a hidden tab's alarms were held back: then silence proves nothing, so ask first.
			if (silent && late) {
				ping();
				heardAtMs = clock.now() - silenceMs() + beatMs;
			} else if (silent) return drop();
			watchSilence();
		});
	};

	const received = (content: unknown) => {
		heardAtMs = clock.now();
		if (typeof content !== 'string') return user.binary?.(content as ArrayBuffer);
		const message = parsed(content);
		if (!message) return;
		if (message.type !== 'pong') return user.text(message);
		const { at, serverMs } = message as unknown as { at: number; serverMs: number };
		servers.answered(at, serverMs);
	};
	function connect() {
		quiet();
		state.set({ at: 'connecting' });
		heardAtMs = clock.now();
		servers.forget();
		const opened = openSocket(user.url);
		socket = opened;
		opened.binaryType = 'arraybuffer';
		opened.onopen = () => {
			connected = true;
			user.opened?.();
		};
		opened.onmessage = (event) => received(event.data);
		opened.onclose = ({ code, reason }) => {
			release();
			if (mayComeBack(code)) return comeBack();
			const because = reasonOf(code);
			end(because, reason || (because === 'other' ? 'The server closed the connection.' : closeCodes[because].text));
		};
		watchSilence();
	}
	const end = (reason: ClosedBecause, text: string) => {
		stopWaiting();
		state.set({ at: 'closed', reason, text });
		user.lost?.();
	};
	const stopWaiting = whenBack(() => {
		const { at } = state.get();
		if (at === 'waiting') connect();
		else if (at === 'open') {
			ping();
			// A socket that died while nobody looked is found now, not after the whole silence.
			heardAtMs = Math.min(heardAtMs, clock.now() - silenceMs() + patienceMs / 2);
			watchSilence();
		}
	});

	connect();
	return {
		state,
		serverClock: servers,
		greeted(serverMs, heartbeatMs) {
			if (!connected) return;
			if (heartbeatMs !== undefined && heartbeatMs > 0) beatMs = heartbeatMs;
			openSinceMs = clock.now();
			if (serverMs !== undefined) servers.guess(serverMs);
			for (const ms of firstPingsMs) alarm(ms, ping);
			const beat = () => {
				ping();
				alarm(beatMs, beat);
			};
			alarm(beatMs, beat);
			state.set({ at: 'open' });
		},
		send,
		sendBytes(bytes, maxWaiting) {
			if (!socket || !connected || socket.bufferedAmount > maxWaiting) return false;
			socket.send(bytes);
			return true;
		},
		close(reason) {
			if (state.get().at === 'closed') return;
			const code = reason === undefined ? 1000 : closeCodes[reason].code;
			const text = reason === undefined ? 'Closed here.' : closeCodes[reason].text;
			release(code, text);
			end(reason ?? 'other', text);
		},
	};
}

/** A text message of ours, or nothing: what this tab does not understand it does not stumble over. */
function parsed(text: string): { type: string } | undefined {
	try {
		const message: unknown = JSON.parse(text);
		const typed = typeof message === 'object' && message !== null && 'type' in message;
		return typed && typeof message.type === 'string' ? (message as { type: string }) : undefined;
	} catch {
		return undefined;
	}
}
