import type { Benchmark, Findings, Metric } from '#tests/bench/benchmark.ts';
import { twoCores } from '#tests/bench/child.ts';
import { type ChurnPace, churn } from '#tests/bench/churn.ts';
import { load } from '#tests/bench/load.ts';
import type { Heap } from '#tests/bench/usage-probe.ts';
import { type YcordServer, ycordServer } from '#tests/bench/ycord-server.ts';

/** Calls and the listeners on each of them whose memory is taken. */
interface Crowd {
	calls: number;
	perCall: number;
}

const usual = { crowd: { calls: 200, perCall: 10 }, joins: 10_000, looks: 10 };
const quickly = { crowd: { calls: 20, perCall: 5 }, joins: 300, looks: 4 };
const hourMs = 3_600_000;

/** What is alive in Ycord's process, collected first: for a call, for a listener, and after many have come and gone. */
export const memory: Benchmark = {
	name: 'memory',
	about: 'heap of a silent listener and of a call, and whether it grows while listeners come and go',
	loads: ['fast', 'hour'],
	async run({ quick, loads, say, signal }): Promise<Findings> {
		const { crowd, joins, looks } = quick ? quickly : usual;
		const options = { core: twoCores()?.[0], signal, collects: true };
		const metrics: Metric[] = [];
		const notes = [
			`${crowd.calls} calls that have sent sound, then ${crowd.perCall} listeners on each while nothing is sent; collected before each look`,
		];
		metrics.push(...(await withServer(options, (server) => crowdMemory(server, crowd, signal))));
		for (const load of loads) {
			const pace: ChurnPace = { joins, looks, ...(load === 'hour' ? { lastsMs: hourMs } : {}) };
			const found = await withServer(options, (server) => churn(server, pace, say, signal));
			metrics.push(
				...found.metrics.map((metric) => (load === 'hour' ? { ...metric, name: `${metric.name}_hour` } : metric)),
			);
			notes.push(...found.notes);
		}
		return { metrics, notes };
	},
};

async function withServer<T>(
	options: Parameters<typeof ycordServer>[0],
	work: (server: YcordServer) => Promise<T>,
): Promise<T> {
	const server = await ycordServer(options);
	try {
		return await work(server);
	} finally {
		await server.stop();
	}
}

/** What has come is dealt with, and what was let go of is closed, before anybody looks. */
const settleMs = 1000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const soundMs = 2000;
/** Calls whose listeners come at once. */
const callsAtOnce = 25;

async function crowdMemory(server: YcordServer, { calls, perCall }: Crowd, signal: AbortSignal): Promise<Metric[]> {
	let broken: string | undefined;
	const crowd = load({
		gone(why) {
			broken ??= why;
		},
		awake: false,
	});
	let opened = 0;
	const come = async (count: number) => {
		const sids = Array.from({ length: count }, (_, index) => `CA${opened + index}`);
		await crowd.openCalls(
			server.door,
			sids.map((callSid) => ({ callSid, legMs: [0, 0] })),
		);
		crowd.start({});
		await pause(soundMs);
		crowd.pause();
		const from = opened;
		opened += count;
		return { sids, from };
	};
	const sit = async ({ sids, from }: { sids: string[]; from: number }) => {
		// Not all at once: a node that has not seen yet what a crowd costs it lets in only as many as it is sure of. [B2]
		for (let at = 0; at < sids.length; at += callsAtOnce) {
			const some = sids.slice(at, at + callsAtOnce);
			await crowd.openListeners(server.port, await server.seats(some, perCall, from + at));
			await pause(settleMs);
		}
	};
	const look = async () => {
		await pause(settleMs);
		signal.throwIfAborted();
		if (broken) throw new Error(broken);
		return server.heap();
	};

	try {
		// The first ones let the engine compile what they run, and make what there is one of.
		await sit(await come(Math.ceil(calls / 10)));
		const empty = await look();
		const there = await come(calls);
		const withCalls = await look();
		await sit(there);
		const withListeners = await look();
		const each = (name: string, key: keyof Heap, before: Heap, after: Heap, count: number): Metric => ({
			name,
			value: Number(((after[key] - before[key]) / count / 1024).toPrecision(4)),
			unit: 'KiB',
			higherIsBetter: false,
		});
		const listeners = calls * perCall;
		return [
			each('heap_kib_per_silent_listener', 'heapBytes', withCalls, withListeners, listeners),
			each('buffers_kib_per_silent_listener', 'externalBytes', withCalls, withListeners, listeners),
			each('heap_kib_per_call', 'heapBytes', empty, withCalls, calls),
			each('buffers_kib_per_call', 'externalBytes', empty, withCalls, calls),
		];
	} finally {
		crowd.pause();
		crowd.leave();
	}
}
