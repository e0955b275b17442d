import { startVitest } from 'vitest/node';

// `npm run nightly`: the property tests of notes and of survey segments, with many more runs than CI has time for.
process.env.YCORD_TEST_RUNS ??= '10000';
const tests = ['tests/house/bad-links.test.ts', 'tests/house/on-the-line.test.ts'];
const vitest = await startVitest('test', tests, { run: true, config: 'tests/vitest.config.ts', project: 'house' });
await vitest.close();
