import type { Metric } from '#tests/bench/benchmark.ts';
import { type Bar, type BarGroup, barChart } from '#tests/bench/chart.ts';
import { nameOf } from '#tests/bench/fanout-metrics.ts';
import type { SideName } from '#tests/bench/servers.ts';

const labels: Record<SideName, string> = {
	ycord: 'Ycord',
	ycord40: 'Ycord, 40 ms messages',
	ws: 'ws, a send per frame',
	socketio: 'socket.io 4',
	c: 'C with epoll',
};
const figures: { figure: string; title: string; unit: string }[] = [
	{ figure: 'cpu_us_per_leg_frame', title: 'CPU per delivered leg-frame', unit: 'µs' },
	{ figure: 'p99_ms', title: 'Delay that 99 of 100 stay within, waiting for the other leg included', unit: 'ms' },
	{ figure: 'max_listeners', title: 'Most listeners with p99 below 20 ms and nothing lost', unit: 'listeners' },
	{ figure: 'rss_kib_per_listener', title: 'Memory per listener', unit: 'KiB' },
];

/** What was found as bars: a group for each figure and load, a bar for each side that was there. */
export function fanoutChart(loads: readonly string[], metrics: readonly Metric[]): string {
	const byName = new Map(metrics.map((metric) => [metric.name, metric]));
	const groups = figures.flatMap(({ figure, title, unit }) =>
		loads.map((load): BarGroup => {
			const bars = (Object.keys(labels) as SideName[]).flatMap((side): Bar[] => {
				const found = byName.get(`${nameOf(side, figure)}_${load}`);
				if (!found) return [];
				const { value, range } = found;
				return [{ label: labels[side], value, isOurs: side.startsWith('ycord'), ...(range ? { range } : {}) }];
			});
			return { title: `${title}, ${load.replace('x', ' calls × ')} listeners`, unit, bars };
		}),
	);
	return barChart('Sound to listeners: lower bars are better, but for the most listeners', groups);
}
