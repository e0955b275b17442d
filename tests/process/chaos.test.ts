import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { seedFor } from '#tests/support/seed.ts';
import { spawned } from '#tests/support/spawned.ts';

const program = fileURLToPath(new URL('../chaos/chaos.ts', import.meta.url));
const { PATH = '', YCORD_TEST_REDIS } = process.env;
const env = { PATH, ...(YCORD_TEST_REDIS && { YCORD_TEST_REDIS }) };
const chaos = (...args: string[]) => spawned([program, ...args], env).ended;

test.each([
	{ engine: 'sqlite', victim: 'server', kills: 2 },
	{ engine: 'redis', victim: 'redis', kills: 1 },
])(
	'[N1] [N2] [N3] [N5] writers at full speed, $engine, $victim killed: every acknowledged note is there once, in one order',
	async ({ engine, victim, kills }) => {
		const seed = seedFor('chaos notes');
		const asked = { engine, victim, kills, seed };
		const args = Object.entries(asked).flatMap(([name, value]) => [`--${name}`, String(value)]);
		const { code, out, err } = await chaos('notes', ...args, '--json');
		expect(code, err).toBe(0);
		const { acked, ...rest } = JSON.parse(out);
		expect(acked).toBeGreaterThan(20);
		expect(rest).toEqual({ lost: 0, duplicated: 0, misordered: 0, ...asked });
	},
	120_000,
);

test.each([
	[['nodes'], 'there is one chaos: notes'],
	[['notes', '--engine', 'mysql'], '--engine takes sqlite or redis'],
	[['notes', '--victim', 'redis'], '--victim redis goes with --engine redis'],
	[['notes', '--kills', 'many'], '--kills takes a whole number'],
	[['notes', '--kils', '3'], "Unknown option '--kils'"],
])('a wrong argument is named: %j', async (args, text) => {
	const { code, out, err } = await chaos(...args);
	expect([code, out]).toEqual([2, '']);
	expect(err).toContain(text);
});
