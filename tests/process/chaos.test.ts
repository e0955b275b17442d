import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { seedFor } from '#tests/support/seed.ts';
import { spawned } from '#tests/support/spawned.ts';

const program = fileURLToPath(new URL('../chaos/chaos.ts', import.meta.url));
const chaos = (...args: string[]) => spawned([program, ...args], { PATH: process.env.PATH ?? '' }).ended;

test('[N1] [N2] [N3] [N5] writers at full speed, the server killed twice: every acknowledged note is there once, in one order', async () => {
	const seed = String(seedFor('chaos notes'));
	const { code, out, err } = await chaos('notes', '--engine', 'sqlite', '--kills', '2', '--seed', seed, '--json');
	expect(code, err).toBe(0);
	const { acked, ...rest } = JSON.parse(out);
	expect(acked).toBeGreaterThan(40);
	const asked = { engine: 'sqlite', victim: 'server', kills: 2, seed: Number(seed) };
	expect(rest).toEqual({ lost: 0, duplicated: 0, misordered: 0, ...asked });
}, 120_000);

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
