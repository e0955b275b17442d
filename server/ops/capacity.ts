import type { LoopWindow } from '#server/audio/interval.ts';
import { frameMs } from '#shared/audio.ts';

/** Newcomers are let in while the loop would stay below this: the rest is for what comes in bursts, and for who is here. */
const fullAt = 0.75;
/** So many are always let in: an estimate must never shut out a node's first listeners. */
const always = 50;
/** Fewer messages in a window than this say nothing about what one costs. */
const fewest = 100;
/** Around each write there is what comes in, is put together and is counted. */
const aroundWrite = 1.5;
/**
 * How much of what one window shows is believed, at two windows a second. What a message costs falls quickly and rises slowly:
 * a rush of other work in one window does not make messages dearer. What else there is to do counts once it has lasted.
 */
const believed = { cheaper: 0.1, dearer: 0.03, rate: 0.3, other: 0.03 };
/** What is left of the newcomers that are reckoned with, one window later: by then most of them are in what is measured. */
const notYetSeen = 0.7;

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
	/** How many more could listen beside so many, at 20 ms a message, before newcomers are refused; all there can be while nothing is known. */
	headroom(listeners: number): number;
}

/** A message's cost is measured at start, then learned from what the loop did and the messages were in each window. */
export function capacity(): Capacity {
	/** Ms of the loop for a message. */
	let cost = 0;
	/** Messages a second, and the share of the loop that goes into anything else. */
	let rate = 0;
	let other = 0;
	let delivered = 0;
	let seenAtMs: number | undefined;
	let newcomers = 0;
	const perListener = 1000 / frameMs;

	const room = () => {
		if (cost === 0) return Number.MAX_SAFE_INTEGER;
		const free = fullAt - (rate * cost) / 1000 - other;
		return (free * 1000) / (cost * perListener) - newcomers;
	};
	const headroom = (listeners: number) => Math.max(0, always - listeners, Math.floor(room()));
	return {
		measured(writeMs) {
			if (cost === 0 && writeMs > 0) cost = Math.max(leastCost, writeMs * aroundWrite);
		},
		seen({ utilisation }, deliveredMessages, nowMs) {
			const seconds = seenAtMs === undefined ? 0 : (nowMs - seenAtMs) / 1000;
			const messages = deliveredMessages - delivered;
			seenAtMs = nowMs;
			delivered = deliveredMessages;
			newcomers *= notYetSeen;
			if (seconds <= 0) return;
			rate += (messages / seconds - rate) * believed.rate;
			if (messages >= fewest) {
				const now = Math.max(leastCost, (utilisation * seconds * 1000) / messages);
				if (cost === 0) cost = now;
				else cost += (now - cost) * (now < cost ? believed.cheaper : believed.dearer);
			}
			other += (Math.max(0, utilisation - (messages * cost) / 1000 / seconds) - other) * believed.other;
		},
		letIn() {
			newcomers++;
		},
		hasRoom: (listeners) => headroom(listeners) >= 1,
		get messagesPerSecond() {
			return cost === 0 ? 0 : Math.round(1000 / cost);
		},
		headroom,
	};
}
