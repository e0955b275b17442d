import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Benchmark, type Findings, type Metric, median } from '#tests/bench/benchmark.ts';
import { type Child, child, twoCores } from '#tests/bench/child.ts';
import type { IngestRequest, IngestWindow } from '#tests/bench/ingest-generator.ts';
import { type IngestPlatform, type IngestWire, ingestWires } from '#tests/bench/ingest-wires.ts';
import { ladder, mostThatHolds } from '#tests/bench/most-listeners.ts';
import { probe, usageWithinMs } from '#tests/bench/servers.ts';
import { udpDrops } from '#tests/bench/udp-drops.ts';
import type { Usage } from '#tests/bench/usage-probe.ts';
import { ycordServer } from '#tests/bench/ycord-server.ts';

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface IngestPace {
	calls: number;
	rounds: number;
	warmUps: number;
	warmUpMs: number;
	windowMs: number;
	/** The most calls are looked for up to so many times `calls`; 0 leaves it out. */
	growTo: number;
	maxTrials: number;
}
const usual: IngestPace = {
	calls: 100,
	rounds: 5,
	warmUps: 2,
	warmUpMs: 500,
	windowMs: 2000,
	growTo: 20,
	maxTrials: 14,
};
const quickly: IngestPace = {
	calls: 20,
	rounds: 1,
	warmUps: 0,
	warmUpMs: 250,
	windowMs: 600,
	growTo: 0,
	maxTrials: 0,
};
/** So many calls have a listener each, who says whether anything is lost; what they cost is in Ycord's figure. */
const sampled = 4;
/** A server whose messages fall back further than this is not up to it, though a wire with a clock loses nothing by it. */
const maxBehindMs = 60;
/** A call that was announced is waited for some seconds only. */
const announcedAtOnce = 50;
/** A round in which the generator was later than this was disturbed. */
const calmMs = 20;

/** Calls at real-time pace through each gateway, against a bare reader of the same wire that throws the sound away. */
export const ingest: Benchmark = {
	name: 'ingest',
	about: 'calls held per core through each gateway, against a bare reader of the same wire that throws the sound away',
	loads: ingestWires.map(({ name }) => name),
	allUnasked: true,
	run: ({ quick, ...options }) => measureIngest({ ...options, pace: quick ? quickly : usual }),
};

export interface IngestOptions {
	loads: readonly string[];
	pace: IngestPace;
	say: (text: string) => void;
	signal: AbortSignal;
	profile?: string;
}

/** A server that reads calls, and the generator's side for it. */
interface Side {
	name: 'ycord' | 'bare';
	/** Brings in so many calls in all. */
	grow(calls: number): Promise<void>;
	measure(calls: number): Promise<Figures>;
	stop(): Promise<void>;
}
interface Figures extends IngestWindow {
	cpuUsPerCallSecond: number;
	serverBusy: number;
	/** Packets that the kernel threw away at the server's ports, and at those of the calls that are listened to. */
	dropped: number;
	droppedHeard: number;
}

export async function measureIngest(options: IngestOptions): Promise<Findings> {
	const { loads, pace, say, signal } = options;
	const cores = twoCores();
	const notes = [
		cores
			? `servers on core ${cores[0]}, generator on core ${cores[1]}`
			: 'not pinned, for taskset or a second core is missing: servers and generator got in each other’s way',
		`${pace.calls} calls, both legs; medians and ranges of ${pace.rounds} rounds of ${pace.windowMs / 1000} s, ratios taken round by round`,
	];
	const metrics: Metric[] = [];
	for (const wire of ingestWires.filter(({ name }) => loads.includes(name))) {
		const [busyBefore = 0] = loadavg();
		const generator = child({
			name: 'the generator',
			args: [fileOf('./ingest-generator.ts')],
			env: {},
			core: cores?.[1],
			signal,
		});
		const stops = [generator.stop];
		try {
			const ready = { wire, generator, core: cores?.[0], pace };
			const ycord = await ycordSide({ ...ready, ...options });
			stops.unshift(ycord.stop);
			const bare = await bareSide({ ...ready, ...options });
			stops.unshift(bare.stop);
			const rounds = await measureRounds([ycord, bare], options, wire.name);
			metrics.push(...metricsOf(wire, rounds));
			const disturbed = rounds.filter((round) => latest(round) > calmMs).length;
			notes.push(
				`${wire.name}: rounds in which the generator was over ${calmMs} ms late: ${disturbed}; it was busy at most ${percent(Math.max(...rounds.map(({ ycord: one, bare: other }) => Math.max(one.busy, other.busy))))}; load average before: ${busyBefore.toFixed(2)}`,
			);
			if (wire.byPackets) notes.push(droppedNote(wire.name, rounds));
			if (pace.growTo > 0) {
				const most = await mostCalls(ycord, wire.name, { pace, say, signal });
				metrics.push({
					name: `max_calls_${wire.name}`,
					value: most.calls,
					unit: 'calls on one core',
					higherIsBetter: true,
				});
				notes.push(most.note);
			}
		} finally {
			for (const stop of stops) await stop();
		}
	}
	return { metrics, notes };
}

type Round = Record<Side['name'], Figures>;
const latest = ({ ycord, bare }: Round) => Math.max(ycord.lateMs, bare.lateMs);

/** In each round both have their turn, each time the other one first. */
async function measureRounds(sides: readonly [Side, Side], { pace, say }: IngestOptions, of: string): Promise<Round[]> {
	for (const side of sides) await side.grow(pace.calls);
	for (let turn = 0; turn < pace.warmUps; turn++) for (const side of sides) await side.measure(pace.calls);
	const rounds: Round[] = [];
	while (rounds.length < pace.rounds) {
		const found: Partial<Round> = {};
		for (const side of rounds.length % 2 === 0 ? sides : sides.toReversed())
			found[side.name] = await side.measure(pace.calls);
		const round = found as Round;
		rounds.push(round);
		const { ycord, bare } = round;
		say(
			`${of}: round ${rounds.length}: Ycord ${Math.round(ycord.cpuUsPerCallSecond)}, bare ${Math.round(bare.cpuUsPerCallSecond)} µs a call and second; ${ycord.lost} of ${ycord.heard + ycord.lost} lost${droppedWord(ycord)}; generator ${Math.round(latest(round))} ms late`,
		);
	}
	return rounds;
}

const droppedWord = ({ dropped, droppedHeard }: Figures) =>
	dropped === 0 ? '' : ` (the kernel dropped ${droppedHeard} of theirs, ${dropped} in all)`;

function droppedNote(of: string, rounds: readonly Round[]): string {
	const sum = (value: (round: Round) => number) => rounds.reduce((all, round) => all + value(round), 0);
	const [ours, heard, bare] = [
		sum(({ ycord }) => ycord.dropped),
		sum(({ ycord }) => ycord.droppedHeard),
		sum((round) => round.bare.dropped),
	];
	return `${of}: packets that the kernel dropped for want of room: ${ours} at Ycord’s ports, ${heard} of them of calls that are listened to and so in lost; ${bare} at the bare reader’s`;
}

function metricsOf({ name: of, byPackets }: IngestWire, rounds: readonly Round[]): Metric[] {
	const metric = (name: string, unit: string, value: (round: Round) => number): Metric => {
		const values = rounds.map(value);
		const range = [Math.min(...values), Math.max(...values)] as const;
		return { name: `${name}_${of}`, value: median(values), unit, higherIsBetter: false, range };
	};
	return [
		metric('cpu_us_per_call_s', 'µs a call and second', ({ ycord }) => ycord.cpuUsPerCallSecond),
		metric('bare_cpu_us_per_call_s', 'µs a call and second', ({ bare }) => bare.cpuUsPerCallSecond),
		metric('ratio_vs_bare', 'times', ({ ycord, bare }) => ycord.cpuUsPerCallSecond / bare.cpuUsPerCallSecond),
		{
			...metric('lost', 'leg-frames of the calls that are listened to', ({ ycord }) => ycord.lost),
			value: rounds.reduce((all, { ycord }) => all + ycord.lost, 0),
		},
		...(byPackets
			? [
					{
						...metric(
							'dropped_by_kernel',
							'packets of all calls, thrown away before Ycord',
							({ ycord }) => ycord.dropped,
						),
						value: rounds.reduce((all, { ycord }) => all + ycord.dropped, 0),
					},
				]
			: []),
	];
}

/** More and more calls, until those who listen miss something, or get it late. */
async function mostCalls(side: Side, of: string, { pace, say, signal }: Omit<IngestOptions, 'loads'>) {
	let limit = '';
	const holds = async (calls: number) => {
		for (let tries = 0; tries < 2; tries++) {
			try {
				await side.grow(calls);
				const found = await side.measure(calls);
				const { lost, behindMs, serverBusy, busy, lateMs, dropped } = found;
				say(
					`${of}: ${calls} calls: ${lost} lost${droppedWord(found)}, at most ${behindMs} ms behind, server ${percent(serverBusy)}, generator ${percent(busy)} busy and ${Math.round(lateMs)} ms late`,
				);
				if (lost === 0 && dropped === 0 && behindMs <= maxBehindMs) return true;
				limit =
					serverBusy < 0.6
						? `; at ${calls} the server was only ${percent(serverBusy)} busy: something else was in its way`
						: '';
				if (busy > 0.85) limit = `; at ${calls} the generator was the limit`;
			} catch (error) {
				signal.throwIfAborted();
				limit = `; with ${calls} it broke down: ${(error as Error).message}`;
				return false;
			}
		}
		return false;
	};
	const counts = ladder(pace.calls, pace.calls * pace.growTo);
	const calls = await mostThatHolds(counts, pace.calls, pace.maxTrials, holds);
	return { calls, note: `${of}: Ycord holds ${calls} calls on its core${limit}` };
}

interface SideNeeds extends IngestOptions {
	wire: IngestWire;
	generator: Child;
	core: number | undefined;
}

/** The whole house as shipped. */
async function ycordSide({ wire, generator, core, signal, pace, profile }: SideNeeds): Promise<Side> {
	const platform = await wire.platform?.();
	const server = await ycordServer({
		core,
		signal,
		env: { ...wire.env, ...platform?.env },
		gateway: wire.name,
		...(profile === undefined ? {} : { profile }),
	}).catch(async (error) => {
		await platform?.stop();
		throw error;
	});
	const { port, door } = server;
	const headers = { ...(wire.name === 'twilio' ? door.headers : {}), ...wire.headers };
	const { agent } = door;
	const side = sideAt({ name: 'ycord', generator, wire, platform, port, headers, agent, usage: server.usage, pace });
	let isListened = false;
	return {
		...side,
		async grow(calls) {
			const callIds = await side.grow(calls);
			if (isListened) return;
			isListened = true;
			const { headers, listeners } = await server.seats(callIds.slice(0, sampled), 1, 0);
			await side.ask({ ask: 'listen', port, headers: { ...headers }, paths: listeners.map(({ path }) => path) });
		},
		async stop() {
			await server.stop();
			await platform?.stop();
		},
	};
}

async function bareSide({ wire, generator, core, signal, pace }: SideNeeds): Promise<Side> {
	const reader = child({
		name: 'the bare reader',
		args: [...probe, fileOf(wire.byPackets ? './bare-receiver.ts' : './bare-reader.ts')],
		env: {},
		core,
		signal,
	});
	const port = wire.byPackets ? 0 : Number((await reader.says(/Reading on port (\d+)/))[1]);
	const usage = () => reader.ask<Usage>({ ask: 'usage' }, usageWithinMs);
	const announce = () => reader.ask<string[]>({ ask: 'bind', ports: 2 });
	const platform = wire.byPackets ? { announce } : undefined;
	const side = sideAt({ name: 'bare', generator, wire, platform, port, headers: {}, agent: 'ann', usage, pace });
	return { ...side, grow: async (calls) => void (await side.grow(calls)), stop: reader.stop };
}

interface SideAt {
	name: Side['name'];
	generator: Child;
	wire: IngestWire;
	platform?: Pick<IngestPlatform, 'announce'> | undefined;
	port: number;
	headers: Record<string, string>;
	agent: string;
	usage: () => Promise<Usage>;
	pace: IngestPace;
}

/** What both have in common: calls are opened, and their server's CPU time is looked at over a window of them. */
function sideAt({ name, generator, wire, platform, port, headers, agent, usage, pace }: SideAt) {
	const callIds: string[] = [];
	/** Of each call that comes as packets. */
	const ports: (readonly string[])[] = [];
	const dropsOf = (some: readonly (readonly string[])[], drops: Awaited<ReturnType<typeof udpDrops>>) =>
		some.flat().reduce((all, port) => all + (drops?.get(port) ?? 0), 0);
	const ask = <Answer>(request: IngestRequest) => generator.ask<Answer>({ side: name, ...request }, usageWithinMs);
	const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
	return {
		name,
		ask,
		/** Gives back the ids of all calls. */
		async grow(calls: number) {
			const more = Array.from({ length: Math.max(0, calls - callIds.length) }, (_, n) => callIdOf(callIds.length + n));
			callIds.push(...more);
			for (let from = 0; from < more.length; from += announcedAtOnce) {
				const some = more.slice(from, from + announcedAtOnce);
				const paths = platform && (await Promise.all(some.map((callId) => platform.announce(callId, agent, port))));
				if (wire.byPackets) ports.push(...(paths ?? []));
				const open = { ask: 'open', wire: wire.name, port, headers, agent, callIds: some } as const;
				await ask({ ...open, ...(paths ? { paths } : {}) });
			}
			return callIds;
		},
		async measure(calls: number): Promise<Figures> {
			await ask({ ask: 'start', calls });
			try {
				await wait(pace.warmUpMs);
				const droppedBefore = wire.byPackets && (await udpDrops());
				await ask({ ask: 'begin' });
				const [before, beganMs] = [await usage(), performance.now()];
				await wait(pace.windowMs);
				const [after, tookMs] = [await usage(), performance.now() - beganMs];
				const window = await ask<IngestWindow>({ ask: 'end' });
				const dropped = wire.byPackets && (await udpDrops());
				const droppedAt = (some: typeof ports) =>
					dropped && droppedBefore ? dropsOf(some, dropped) - dropsOf(some, droppedBefore) : 0;
				const cpuUs = after.cpuUs - before.cpuUs;
				return {
					...window,
					cpuUsPerCallSecond: cpuUs / calls / (tookMs / 1000),
					serverBusy: cpuUs / 1000 / tookMs,
					dropped: droppedAt(ports),
					droppedHeard: droppedAt(ports.slice(0, sampled)),
				};
			} finally {
				await ask({ ask: 'stop' });
			}
		},
	};
}

/** As every platform can name a call: a UUID. */
const callIdOf = (place: number) => `00000000-0000-4000-8000-${place.toString(16).padStart(12, '0')}`;

const percent = (share: number) => `${Math.round(share * 100)} %`;
