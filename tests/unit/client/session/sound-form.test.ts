import { afterEach, expect, test, vi } from 'vitest';
import { formsOf, keepForm, keptForm } from '#client/session/sound-form.ts';

afterEach(() => void vi.unstubAllGlobals());

test('the form of the sound is remembered on this device, and is both where nothing or nonsense is kept [A10]', () => {
	const kept = new Map<string, string>();
	vi.stubGlobal('localStorage', {
		getItem: (key: string) => kept.get(key) ?? null,
		setItem: (key: string, value: string) => kept.set(key, value),
	});
	expect(keptForm()).toBe('both');
	keepForm('low');
	expect(keptForm()).toBe('low');
	for (const key of kept.keys()) kept.set(key, 'surround');
	expect(keptForm()).toBe('both');
});

test('of a call that is one sound nobody is offered to have its voices apart, or in one [A10]', () => {
	expect(formsOf(false).map(({ form }) => form)).toEqual(['both', 'mixed', 'low']);
	expect(formsOf(true).map(({ form }) => form)).toEqual(['both', 'low']);
	for (const { name, text } of formsOf(true)) expect(`${name} ${text}`).not.toMatch(/voices|apart/);
});

test('a browser that keeps nothing is no fault', () => {
	vi.stubGlobal('localStorage', {
		getItem() {
			throw new Error('not allowed');
		},
		setItem() {
			throw new Error('not allowed');
		},
	});
	keepForm('mixed');
	expect(keptForm()).toBe('both');
});
