import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { frameMs } from '#shared/audio.ts';
import { type Benchmark, type Findings, type Metric, median } from '#tests/bench/benchmark.ts';
import { type Child, child, twoCores } from '#tests/bench/child.ts';
import type { CallToOpen } from '#tests/bench/gateway-calls.ts';
import type { Outcome, Window } from '#tests/bench/load.ts';
import type { LoadRequest } from '#tests/bench/load-generator.ts';
import { plainServer, type Server, ycordServer } from '#tests/bench/servers.ts';
import { randomNumbers } from '#tests/support/seed.ts';

/** How long and how often is measured. */
export interface Pace {
	rounds: number;
	/** Sound runs this long before each window. */
	warmUpMs: number;
	windowMs: number;
}

const usual: Pace = { rounds: 9, warmUpMs: 500, windowMs: 2000 };
const quickly: Pace = { rounds: 2, warmUpMs: 400, windowMs: 1000 };
/** What `--quick` runs in place of each load. */
const small: Readonly<Record<string, string>> = { '50x10': '20x10', '150x2': '30x2', '5x200': '2x50' };
const loadPattern = /^([1-9]\d{0,2})x([1-9]\d{0,2})$/;

/** Calls × listeners at real-time pace, Ycord as shipped against a plain relay on `ws`. */
export const fanout: Benchmark = {
	name: 'fanout',
	about: 'calls × listeners at real-time pace, Ycord as shipped against a plain relay on ws',
	loads: Object.keys(small),
	loadPattern,
	run({ quick, loads, ...options }) {
		const chosen = quick ? loads.map((load) => small[load] ?? load) : loads;
		return measureFanout({ ...options, loads: chosen, pace: quick ? quickly : usual });
	},
};

export interface FanoutOptions {
	loads: readonly string[];
	pace: Pace;
	seed: number;
	profile?: string;
	say: (text: string) => void;
	signal: AbortSignal;
}

/** One server's figures in one round. */
type Figures = ReturnType<typeof figuresOf>;
interface Round {
	ycord: Figures;
	ws: Figures;
}

/** Runs each load on fresh servers; in each round both servers have their turn, the first one alternating. */
export async function measureFanout({ loads, pace, seed, profile, say, signal }: FanoutOptions): Promise<Findings> {
	const cores = twoCores();
	const notes = [
		cores
			? `servers on core ${cores[0]}, load generator on core ${cores[1]}`
			: 'not pinned, for taskset or a second core is missing: servers and load generator got in each other’s way',
		`medians and ranges of ${pace.rounds} rounds of ${pace.windowMs / 1000} s; ratios are taken round by round; seed ${seed}`,
	];
	for (const note of notes) say(note);
	const metrics: Metric[] = [];
	for (const load of loads) {
		const [busyBefore = 0] = loadavg();
		const rounds = await measureLoad(load, { pace, seed, say, signal, cores, ...(profile ? { profile } : {}) });
		metrics.push(...metricsOf(load, rounds));
		const busiest = (side: 'ycord' | 'ws') => Math.round(Math.max(...rounds.map((round) => round[side].busy)) * 100);
		const disturbed = rounds.filter((round) => latest(round) > calmMs).length;
		notes.push(
			`${load}: the load generator was at most ${busiest('ycord')} % (Ycord) and ${busiest('ws')} % (ws) of a core busy; disturbed rounds (sent over ${calmMs} ms late): ${disturbed}; load average before: ${busyBefore.toFixed(2)}`,
		);
	}
	return { metrics, notes };
}

/**
 * A round in which the generator itself sent later than this was disturbed by something else on the machine. Another one
 * is run for it, up to so many times the rounds; then the least disturbed ones count.
 */
const calmMs = 20;
const maxRepeats = 2;
const latest = ({ ycord, ws }: Round) => Math.max(ycord.lateMs, ws.lateMs);

interface LoadOptions extends Omit<FanoutOptions, 'loads'> {
	cores: [number, number] | undefined;
}

async function measureLoad(load: string, { pace, seed, profile, say, signal, cores }: LoadOptions): Promise<Round[]> {
	const [, callCount = 0, perCall = 0] = (loadPattern.exec(load) ?? []).map(Number);
	const stops: (() => Promise<void>)[] = [];
	try {
		const server = { core: cores?.[0], signal, ...(profile ? { profile } : {}) };
		const generator = child({
			name: 'the load generator',
			// On a core of its own it may as well stay awake; on a shared one that would take time from the server.
			args: [fileURLToPath(new URL('./load-generator.ts', import.meta.url)), ...(cores ? ['--awake'] : [])],
			env: {},
			core: cores?.[1],
			signal,
		});
		stops.push(generator.stop);
		const sides: Side[] = [];
		for (const start of [ycordServer, plainServer]) {
			const started = await start(server);
			stops.push(started.stop);
			const calls = callsOf(callCount, seed);
			const rssWithout = await openSide(generator, started, calls, perCall);
			sides.push({ server: started, listeners: callCount * perCall, rssWithout });
		}
		say(`${load}: ${callCount} calls with ${perCall} listeners each are on the line on both servers`);
		// A turn that does not count, in which the engines compile what they run.
		for (const side of sides) await measureRound(generator, side, pace);
		const rounds: Round[] = [];
		const isCalm = (round: Round) => latest(round) <= calmMs;
		while (rounds.filter(isCalm).length < pace.rounds && rounds.length < pace.rounds * maxRepeats) {
			const figures: Partial<Round> = {};
			for (const side of rounds.length % 2 ? [...sides].reverse() : sides)
				figures[side.server.name] = await measureRound(generator, side, pace);
			const round = figures as Round;
			rounds.push(round);
			say(`${load}: round ${rounds.length}${isCalm(round) ? '' : ' (disturbed)'}: ${inWords(round)}`);
		}
		return rounds.sort((one, other) => latest(one) - latest(other)).slice(0, pace.rounds);
	} finally {
		// The generator first: to a server that is still there, its going is the end of the calls.
		for (const stop of stops) await stop();
	}
}

interface Side {
	server: Server;
	listeners: number;
	/** Memory with the calls on and nobody listening. */
	rssWithout: number;
}

/** Legs at random places in their 20 ms, the same ones for the same seed. */
function callsOf(count: number, seed: number): CallToOpen[] {
	const random = randomNumbers(seed);
	const place = () => random(frameMs);
	return Array.from({ length: count }, (_, index) => ({ callSid: `CA${index}`, legMs: [place(), place()] }));
}

const openWithinMs = 120_000;

async function openSide(generator: Child, server: Server, calls: CallToOpen[], perCall: number): Promise<number> {
	const ask = asking(generator, server.name);
	await ask({ ask: 'open-calls', door: server.door, calls }, openWithinMs);
	await ask({ ask: 'start' });
	await pause(1000);
	const { rssBytes } = await server.usage();
	await ask({ ask: 'pause' });
	const seats = await server.seats(
		calls.map(({ callSid }) => callSid),
		perCall,
	);
	await ask({ ask: 'open-listeners', port: server.port, seats }, openWithinMs);
	return rssBytes;
}

async function measureRound(generator: Child, { server, listeners, rssWithout }: Side, pace: Pace): Promise<Figures> {
	const ask = asking(generator, server.name);
	await ask({ ask: 'start' });
	await pause(pace.warmUpMs);
	const [before] = await Promise.all([server.usage(), ask({ ask: 'begin' })]);
	await pause(pace.windowMs);
	const [after, window] = await Promise.all([server.usage(), ask<Window>({ ask: 'end' })]);
	const outcome = await ask<Outcome>({ ask: 'settle' });
	if (window.delivered === 0) throw new Error(`${server.name} delivered nothing`);
	return figuresOf(window, outcome, after.cpuUs - before.cpuUs, (after.rssBytes - rssWithout) / listeners);
}

const asking =
	(generator: Child, side: string) =>
	<Answer = void>(request: LoadRequest, withinMs?: number) =>
		generator.ask<Answer>({ ...request, side }, withinMs);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function figuresOf(window: Window, { expected, lost, p50Ms, p99Ms }: Outcome, cpuUs: number, rssPerListener: number) {
	return {
		framesPerSecond: (window.delivered * 1000) / window.windowMs,
		cpuUs: cpuUs / window.delivered,
		perMessage: window.delivered / window.messages,
		p50Ms,
		p99Ms,
		expected,
		lost,
		rssKib: rssPerListener / 1024,
		busy: window.busy,
		lateMs: window.lateMs,
	};
}

function inWords({ ycord, ws }: Round): string {
	const one = ({ cpuUs, perMessage, p50Ms, p99Ms, lost }: Figures) =>
		`${cpuUs.toFixed(2)} µs a leg-frame, ${perMessage.toFixed(2)} of them a message, p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)} ms, ${lost} lost`;
	return `Ycord ${one(ycord)}; ws ${one(ws)}; CPU ratio ${(ycord.cpuUs / ws.cpuUs).toFixed(2)}`;
}

function metricsOf(load: string, rounds: readonly Round[]): Metric[] {
	const over = (name: string, unit: string, higherIsBetter: boolean, read: (round: Round) => number): Metric => {
		const values = rounds.map(read);
		return {
			name: `${name}_${load}`,
			value: rounded(median(values)),
			unit,
			higherIsBetter,
			range: [rounded(Math.min(...values)), rounded(Math.max(...values))],
		};
	};
	/** Ycord's figure, the plain relay's, and the ratio where there is one: a few listeners' memory can come out as none. */
	const three = (name: string, ratio: string, unit: string, higherIsBetter: boolean, key: keyof Figures): Metric[] => {
		const isThere = rounds.every(({ ycord, ws }) => ycord[key] > 0 && ws[key] > 0);
		return [
			over(name, unit, higherIsBetter, ({ ycord }) => ycord[key]),
			over(`ws_${name}`, unit, higherIsBetter, ({ ws }) => ws[key]),
			...(isThere ? [over(ratio, 'ratio', higherIsBetter, ({ ycord, ws }) => ycord[key] / ws[key])] : []),
		];
	};
	const total = (name: string, side: keyof Round): Metric => ({
		name: `${name}_${load}`,
		value: rounds.reduce((sum, round) => sum + round[side].lost, 0),
		unit: 'leg-frames',
		higherIsBetter: false,
	});
	return [
		...three('frames_per_s', 'frames_ratio_vs_ws', '1/s', true, 'framesPerSecond'),
		...three('cpu_us_per_leg_frame', 'ratio_vs_ws', 'µs', false, 'cpuUs'),
		...three('p50_ms', 'p50_ratio_vs_ws', 'ms', false, 'p50Ms'),
		...three('p99_ms', 'p99_ratio_vs_ws', 'ms', false, 'p99Ms'),
		total('lost', 'ycord'),
		total('ws_lost', 'ws'),
		...three('rss_kib_per_listener', 'rss_ratio_vs_ws', 'KiB', false, 'rssKib'),
	];
}

const rounded = (value: number) => Number(value.toPrecision(4));
