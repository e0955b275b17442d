import { type Metric, median } from '#tests/bench/benchmark.ts';
import type { Figures, Round } from '#tests/bench/fanout-sides.ts';
import type { SideName } from '#tests/bench/servers.ts';

/** One round for whoever watches. */
export function inWords(round: Round): string {
	const { ycord } = round;
	return (Object.entries(round) as [SideName, Figures][])
		.map(([name, { cpuUs, perMessage, p50Ms, p99Ms, lost }]) => {
			const ratio = ycord && name !== 'ycord' ? ` (Ycord ${(ycord.cpuUs / cpuUs).toFixed(2)} of it)` : '';
			return `${name} ${cpuUs.toFixed(2)} µs a leg-frame${ratio}, ${perMessage.toFixed(1)} of them a message, p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)} ms, ${lost} lost`;
		})
		.join('; ');
}

/** How the figures of a side are called: Ycord's by their names alone. */
const prefixes: Record<SideName, string> = { ycord: '', ycord40: '', ws: 'ws_', socketio: 'socketio_', c: 'c_' };
const suffixes: Partial<Record<SideName, string>> = { ycord40: '_40ms' };
/** How a figure of a side is called. */
export const nameOf = (side: SideName, figure: string) => `${prefixes[side]}${figure}${suffixes[side] ?? ''}`;

const figures: { name: string; unit: string; higherIsBetter: boolean; key: keyof Figures }[] = [
	{ name: 'frames_per_s', unit: '1/s', higherIsBetter: true, key: 'framesPerSecond' },
	{ name: 'cpu_us_per_leg_frame', unit: 'µs', higherIsBetter: false, key: 'cpuUs' },
	{ name: 'leg_frames_per_message', unit: 'leg-frames', higherIsBetter: true, key: 'perMessage' },
	{ name: 'p50_ms', unit: 'ms', higherIsBetter: false, key: 'p50Ms' },
	{ name: 'p99_ms', unit: 'ms', higherIsBetter: false, key: 'p99Ms' },
	{ name: 'p999_ms', unit: 'ms', higherIsBetter: false, key: 'p999Ms' },
	{ name: 'rss_kib_per_listener', unit: 'KiB', higherIsBetter: false, key: 'rssKib' },
];

/** The CPU time of one side over another's, by the name of the ratio. */
const ratios: { name: string; of: SideName; over: SideName }[] = [
	{ name: 'ratio_vs_ws', of: 'ycord', over: 'ws' },
	{ name: 'ratio_vs_c', of: 'ycord', over: 'c' },
	{ name: 'ratio_vs_socketio', of: 'ycord', over: 'socketio' },
	{ name: 'ratio_vs_ws_40ms', of: 'ycord40', over: 'ws' },
];

/** All of one load's rounds as figures: each side's that stood at least half of them, and the ratios taken round by round. */
export function metricsOf(load: string, rounds: readonly Round[]): Metric[] {
	const metrics: Metric[] = [];
	for (const { name, of, over } of ratios) {
		const both = rounds.filter((round) => round[of] && round[over]);
		if (both.length * 2 >= rounds.length)
			metrics.push(
				overRounds(`${name}_${load}`, 'ratio', false, both, (round) => at(round, of).cpuUs / at(round, over).cpuUs),
			);
	}
	for (const side of Object.keys(prefixes) as SideName[]) {
		const its = rounds.filter((round) => round[side]);
		if (its.length * 2 < rounds.length) continue;
		for (const { name, unit, higherIsBetter, key } of figures)
			metrics.push(
				overRounds(`${nameOf(side, name)}_${load}`, unit, higherIsBetter, its, (round) => at(round, side)[key]),
			);
		metrics.push({
			name: `${nameOf(side, 'lost')}_${load}`,
			value: its.reduce((sum, round) => sum + at(round, side).lost, 0),
			unit: 'leg-frames',
			higherIsBetter: false,
		});
	}
	return metrics;
}

/** The most listeners of each side that was asked, and how many times the plain relay's Ycord's are. */
export function capacities(load: string, listeners: Partial<Record<SideName, number>>): Metric[] {
	const metrics = (Object.entries(listeners) as [SideName, number][]).map(
		([side, value]): Metric => ({
			name: `${nameOf(side, 'max_listeners')}_${load}`,
			value,
			unit: 'listeners',
			higherIsBetter: true,
		}),
	);
	const { ycord, ws } = listeners;
	if (ycord && ws)
		metrics.push({
			name: `max_listeners_ratio_vs_ws_${load}`,
			value: rounded(ycord / ws),
			unit: 'ratio',
			higherIsBetter: true,
		});
	return metrics;
}

/** What each side adds with one call and one listener. */
export function addedDelays(rounds: readonly Round[]): Metric[] {
	const [first = {}] = rounds;
	return (Object.keys(first) as SideName[]).flatMap((side) => [
		overRounds(nameOf(side, 'added_p50_ms_light'), 'ms', false, rounds, (round) => at(round, side).p50Ms),
		overRounds(nameOf(side, 'added_p99_ms_light'), 'ms', false, rounds, (round) => at(round, side).p99Ms),
	]);
}

function at(round: Round, side: SideName): Figures {
	const found = round[side];
	if (!found) throw new Error(`${side} is not in this round`);
	return found;
}

function overRounds(
	name: string,
	unit: string,
	higherIsBetter: boolean,
	rounds: readonly Round[],
	read: (round: Round) => number,
): Metric {
	const values = rounds.map(read);
	const range = [rounded(Math.min(...values)), rounded(Math.max(...values))] as const;
	return { name, value: rounded(median(values)), unit, higherIsBetter, range };
}

const rounded = (value: number) => Number(value.toPrecision(4));
