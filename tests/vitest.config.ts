import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The tiers, by what their tests touch: nothing, one engine, one process, a real browser. */
const tier = (name: string, patience = 10_000) => ({
	extends: true as const,
	test: { name, include: [`tests/${name}/**/*.test.ts`], testTimeout: patience, hookTimeout: patience * 3 },
});

export default defineConfig({
	root,
	test: {
		projects: [tier('unit'), tier('contract'), tier('house', 20_000), tier('browser', 60_000)],
		maxWorkers: 2,
		reporters: ['default'],
	},
});
