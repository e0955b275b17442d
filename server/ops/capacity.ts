import type { LoopWindow } from '#server/audio/interval.ts';
import { frameMs } from '#shared/audio.ts';

/** Newcomers are let in while the loop would stay below this: the rest is for what comes in bursts, and for who is here. */
const fullAt = 0.75;
/** So many are always let in: an estimate must never shut out a node's first listeners. */
const always = 50;
/** What a second of the newest window counts against what was known. */
const believed = 0.2;
/** Fewer messages in a window than this say nothing about what one costs. */
const fewest = 100;
/** From this utilisation on what is seen is believed alone, below it what was measured at start has its share. */
const sure = 0.5;
/** Around each write there is what comes in, is put together and is counted; measured under load it is about as much again. */
const aroundWrite = 2;

/** No machine does it for less, in ms: a loop that seems to do nothing has not been seen at work. */
const leastCost = 0.0005;

/** What this process can still carry. [B2] */
export interface Capacity {
	/** What writing one message took at start, in ms. */
	measured(writeMs: number): void;
	/** A window of the loop is over: how busy it was, and how many messages had been handed to listeners by its end. */
	seen(window: LoopWindow, deliveredMessages: number, nowMs: number): void;
	/** Somebody was let in; until the next window they are reckoned with. */
	letIn(): void;
	/** Whether one more may listen beside so many. Never asked for whoever listens already. */
	hasRoom(listeners: number): boolean;
	/** Messages a second at which the loop would have nothing to spare; 0 while nothing is known. */
	readonly messagesPerSecond: number;
	/** How many more could listen, at 20 ms a message, before newcomers are refused. */
	readonly headroom: number;
}

/**
 * A message's cost is measured at start, and then by what the loop's work and the messages were in each window. All the
 * loop's work is reckoned to the messages, so that a node which does other things too has less room, as is true.
 */
export function capacity(): Capacity {
	/** Ms of the loop for a message. */
	let atStart = 0;
	let cost = 0;
	let utilisation = 0;
	let delivered = 0;
	let seenAtMs: number | undefined;
	let newcomers = 0;
	const perListener = 1000 / frameMs;

	const room = () =>
		cost === 0 ? Number.MAX_SAFE_INTEGER : ((fullAt - utilisation) * 1000) / (cost * perListener) - newcomers;
	return {
		measured(writeMs) {
			atStart = Math.max(leastCost, writeMs * aroundWrite);
			if (cost === 0) cost = atStart;
		},
		seen(window, deliveredMessages, nowMs) {
			const seconds = seenAtMs === undefined ? 0 : (nowMs - seenAtMs) / 1000;
			const messages = deliveredMessages - delivered;
			seenAtMs = nowMs;
			delivered = deliveredMessages;
			newcomers = 0;
			if (seconds <= 0) return;
			const share = Math.min(1, believed * Math.max(1, seconds));
			utilisation += (window.utilisation - utilisation) * Math.max(share, window.utilisation > utilisation ? 0.5 : 0);
			if (messages < fewest) return;
			const now = (window.utilisation * seconds * 1000) / messages;
			const trust = atStart === 0 ? 1 : Math.min(1, window.utilisation / sure);
			cost = Math.max(leastCost, cost + (now * trust + atStart * (1 - trust) - cost) * share);
		},
		letIn() {
			newcomers++;
		},
		hasRoom: (listeners) => listeners < always || room() >= 1,
		get messagesPerSecond() {
			return cost === 0 ? 0 : Math.round(1000 / cost);
		},
		get headroom() {
			return cost === 0 ? 0 : Math.max(0, Math.floor(room()));
		},
	};
}
