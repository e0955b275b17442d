import { expect, test } from 'vitest';
import { lead } from '#server/telephony/line/lead.ts';

test('a microphone whose first sound was late stands ahead by that much, whatever the network does to the rest', () => {
	const ahead = lead();
	expect(ahead.ms).toBe(0);
	ahead.came(1000, 1000);
	expect(ahead.ms).toBe(0);
	for (let ms = 20; ms < 2000; ms += 20) ahead.came(1000 + ms, 200 + ms + (ms % 60));
	expect(ahead.ms).toBeGreaterThan(790);
	expect(ahead.ms).toBeLessThanOrEqual(800);
});

test('a microphone that loses samples falls behind', () => {
	const behind = lead();
	behind.came(0, 0);
	for (let ms = 20; ms < 10_000; ms += 20) behind.came(ms * 0.96, ms);
	expect(behind.ms).toBeCloseTo(-400, -1);
});
