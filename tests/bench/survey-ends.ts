import type { WebSocket } from 'ws';
import { decodeSound, encodeSound, frameBytes, frameMs, type Leg, lineCodec } from '#shared/audio.ts';
import { type DelayCount, delayCount } from '#tests/bench/delay-count.ts';

/** Both ways of a conversation: who sends which leg, and where it is heard. */
export interface Conversation {
	executive: { speaks: WebSocket; hears: WebSocket };
	customer: { speaks: WebSocket; hears: WebSocket };
}

/** What came of one direction in a window. */
export interface Direction {
	p50Ms: number;
	p95Ms: number;
	sent: number;
	lost: number;
}
export interface Talked {
	toCustomer: Direction;
	toExecutive: Direction;
	/** The latest that the generator itself sent a frame. */
	lateMs: number;
}

/** Frames whose times are remembered, a direction: what comes later than this many is lost. */
const remembered = 512;
/** How long after a window its last frames may come. */
const settleMs = 600;

interface Way {
	leg: Leg;
	speaks: WebSocket;
	phaseMs: number;
	next: number;
	sentAtMs: Float64Array;
}

/** Talks in all conversations at once, both ways, at real-time pace, and measures what comes out at the other end. */
export function survey(conversations: readonly Conversation[]) {
	const epochMs = performance.now();
	let measuring = false;
	let lateMs = 0;
	const counts = { executive: counted(), customer: counted() };
	const ways: Way[] = conversations.flatMap(({ executive, customer }, place) => [
		wayOf('executive', executive.speaks, customer.hears, (place * 7) % frameMs),
		wayOf('customer', customer.speaks, executive.hears, (place * 11 + 10) % frameMs),
	]);

	function wayOf(leg: 'executive' | 'customer', speaks: WebSocket, hears: WebSocket, phaseMs: number): Way {
		const way: Way = { leg, speaks, phaseMs, next: 1, sentAtMs: new Float64Array(remembered) };
		const count = counts[leg];
		hears.on('message', (data: Buffer, isBinary: boolean) => {
			if (!isBinary) return;
			const sound = decodeSound(data);
			const part = typeof sound === 'string' ? undefined : sound.parts[leg];
			if (!part || part[4] !== mark) return;
			const number = new DataView(part.buffer, part.byteOffset).getUint32(0);
			const sentAtMs = way.sentAtMs[number % remembered] as number;
			if (sentAtMs === 0) return;
			way.sentAtMs[number % remembered] = 0;
			count.came++;
			count.delays.add((performance.now() - sentAtMs) * 1000);
		});
		return way;
	}

	/** The millisecond up to which everything was said. */
	let tick = 0;
	let timer: NodeJS.Timeout | undefined;
	function turn() {
		const nowMs = performance.now() - epochMs;
		for (; tick <= nowMs; tick++) for (const way of ways) if (way.phaseMs === tick % frameMs) speak(way, nowMs - tick);
	}

	function speak(way: Way, late: number) {
		const { leg, speaks } = way;
		const number = way.next++;
		const samples = new Uint8Array(frameBytes(lineCodec)).fill(mark);
		new DataView(samples.buffer).setUint32(0, number);
		way.sentAtMs[number % remembered] = measuring ? performance.now() : 0;
		if (measuring) {
			counts[leg as 'executive' | 'customer'].sent++;
			lateMs = Math.max(lateMs, late);
		}
		speaks.send(
			encodeSound(
				{ codec: lineCodec, frames: 1, sequence: number, mediaMs: number * frameMs, serverMs: 0 },
				{ [leg]: samples },
			),
		);
	}

	return {
		async measure(windowMs: number): Promise<Talked> {
			for (const count of Object.values(counts)) Object.assign(count, { sent: 0, came: 0 }).delays.clear();
			lateMs = 0;
			measuring = true;
			await pause(windowMs);
			measuring = false;
			await pause(settleMs);
			return { toCustomer: outcome(counts.executive), toExecutive: outcome(counts.customer), lateMs };
		},
		start() {
			tick = Math.floor(performance.now() - epochMs);
			timer = setInterval(turn, 1);
		},
		stop: () => clearInterval(timer),
	};
}

/** No frame of silence, and none that anybody else sends. */
const mark = 0x5a;

const counted = (): { sent: number; came: number; delays: DelayCount } => ({ sent: 0, came: 0, delays: delayCount() });
const outcome = ({ sent, came, delays }: ReturnType<typeof counted>): Direction => ({
	p50Ms: delays.percentileMs(0.5),
	p95Ms: delays.percentileMs(0.95),
	sent,
	lost: sent - came,
});
export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
