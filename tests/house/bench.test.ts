import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { measureFanout } from '#tests/bench/fanout.ts';
import { spawned } from '#tests/support/spawned.ts';

const program = fileURLToPath(new URL('../bench/bench.ts', import.meta.url));
const bench = (...args: string[]) => spawned([program, ...args], { PATH: process.env.PATH ?? '' }).ended;

test('the list names each benchmark in a line', async () => {
	const { code, out } = await bench('--list');
	expect(code).toBe(0);
	expect(out).toMatch(
		/^fanout +\S.*\(loads: 50x10, 150x2, 5x200\)\njournal +\S.*\nnotes +\S.*\nviews +\S.*\nsurvey +\S.*\nmemory +\S.*\(loads: fast, hour\)\n$/,
	);
});
test.each([
	[['fanuot'], 'there is no benchmark "fanuot"; there are: fanout, journal, notes, views, survey, memory'],
	[['--quik'], "Unknown option '--quik'"],
	[['fanout', '--load', '0x5'], '--load 0x5: fanout takes 50x10, 150x2, 5x200'],
	[['journal', '--load', '2x2'], 'journal has no loads to choose from'],
	[['--load', '2x2'], '--load goes with the name of one benchmark'],
	[['--seed', 'x'], '--seed takes a whole number'],
])('a wrong argument is named: %j', async (args, text) => {
	const { code, out, err } = await bench(...args);
	expect([code, out]).toEqual([2, '']);
	expect(err).toContain(text);
});
test('fanout: the whole house and the plain relay, in processes of their own, deliver what is asked of them', async () => {
	const { metrics } = await measureFanout({
		loads: ['2x2'],
		pace: { rounds: 1, warmUpMs: 200, windowMs: 500, growTo: 0, tries: 1 },
		sides: ['ycord', 'ws'],
		seed: 1,
		say: () => {},
		signal: AbortSignal.timeout(60_000),
	});
	const names = metrics.map(({ name }) => name);
	for (const name of ['frames_per_s', 'cpu_us_per_leg_frame', 'ratio_vs_ws', 'p50_ms', 'p99_ms', 'lost', 'ws_lost'])
		expect(names).toContain(`${name}_2x2`);
	for (const metric of metrics)
		expect(metric).toEqual(
			expect.objectContaining({
				name: expect.stringMatching(/^[a-z0-9_]+_2x2$/),
				value: expect.any(Number),
				unit: expect.stringMatching(/./),
				higherIsBetter: expect.any(Boolean),
			}),
		);
	expect(metrics.every(({ value }) => Number.isFinite(value))).toBe(true);
}, 90_000);
test.each(['journal', 'views'])(
	'%s: the JSON is one object on stdout and nothing else',
	async (of) => {
		const { code, out } = await bench(of, '--quick', '--json');
		expect(code).toBe(0);
		const { name, metrics, ...rest } = JSON.parse(out);
		expect([name, rest]).toEqual([of, {}]);
		for (const metric of metrics) expect(Object.keys(metric)).toEqual(['name', 'value', 'unit', 'higherIsBetter']);
	},
	60_000,
);
