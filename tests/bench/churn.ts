import { v7 as uuidV7 } from 'uuid';
import { frameMs, frameSamples } from '#shared/audio.ts';
import type { Metric } from '#tests/bench/benchmark.ts';
import { type GatewayDoor, startStream } from '#tests/bench/gateway-calls.ts';
import { rawSocket } from '#tests/bench/raw-socket.ts';
import type { YcordServer } from '#tests/bench/ycord-server.ts';
import { listenPeer, livePeer } from '#tests/support/live-peer.ts';

/** How many come and go, how often the heap is looked at, and how long it takes at least. */
export interface ChurnPace {
	joins: number;
	looks: number;
	lastsMs?: number;
}

/**
 * So many have calls at once. Each call has so many listeners one after the other and then ends, so that within half the
 * run there are more ended calls than the server keeps at hand, and what it keeps on purpose no longer grows.
 */
const together = 8;
const joinsOfOneCall = 5;
const callsOfOneConnection = 10;
const framesOfOneListener = 3;
const settleMs = 1500;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Listeners and calls come and go; after each part of them what is alive is looked at. */
export async function churn(
	server: YcordServer,
	{ joins, looks, lastsMs = 0 }: ChurnPace,
	say: (text: string) => void,
	signal: AbortSignal,
): Promise<{ metrics: Metric[]; notes: string[] }> {
	const heaps: number[] = [];
	let callCount = 0;
	let beganMs = performance.now();
	let workedMs = 0;
	let done = 0;

	const look = async () => {
		await pause(settleMs);
		const { heapBytes } = await server.heap();
		heaps.push(heapBytes / 1024);
		say(`${done} joined and left: ${(heapBytes / 1024 / 1024).toFixed(2)} MiB of heap`);
	};
	/** One connection to the board, and the calls and listeners that it sees come and go. */
	const visit = async (joinsHere: number) => {
		const peer = await livePeer(server.seat);
		try {
			await peer.hello();
			await peer.watch({ watch: 'board', view: 'board' });
			for (let joined = 0; joined < joinsHere; ) {
				const callSid = `CH${++callCount}`;
				const call = await briefCall(server.door, callSid);
				await peer.call((view) => view.callId === `twilio-${callSid}`);
				for (let here = 0; here < joinsOfOneCall && joined < joinsHere; here++, joined++) {
					signal.throwIfAborted();
					await joinAndLeave(server, peer, `twilio-${callSid}`, call, joined % 2 === 0);
					done++;
					// Where it is to last, nobody is ahead of the time.
					const dueMs = (done / joins) * lastsMs - (performance.now() - beganMs);
					if (dueMs > 0) await pause(dueMs);
				}
				call.end();
			}
		} finally {
			peer.close();
		}
	};
	const many = async (count: number) => {
		const atOnce = joinsOfOneCall * callsOfOneConnection;
		let left = count;
		const worker = async () => {
			while (left > 0) {
				const mine = Math.min(left, atOnce);
				left -= mine;
				await visit(mine);
			}
		};
		await Promise.all(Array.from({ length: together }, worker));
	};

	// The first ones let the engine compile what they run.
	await many(Math.ceil(joins / looks / 2));
	done = 0;
	await look();
	beganMs = performance.now();
	for (let part = 0; part < looks; part++) {
		const fromMs = performance.now();
		await many(Math.round((joins * (part + 1)) / looks) - done);
		workedMs += performance.now() - fromMs;
		await look();
	}
	const later = heaps.slice(heaps.length >> 1);
	const { growth, noise } = trend(later);
	const metric = (name: string, value: number, unit: string, higherIsBetter = false): Metric => ({
		name,
		value: Number(value.toPrecision(4)),
		unit,
		higherIsBetter,
	});
	const lateJoins = (joins * (later.length - 1)) / looks;
	return {
		metrics: [
			metric('churn_heap_growth_kib', growth, 'KiB'),
			metric('churn_heap_noise_kib', noise, 'KiB'),
			metric('churn_heap_first_kib', heaps[0] ?? 0, 'KiB'),
			metric('churn_heap_last_kib', heaps.at(-1) ?? 0, 'KiB'),
			metric('churn_joins', joins, 'joins', true),
			metric('churn_joins_per_s', (joins * 1000) / workedMs, '1/s', true),
		],
		notes: [
			`${joins} joined and left ${callCount} calls; heap in MiB from first to last: ${heaps.map((kib) => (kib / 1024).toFixed(2)).join(' ')}`,
			`over the last ${lateJoins} joins the line through the heap rises by ${growth.toFixed(0)} KiB, its points lie ${noise.toFixed(0)} KiB off it: ${Math.abs(growth) <= 2 * noise || growth <= 0 ? 'no growth' : `${((growth * 1024) / lateJoins).toFixed(0)} bytes a join`}`,
		],
	};
}

/** The line of least squares through points at equal distances: how much it rises in all, and how far the points are off it. */
function trend(values: readonly number[]): { growth: number; noise: number } {
	const middle = (values.length - 1) / 2;
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	let across = 0;
	let along = 0;
	for (const [index, value] of values.entries()) {
		across += (index - middle) * (value - mean);
		along += (index - middle) ** 2;
	}
	const slope = along === 0 ? 0 : across / along;
	const off = values.reduce((sum, value, index) => sum + (value - mean - slope * (index - middle)) ** 2, 0);
	return { growth: slope * (values.length - 1), noise: Math.sqrt(off / Math.max(1, values.length - 2)) };
}

type BriefCall = Awaited<ReturnType<typeof briefCall>>;

/** A call that is there until it is ended, and sends sound when it is told to. */
async function briefCall({ port, path, headers, agent }: GatewayDoor, callSid: string) {
	let isOver = false;
	let why: string | undefined;
	const socket = await rawSocket({
		port,
		path,
		headers,
		heard: () => {},
		gone(reason) {
			if (!isOver) why = reason;
		},
	});
	const streamSid = `MZ${callSid}`;
	const payload = Buffer.alloc(frameSamples, 0x55).toString('base64');
	let sequence = 1;
	let frame = 0;
	startStream(socket, { streamSid, callSid, agent });
	return {
		sound(frames: number) {
			if (why !== undefined) throw new Error(`${callSid}: ${why}`);
			for (const end = frame + frames; frame < end; frame++)
				for (const track of ['inbound', 'outbound'])
					socket.send(
						`{"event":"media","sequenceNumber":"${++sequence}","media":{"track":"${track}","chunk":"${frame + 1}","timestamp":"${frame * frameMs}","payload":"${payload}"},"streamSid":"${streamSid}"}`,
					);
		},
		end() {
			isOver = true;
			socket.send(JSON.stringify({ event: 'stop', sequenceNumber: String(++sequence), streamSid }));
		},
	};
}

/** One listener: joins, hears something, and goes: by the door, or as one whose connection is cut. */
async function joinAndLeave(
	{ seat }: YcordServer,
	peer: Awaited<ReturnType<typeof livePeer>>,
	callId: string,
	call: BriefCall,
	byTheDoor: boolean,
): Promise<void> {
	const listeningId = uuidV7();
	const answer = await peer.ask(callId, { type: 'join-call', listeningId });
	if (answer.type !== 'done') throw new Error(`a listener could not join: ${answer.refusal.code}`);
	const listener = await listenPeer(seat, listeningId);
	await listener.begun();
	call.sound(framesOfOneListener);
	await listener.heard.when(() => true);
	if (byTheDoor) listener.leave();
	else listener.kill();
	await listener.closed;
}
