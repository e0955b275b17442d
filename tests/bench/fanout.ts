import { loadavg } from 'node:os';
import type { Benchmark, Findings, Metric } from '#tests/bench/benchmark.ts';
import { twoCores } from '#tests/bench/child.ts';
import { fanoutChart } from '#tests/bench/fanout-chart.ts';
import { addedDelays, capacities, inWords, metricsOf } from '#tests/bench/fanout-metrics.ts';
import { fanoutSides, type Missing, type Pace, type Round, type Sides } from '#tests/bench/fanout-sides.ts';
import { ladder, mostThatHolds } from '#tests/bench/most-listeners.ts';
import type { SideName } from '#tests/bench/servers.ts';

const usual: FanoutPace = {
	rounds: 5,
	warmUps: 4,
	warmUpMs: 500,
	windowMs: 2000,
	growTo: 6,
	tries: 2,
	maxTrials: 16,
	repeats: 2,
};
const quickly: FanoutPace = {
	rounds: 1,
	warmUps: 0,
	warmUpMs: 250,
	windowMs: 600,
	growTo: 1,
	tries: 1,
	maxTrials: 2,
	repeats: 1,
};
/** What `--quick` runs in place of each load. */
const small: Readonly<Record<string, string>> = { '50x10': '20x10', '150x2': '30x2', '5x200': '2x50' };
const loadPattern = /^([1-9]\d{0,2})x([1-9]\d{0,2})$/;
const everySide: readonly SideName[] = ['ycord', 'ycord40', 'ws', 'socketio', 'c'];
/** Whose largest load is looked for. */
const measuredMost: readonly SideName[] = ['ycord', 'ws'];
/** Who is measured with one call and one listener. */
const measuredLight: readonly SideName[] = ['ycord', 'ws', 'c'];

export interface FanoutPace extends Pace {
	/** Turns before the rounds that do not count. */
	warmUps: number;
	/** The largest load is looked for up to so many times the load that was asked for; 0 leaves it out. */
	growTo: number;
	/** A load that does not hold is tried this often in all, for something else may have disturbed it. */
	tries: number;
	/** So many loads are tried, at most. */
	maxTrials: number;
	/** Rounds and tries that something else on the machine disturbed are run again, up to so many times their number. */
	repeats: number;
}

/** Calls × listeners at real-time pace, Ycord as shipped against what else one could take, in one run. */
export const fanout: Benchmark = {
	name: 'fanout',
	about: 'calls × listeners at real-time pace, Ycord as shipped against ws, socket.io and a relay in C',
	loads: Object.keys(small),
	allUnasked: true,
	loadPattern,
	run({ quick, loads, ...options }) {
		const chosen = quick ? loads.map((load) => small[load] ?? load) : loads;
		return measureFanout({ ...options, loads: chosen, pace: quick ? quickly : usual, sides: everySide });
	},
};

export interface FanoutOptions {
	loads: readonly string[];
	pace: FanoutPace;
	sides: readonly SideName[];
	seed: number;
	profile?: string;
	say: (text: string) => void;
	signal: AbortSignal;
}

/** Runs each load on fresh servers; in each round all of them have their turn, each time another one first. */
export async function measureFanout(options: FanoutOptions): Promise<Findings> {
	const { loads, pace, seed, say, sides } = options;
	const cores = twoCores();
	const notes = [
		cores
			? `servers on core ${cores[0]}, load generator on core ${cores[1]}`
			: 'not pinned, for taskset or a second core is missing: servers and load generator got in each other’s way',
		`medians and ranges of ${pace.rounds} rounds of ${pace.windowMs / 1000} s; ratios are taken round by round; seed ${seed}`,
	];
	for (const note of notes) say(note);
	const missing: Missing = new Map();
	const metrics: Metric[] = [];
	for (const load of loads) {
		const found = await measureLoad(load, { ...options, cores, missing });
		metrics.push(...found.metrics);
		notes.push(...found.notes);
	}
	if (pace.growTo > 0) metrics.push(...(await measureLight({ ...options, cores, missing })));
	for (const name of sides) if (missing.has(name)) notes.push(`${name} is left out: ${missing.get(name)}`);
	return { metrics, notes, chart: fanoutChart(loads, metrics) };
}

/**
 * A round in which the generator itself sent later than this was disturbed by something else on the machine. Another one
 * is run for it; then the least disturbed ones count.
 */
const calmMs = 20;
const latest = (round: Round) => Math.max(...Object.values(round).map(({ lateMs }) => lateMs));

interface LoadOptions extends FanoutOptions {
	cores: [number, number] | undefined;
	missing: Missing;
}

async function measureLoad(load: string, options: LoadOptions): Promise<Findings> {
	const { pace, say, signal, missing } = options;
	const [, callCount = 0, perCall = 0] = (loadPattern.exec(load) ?? []).map(Number);
	const [busyBefore = 0] = loadavg();
	const sides = await fanoutSides({ ...options, callCount, perCall });
	try {
		say(`${load}: ${callCount} calls with ${perCall} listeners each are on the line at ${sides.names.join(', ')}`);
		const rounds = await measureRounds(load, sides, options);
		const busiest = (name: SideName) =>
			`${name} ${Math.round(Math.max(...rounds.map((round) => round[name]?.generatorBusy ?? 0)) * 100)} %`;
		const disturbed = rounds.filter((round) => latest(round) > calmMs).length;
		const metrics = metricsOf(load, rounds);
		const notes = [
			`${load}: the load generator was busy at most ${sides.names.map(busiest).join(', ')} of its core; disturbed rounds (sent over ${calmMs} ms late): ${disturbed}; load average before: ${busyBefore.toFixed(2)}`,
		];
		if (pace.growTo > 0) {
			const most = await measureMost(sides, { load, callCount, perCall, pace, say, signal });
			metrics.push(...capacities(load, most.listeners));
			notes.push(...most.notes);
		}
		return { metrics, notes };
	} finally {
		for (const [name, why] of sides.missing) missing.set(name, why);
		await sides.stop();
	}
}

async function measureRounds(load: string, sides: Sides, { pace, say, signal }: FanoutOptions): Promise<Round[]> {
	/** Whoever breaks down under the load is left out from then on; Ycord and the plain relay are what this is about. */
	const measure = async (name: SideName) => {
		try {
			return await sides.measure(name, pace);
		} catch (error) {
			signal.throwIfAborted();
			if (measuredMost.includes(name)) throw error;
			await sides.drop(name, `${load} was too much for it: ${(error as Error).message}`);
			return undefined;
		}
	};
	// Turns that do not count, in which the engines compile what they run and clear away what opening left.
	for (let turn = 0; turn < pace.warmUps; turn++) for (const name of [...sides.names]) await measure(name);
	const rounds: Round[] = [];
	const isCalm = (round: Round) => latest(round) <= calmMs;
	while (rounds.filter(isCalm).length < pace.rounds && rounds.length < pace.rounds * pace.repeats) {
		const round: Round = {};
		const first = rounds.length % sides.names.length;
		for (const name of [...sides.names.slice(first), ...sides.names.slice(0, first)]) {
			const figures = await measure(name);
			if (figures) round[name] = figures;
		}
		rounds.push(round);
		say(`${load}: round ${rounds.length}${isCalm(round) ? '' : ' (disturbed)'}: ${inWords(round)}`);
	}
	return rounds.sort((one, other) => latest(one) - latest(other)).slice(0, pace.rounds);
}

/** A load holds if nothing is lost and 99 of 100 messages are read within this, counted from their newest frame. */
const holdsWithinMs = 20;
/** Beyond this the generator may be what does not hold. */
const busyGenerator = 0.85;
/** A server that is less busy than this does not fail for want of time. */
const idleServer = 0.6;

interface MostOptions {
	load: string;
	callCount: number;
	perCall: number;
	pace: FanoutPace;
	say: (text: string) => void;
	signal: AbortSignal;
}

/** The largest load that holds, of Ycord and of the plain relay: more calls with as many listeners, both legs sent together. */
async function measureMost(sides: Sides, { load, callCount, perCall, pace, say, signal }: MostOptions) {
	const listeners: Partial<Record<SideName, number>> = {};
	const notes: string[] = [];
	const counts = ladder(callCount, callCount * pace.growTo);
	for (const name of measuredMost.filter((one) => sides.names.includes(one))) {
		let limited = '';
		let disturbed = 0;
		/** One step, once; nothing if the server, or the generator, was not up to it at all. */
		const trial = async (count: number) => {
			try {
				await sides.grow(name, count);
				return await sides.measure(name, pace, { calls: count, together: true });
			} catch (error) {
				signal.throwIfAborted();
				limited = `; with ${count * perCall} it broke down: ${(error as Error).message}`;
				return undefined;
			}
		};
		const holds = async (count: number) => {
			for (let tries = 0, calm = 0; calm < pace.tries && tries < pace.tries * pace.repeats; tries++) {
				const found = await trial(count);
				if (!found) return false;
				const { lost, newestP99Ms, serverBusy, generatorBusy, perMessage, lateMs } = found;
				const isHeld = lost === 0 && newestP99Ms < holdsWithinMs;
				say(
					`${load}: ${name} with ${count * perCall} listeners: p99 ${newestP99Ms.toFixed(1)} ms, ${lost} lost, ${perMessage.toFixed(1)} leg-frames a message, server ${percent(serverBusy)}, generator ${percent(generatorBusy)} busy: ${isHeld ? 'holds' : 'does not hold'}`,
				);
				if (isHeld) return true;
				// Where neither of them had much to do, something else was in their way.
				if (lateMs <= calmMs && (serverBusy > idleServer || lost > 0)) calm++;
				else disturbed++;
				if (generatorBusy > busyGenerator) limited = ' or more: there the load generator was the limit';
			}
			return false;
		};
		const most = await mostThatHolds(counts, callCount, pace.maxTrials, holds);
		if (most === counts.at(-1)) limited = ' or more: it is not tried with more';
		listeners[name] = most * perCall;
		notes.push(`${load}: ${name} holds ${most * perCall} listeners${limited}; disturbed steps: ${disturbed}`);
	}
	return { listeners, notes };
}

/** One call, one listener, both legs sent together: what the server itself adds, with nothing else to do. */
async function measureLight(options: LoadOptions): Promise<Metric[]> {
	const { pace, say } = options;
	const sides = await fanoutSides({
		...options,
		sides: measuredLight.filter((name) => options.sides.includes(name) && !options.missing.has(name)),
		callCount: 1,
		perCall: 1,
		together: true,
	});
	try {
		const rounds: Round[] = [];
		for (let count = 0; count < pace.rounds; count++) {
			const round: Round = {};
			for (const name of sides.names) round[name] = await sides.measure(name, pace, { together: true });
			rounds.push(round);
		}
		say('one call with one listener, both legs sent together: measured');
		return addedDelays(rounds);
	} finally {
		await sides.stop();
	}
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
