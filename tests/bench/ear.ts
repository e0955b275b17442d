import { type Benchmark, type Findings, type Metric, median } from '#tests/bench/benchmark.ts';
import { type EarHouse, earHouse } from '#tests/bench/ear-house.ts';
import type { HeardBoth } from '#tests/bench/ear-page/ear-page.ts';
import { pause } from '#tests/bench/survey-ends.ts';
import type { LinkWeather } from '#tests/support/weather.ts';

/** How long is listened to in a round, after the players have settled; and how long the tab is watched. */
const usual = { rounds: 3, settleMs: 5000, windowMs: 20_000, cpuMs: 20_000 };
const quickly = { rounds: 1, settleMs: 1000, windowMs: 5000, cpuMs: 3000 };
type Pace = typeof usual;

/** 300 ms in which nothing comes, begun by that many pieces of a hundred. */
const stallPercents = [0, 2, 5] as const;
const weatherOf = (percent: number): LinkWeather => ({
	baseMs: 60,
	jitterMs: 40,
	stallShare: percent / 100,
	stallMs: 300,
});
const grownOver = 2;
/** Of a long run the first and the last minute are listened to. */
const minuteMs = 60_000;
/** The call lasts longer than all that is done to it: pages are slow over a bad link. */
const perListeningMs = 60_000;

/** What a listener hears and how late, in a real browser over bad links, against a player that plays each message as it comes. */
export const ear: Benchmark = {
	name: 'ear',
	about: 'delay and glitches in a browser at 0, 2 and 5 % stalls, against a naive player; what the tab costs',
	loads: ['2min', '30min'],
	loadPattern: /^[1-9]\d{0,2}min$/,
	async run({ quick, loads, seed, say, signal }): Promise<Findings> {
		const pace = quick ? quickly : usual;
		const longMs = quick ? 2 * pace.windowMs : Number.parseInt(loads[0] ?? '2min', 10) * minuteMs;
		const listenings = pace.rounds * (stallPercents.length + 1) + 2;
		const house = await earHouse(listenings * (perListeningMs + pace.windowMs) + longMs, signal);
		try {
			return await measured(house, { pace, longMs, seed, say, signal });
		} finally {
			await house.stop();
		}
	},
};

interface Asked {
	pace: Pace;
	longMs: number;
	seed: number;
	say: (text: string) => void;
	signal: AbortSignal;
}

async function measured(house: EarHouse, { pace, longMs, seed, say, signal }: Asked): Promise<Findings> {
	const metrics: Metric[] = [];
	const notes = [
		`Medians of ${pace.rounds} rounds of ${pace.windowMs / 1000} s, each in a new page over a link of its own; both players hear the same messages in the same context.`,
		'From sending a frame to the gateway to its place in the sound at the context’s output; what the browser and the device add is told apart.',
	];
	const link = { settleMs: pace.settleMs, windowMs: pace.windowMs };
	for (const percent of [...stallPercents, undefined]) {
		const name = percent ?? 'loopback';
		const rounds: HeardBoth[] = [];
		for (let round = 0; round < pace.rounds; round++) {
			signal.throwIfAborted();
			const weather = percent === undefined ? {} : { weather: weatherOf(percent) };
			const one = await house.listening({ ...weather, seed: seed * 1000 + round });
			try {
				await pause(link.settleMs);
				rounds.push(await one.hear(link.windowMs));
			} finally {
				await one.close();
			}
			say(`${name}, round ${round + 1}: ${inWords(rounds.at(-1) as HeardBoth)}`);
		}
		metrics.push(...metricsOf(String(name), rounds));
		if (percent === undefined) metrics.push(over('output_latency_ms', 'ms', rounds, ({ outputMs }) => outputMs));
	}
	metrics.push(...(await growth(house, { pace, longMs, seed, say, signal })));
	metrics.push(await tabCpu(house, pace, seed));
	const minutes = longMs / minuteMs;
	notes.push(
		`delay_growth: over ${minutes.toFixed(1)} min at ${grownOver} % stalls${minutes < 30 ? '; --load 30min is the real thing' : ''}.`,
	);
	return { metrics, notes };
}

async function growth(house: EarHouse, { pace, longMs, seed, say, signal }: Asked): Promise<Metric[]> {
	const one = await house.listening({ weather: weatherOf(grownOver), seed });
	try {
		await pause(pace.settleMs);
		const windowMs = Math.min(minuteMs, longMs / 2);
		const first = await one.hear(windowMs);
		for (let leftMs = longMs - 2 * windowMs; leftMs > 0; leftMs -= minuteMs) {
			signal.throwIfAborted();
			await pause(Math.min(leftMs, minuteMs));
		}
		const last = await one.hear(windowMs);
		say(`long run: first ${inWords(first)}; last ${inWords(last)}`);
		const grown = (side: 'ycord' | 'naive') =>
			percentile(last[side].delaysMs, 0.5) - percentile(first[side].delaysMs, 0.5);
		return [
			{ name: 'delay_growth_ms', value: rounded(grown('ycord')), unit: 'ms', higherIsBetter: false },
			{ name: 'naive_delay_growth_ms', value: rounded(grown('naive')), unit: 'ms', higherIsBetter: false },
		];
	} finally {
		await one.close();
	}
}

/** What listening costs the listener's machine: the page as people have it, nothing tapped. */
async function tabCpu(house: EarHouse, { settleMs, cpuMs }: Pace, seed: number): Promise<Metric> {
	const one = await house.listening({ seed, bare: true });
	try {
		await pause(settleMs);
		const [before, beganMs] = [await one.cpuSeconds(), performance.now()];
		await pause(cpuMs);
		const seconds = (await one.cpuSeconds()) - before;
		const value = rounded((100_000 * seconds) / (performance.now() - beganMs));
		return { name: 'tab_cpu_percent', value, unit: '% of a core', higherIsBetter: false };
	} finally {
		await one.close();
	}
}

const perMinute = ({ glitches, ms }: { glitches: number; ms: number }) => (glitches * minuteMs) / ms;

function inWords({ ycord, naive }: HeardBoth): string {
	const one = (side: HeardBoth['ycord']) =>
		`p50 ${percentile(side.delaysMs, 0.5).toFixed(0)}, p95 ${percentile(side.delaysMs, 0.95).toFixed(0)} ms, ${side.gaps} gaps, ${side.silences} silences, ${side.repeats} repeats, ${side.pitchErrors} off pitch`;
	return `${one(ycord)}; naive ${one(naive)}`;
}

function metricsOf(name: string, rounds: readonly HeardBoth[]): Metric[] {
	const found = (['ycord', 'naive'] as const).flatMap((side) => {
		const prefix = side === 'naive' ? 'naive_' : '';
		return [
			over(`${prefix}ear_p50_ms_${name}`, 'ms', rounds, (round) => percentile(round[side].delaysMs, 0.5)),
			over(`${prefix}ear_p95_ms_${name}`, 'ms', rounds, (round) => percentile(round[side].delaysMs, 0.95)),
			over(`${prefix}glitches_per_min_${name}`, 'per minute', rounds, (round) => perMinute(round[side])),
		];
	});
	const ratio = (of: (side: HeardBoth['ycord']) => number) => (round: HeardBoth) => of(round.ycord) / of(round.naive);
	const ofDelay = ratio((side) => percentile(side.delaysMs, 0.95));
	found.push(over(`ear_ratio_vs_naive_${name}`, 'ratio', rounds, ofDelay));
	// There is no ratio to none.
	if (rounds.every(({ naive }) => naive.glitches > 0))
		found.push(over(`glitches_ratio_vs_naive_${name}`, 'ratio', rounds, ratio(perMinute)));
	return found;
}

const rounded = (value: number) => Number(value.toPrecision(4));

function over(name: string, unit: string, rounds: readonly HeardBoth[], read: (round: HeardBoth) => number): Metric {
	const values = rounds.map(read);
	const range = [rounded(Math.min(...values)), rounded(Math.max(...values))] as const;
	return { name, value: rounded(median(values)), unit, higherIsBetter: false, range };
}

function percentile(values: readonly number[], share: number): number {
	const sorted = values.toSorted((one, other) => one - other);
	const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
	if (found === undefined) throw new Error('no chirp was heard');
	return found;
}
