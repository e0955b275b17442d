import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { spawned } from '#tests/support/spawned.ts';

const program = fileURLToPath(new URL('../bench/bench.ts', import.meta.url));
const { PATH = '', YCORD_TEST_REDIS } = process.env;
const env = { PATH, ...(YCORD_TEST_REDIS && { YCORD_TEST_REDIS }) };
const bench = (...args: string[]) => spawned([program, ...args], env).ended;

test('bench --json prints one JSON object of named figures, and nothing else, on stdout', async () => {
	const { code, out } = await bench('fanout', '--quick', '--json', '--load', '2x2');
	expect(code).toBe(0);
	const { name, metrics } = JSON.parse(out);
	expect(name).toBe('fanout');
	for (const metric of metrics)
		expect(metric).toEqual({
			name: expect.stringMatching(/_(2x2|light)$/),
			value: expect.any(Number),
			unit: expect.any(String),
			higherIsBetter: expect.any(Boolean),
		});
	const names = metrics.map((metric: { name: string }) => metric.name);
	for (const figure of [
		'frames_per_s',
		'cpu_us_per_leg_frame',
		'ratio_vs_ws',
		'p50_ms',
		'p99_ms',
		'p999_ms',
		'lost',
		'rss_kib_per_listener',
		'max_listeners',
		'max_listeners_ratio_vs_ws',
	])
		expect(names).toContain(`${figure}_2x2`);
	expect(names).toContain('added_p50_ms_light');
	const delivered = metrics.find((metric: { name: string }) => metric.name === 'frames_per_s_2x2');
	expect(delivered.value).toBeGreaterThan(0);
}, 120_000);

test('bench notes puts acknowledged notes beside the same append done bare, and tells delays to safe and to seen', async () => {
	const { code, out } = await bench('notes', '--quick', '--json');
	expect(code).toBe(0);
	const { name, metrics } = JSON.parse(out);
	expect(name).toBe('notes');
	const values = new Map(metrics.map((metric: { name: string; value: number }) => [metric.name, metric.value]));
	for (const figure of [
		'notes_per_s',
		'bare_per_s',
		'ratio_vs_bare',
		'ratio_vs_one_commit_per_note',
		'typed_to_safe_p50_ms',
		'typed_to_safe_p99_ms',
		'typed_to_seen_p50_ms',
		'typed_to_seen_p99_ms',
	])
		for (const engine of ['sqlite', 'redis'])
			expect(values.get(`${engine}_${figure}`), `${engine} ${figure}`).toBeGreaterThan(0);
}, 120_000);
