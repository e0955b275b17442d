import type { Page } from 'playwright-core';
import { type Benchmark, type Findings, type Metric, median } from '#tests/bench/benchmark.ts';
import type { EarPage } from '#tests/bench/ear-page/ear-page.ts';
import { earServer } from '#tests/bench/ear-server.ts';
import { type TabCpu, tabCpu } from '#tests/bench/tab-cpu.ts';
import { heardChirps } from '#tests/support/chirp.ts';
import { openChromium } from '#tests/support/chromium.ts';
import type { LinkWeather } from '#tests/support/weather.ts';

/** A mobile network: 60 ± 40 ms, and of the messages so many begin a stall. */
const mobile = (stallShare: number): LinkWeather => ({ baseMs: 60, jitterMs: 40, stallShare, stallMs: 300 });
const links: readonly [name: string, weather: LinkWeather | undefined][] = [
	['loopback', undefined],
	['0', mobile(0)],
	['2', mobile(0.02)],
	['5', mobile(0.05)],
	// Over before anything is measured: who has caught up by then?
	['after_outage', { ...mobile(0), outage: { atMs: 500, forMs: 2000 } }],
];
/** Before anything is measured a buffer may find out what the link is like. */
const settleMs = 12_000;
const usual = { rounds: 3, windowMs: 20_000 };
const quickly = { rounds: 1, windowMs: 5000 };

/** Ycord's player and one that schedules each message as it comes, in one page, on the same messages. */
export const ear: Benchmark = {
	name: 'ear',
	about: 'delay and glitches of Ycord’s player in Chromium, against one that schedules each message as it comes',
	loads: ['stalls', '30min'],
	run: ({ loads, quick, seed, say, signal }) =>
		loads.includes('30min') ? halfAnHour(say, signal) : onLinks({ quick, seed, say, signal }),
};

interface Figures {
	p50: number;
	p95: number;
	glitches: number;
}
const sides = ['ycord', 'naive'] as const;
type Side = (typeof sides)[number];

interface EarOptions {
	quick: boolean;
	seed: number;
	say: (text: string) => void;
	signal: AbortSignal;
}

async function onLinks({ quick, seed, say, signal }: EarOptions): Promise<Findings> {
	const { rounds, windowMs } = quick ? quickly : usual;
	const metrics: Metric[] = [];
	const outputs: number[] = [];
	await withPages(async (open) => {
		for (const [name, weather] of links) {
			const found: Record<Side, Figures>[] = [];
			for (let round = 0; round < rounds; round++) {
				signal.throwIfAborted();
				const page = await open(weather, seed + round);
				await page.waitForTimeout(quick ? 3000 : settleMs);
				const figures = await measured(page, windowMs);
				outputs.push(await asked(page, (one) => one.outputMs()));
				await page.context().close();
				found.push(figures);
				const words = sides.map(
					(side) =>
						`${side} p50 ${rounded(figures[side].p50)}, p95 ${rounded(figures[side].p95)} ms, ${rounded(figures[side].glitches)} glitches a minute`,
				);
				say(`${/^\d/.test(name) ? `${name} % stalls` : name}: round ${round + 1}: ${words.join('; ')}`);
			}
			metrics.push(...metricsOf(name, found));
		}
	});
	const output = median(outputs);
	metrics.push({ name: 'output_latency_ms', value: rounded(output), unit: 'ms', higherIsBetter: false });
	metrics.push(...(await costOfListening(quick, say, signal)));
	return {
		metrics,
		notes: [
			`delays are from the server’s stamp to the context’s output, the link’s own 60 ± 40 ms among them; the device’s ${rounded(output)} ms come after`,
			`medians of ${rounds} rounds of ${windowMs / 1000} s; seed ${seed}`,
		],
	};
}

async function costOfListening(quick: boolean, say: (text: string) => void, signal: AbortSignal): Promise<Metric[]> {
	const pace = quick ? { ...quickly, settleMs: 1000 } : { ...usual, settleMs: 5000 };
	const rounds = await tabCpu({ ...pace, signal });
	const words = rounds.map(({ ycord, bare }) => `${rounded(ycord)} (bare ${rounded(bare)})`);
	say(`the listening page takes ${words.join(', ')} % of a core`);
	const metric = (name: string, unit: string, read: (round: TabCpu) => number): Metric => {
		const values = rounds.map(read);
		const range = [rounded(Math.min(...values)), rounded(Math.max(...values))] as const;
		return { name, value: rounded(median(values)), unit, higherIsBetter: false, range };
	};
	return [
		metric('tab_cpu_percent', '%', ({ ycord }) => ycord),
		metric('bare_tab_cpu_percent', '%', ({ bare }) => bare),
		metric('tab_cpu_ratio_vs_bare', 'ratio', ({ ycord, bare }) => ycord / bare),
	];
}

/** Delay of the first and of the last minute of half an hour on a bare loopback. */
async function halfAnHour(say: (text: string) => void, signal: AbortSignal): Promise<Findings> {
	const minutes: number[] = [];
	await withPages(async (open) => {
		const page = await open(undefined, 1);
		for (let minute = 0; minute < 30; minute++) {
			await asked(page, (one) => one.begin());
			await page.waitForTimeout(60_000);
			signal.throwIfAborted();
			const { ycord } = await asked(page, (one) => one.delays());
			minutes.push(percentile(ycord, 0.95));
			say(`minute ${minute + 1}: p95 ${rounded(minutes.at(-1) ?? 0)} ms`);
		}
	});
	const growth = (minutes.at(-1) as number) - (minutes[0] as number);
	return {
		metrics: [{ name: 'delay_growth_ms', value: rounded(growth), unit: 'ms', higherIsBetter: false }],
		notes: ['p95 of the thirtieth minute less that of the first, on a bare loopback'],
	};
}

type OpenPage = (weather: LinkWeather | undefined, seed: number) => Promise<Page>;

async function withPages(work: (open: OpenPage) => Promise<void>): Promise<void> {
	const server = await earServer();
	const browser = await openChromium();
	try {
		await work(async (weather, seed) => {
			server.weather(weather, seed);
			const page = await (await browser.newContext()).newPage();
			await page.goto(server.address);
			await page.click('#start');
			await page.waitForFunction('window.page !== undefined');
			return page;
		});
	} finally {
		await browser.close();
		await server.stop();
	}
}

const asked = <Answer>(page: Page, question: (page: EarPage) => Answer): Promise<Answer> =>
	page.evaluate(`(${question})(window.page)`) as Promise<Answer>;

async function measured(page: Page, windowMs: number): Promise<Record<Side, Figures>> {
	await asked(page, (one) => one.begin());
	await page.waitForTimeout(windowMs);
	const [delays, rendered, rate] = await Promise.all([
		asked(page, (one) => one.delays()),
		asked(page, (one) => one.rendered()),
		asked(page, (one) => one.rate),
	]);
	const figuresOf = (side: Side): Figures => {
		const [first, second] = rendered[side].map(samplesOf) as [Float32Array, Float32Array];
		const heard = heardChirps(first, second, rate);
		// Every 10 ms it can be told where in the call the sound is, but around the beginnings of chirps: else nothing was measured.
		const toldMs = heard.places.length * 10;
		if (toldMs < windowMs / 2) throw new Error(`what ${side} rendered could not be told: ${toldMs} ms of ${windowMs}`);
		const glitches = heard.gapsMs.length + heard.silencesMs.length + heard.repeatsMs.length + heard.pitchErrors;
		const minutes = first.length / rate / 60;
		return { p50: percentile(delays[side], 0.5), p95: percentile(delays[side], 0.95), glitches: glitches / minutes };
	};
	return { ycord: figuresOf('ycord'), naive: figuresOf('naive') };
}

const samplesOf = (base64: string) => {
	const bytes = Buffer.from(base64, 'base64');
	return Float32Array.from({ length: bytes.length / 2 }, (_, at) => bytes.readInt16LE(at * 2) / 32_767);
};

function metricsOf(name: string, rounds: readonly Record<Side, Figures>[]): Metric[] {
	const over = (metric: string, unit: string, read: (round: Record<Side, Figures>) => number): Metric[] => {
		const values = rounds.map(read).filter(Number.isFinite);
		if (values.length === 0) return [];
		const range = [rounded(Math.min(...values)), rounded(Math.max(...values))] as const;
		return [{ name: `${metric}_${name}`, value: rounded(median(values)), unit, higherIsBetter: false, range }];
	};
	return [
		...over('ear_p50_ms', 'ms', ({ ycord }) => ycord.p50),
		...over('ear_p95_ms', 'ms', ({ ycord }) => ycord.p95),
		...over('glitches_per_min', '1/min', ({ ycord }) => ycord.glitches),
		...over('naive_ear_p50_ms', 'ms', ({ naive }) => naive.p50),
		...over('naive_ear_p95_ms', 'ms', ({ naive }) => naive.p95),
		...over('naive_glitches_per_min', '1/min', ({ naive }) => naive.glitches),
		...over('ear_ratio_vs_naive', 'ratio', ({ ycord, naive }) => ycord.p50 / naive.p50),
		...over('glitches_ratio_vs_naive', 'ratio', ({ ycord, naive }) => ycord.glitches / naive.glitches),
	];
}

function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((one, other) => one - other);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const rounded = (value: number) => Number(value.toPrecision(4));
