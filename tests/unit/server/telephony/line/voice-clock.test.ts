import { expect, test } from 'vitest';
import { voiceClock } from '#server/telephony/line/voice-clock.ts';

const placed = (...callMs: number[]) => {
	const place = voiceClock();
	return callMs.map((one) => place(one));
};

test('frames whose timers rang a little early or late lie one behind the other', () => {
	expect(placed(1000.4, 1023, 1039, 1075, 1081)).toEqual([1000, 1020, 1040, 1060, 1080]);
});

test('a pause stays a pause', () => {
	expect(placed(1000, 1020, 1500, 1520)).toEqual([1000, 1020, 1500, 1520]);
});

test('a clock that was set back is followed', () => {
	expect(placed(1000, 1020, 800, 820)).toEqual([1000, 1020, 800, 820]);
	expect(placed(1000, 1020, 900, 920)).toEqual([1000, 1020, 1040, 1060]);
});

test('after a stall nothing is said twice in one place', () => {
	expect(placed(0, 300, 300, 300, 320)).toEqual([0, 300, 320, 340, 360]);
});
