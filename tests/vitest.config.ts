import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The tiers, by what their tests touch: nothing, one engine, one process, real processes, a real browser. */
const tier = (name: string, patience = 10_000) => ({
	extends: true as const,
	test: { name, include: [`tests/${name}/**/*.test.ts`], testTimeout: patience, hookTimeout: patience * 3 },
});
/** Browsers come after everything else and one file at a time: they render sound in real time and need the machine. */
const browser = tier('browser', 120_000);
const alone = { ...browser, test: { ...browser.test, fileParallelism: false, sequence: { groupOrder: 1 } } };

export default defineConfig({
	root,
	test: {
		projects: [tier('unit'), tier('contract'), tier('house', 20_000), tier('process', 60_000), alone],
		maxWorkers: 2,
		reporters: ['default'],
	},
});
