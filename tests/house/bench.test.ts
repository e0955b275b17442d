import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { spawned } from '#tests/support/spawned.ts';

const bench = (...args: string[]) =>
	spawned([fileURLToPath(new URL('../bench/bench.ts', import.meta.url)), ...args], { PATH: process.env.PATH ?? '' })
		.ended;
