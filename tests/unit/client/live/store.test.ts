import { expect, test } from 'vitest';
import { store } from '#client/live/store.ts';

test('a store tells who subscribed, once for each change, until they leave', () => {
	const one = store(1);
	const seen: number[] = [];
	const stop = one.subscribe(() => seen.push(one.get()));
	one.set(2);
	one.set(2);
	stop();
	one.set(3);
	expect(seen).toEqual([2]);
});

test('whoever leaves while others are told is not told any more, and the same function may subscribe twice', () => {
	const one = store(1);
	let told = 0;
	const tell = () => told++;
	const stops: (() => void)[] = [];
	one.subscribe(() => stops[0]?.());
	stops.push(one.subscribe(tell));
	stops.push(one.subscribe(tell));
	one.set(2);
	expect(told).toBe(1);
});
