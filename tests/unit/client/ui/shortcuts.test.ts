import { describe, expect, test } from 'vitest';
import { type KeyPress, shortcutFor, takesKeys, typesOn, withoutTaken } from '#client/ui/shortcuts.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
	key,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	shiftKey: false,
	repeat: false,
	isComposing: false,
	defaultPrevented: false,
	...more,
});
const protect = { keys: ['p'], says: 'Protect', does: () => {} };
const list = { keys: ['?'], says: 'Show this list', does: () => {} };
const pinhole = { keys: ['h', '2'], says: 'Write a pinhole', does: () => {} };
const all = [protect, list, pinhole];
const body = { tagName: 'BODY' };

describe('single keys', () => {
	test('do what they say while nobody is typing, with caps lock too', () => {
		expect(shortcutFor(press('p'), body, all, true)).toBe(protect);
		expect(shortcutFor(press('P'), null, all, true)).toBe(protect);
		expect(shortcutFor(press('?', { shiftKey: true }), body, all, true)).toBe(list);
		expect(shortcutFor(press('2'), { tagName: 'BUTTON' }, all, true)).toBe(pinhole);
		expect(shortcutFor(press('x'), body, all, true)).toBeUndefined();
	});

	test('belong to the browser when a modifier is held, and to nobody when they repeat or are taken already', () => {
		for (const more of ['ctrlKey', 'metaKey', 'altKey', 'shiftKey', 'repeat', 'isComposing', 'defaultPrevented'])
			expect(shortcutFor(press('p', { [more]: true }), body, all, true), more).toBeUndefined();
	});

	test('can be switched off', () => {
		expect(shortcutFor(press('p'), body, all, false)).toBeUndefined();
		expect(shortcutFor(press('?'), body, all, false)).toBeUndefined();
	});

	test('are letters of the text while a field has the focus', () => {
		const fields = [
			{ tagName: 'TEXTAREA' },
			{ tagName: 'INPUT' },
			{ tagName: 'INPUT', type: 'search' },
			{ tagName: 'SELECT' },
			{ tagName: 'DIV', isContentEditable: true },
			{ tagName: 'DIV', role: 'combobox' },
			{ tagName: 'DIV', role: 'option' },
		];
		for (const field of fields) {
			expect(takesKeys(field)).toBe(true);
			expect(shortcutFor(press('p'), field, all, true)).toBeUndefined();
		}
		for (const type of ['radio', 'checkbox', 'range', 'button'])
			expect(takesKeys({ tagName: 'INPUT', type }), type).toBe(false);
	});

	test('go to whoever comes first, and stand in the list once', () => {
		const does = () => {};
		const question = { keys: ['1', '2', 'n'], says: 'Answer', does };
		const notes = [
			{ keys: ['p', '1'], says: 'Pinhole', does },
			{ keys: ['n'], says: 'Write a note', does },
		];
		expect(withoutTaken([question, ...notes])).toEqual([question, { keys: ['p'], says: 'Pinhole', does }]);
	});

	test('stay with the one who types when the field is taken away: the rest of a word protects nothing', () => {
		const last = { field: { isConnected: false }, atMs: 1000 };
		expect(typesOn(last, 1200)).toBe(true);
		expect(typesOn(last, 9000)).toBe(false);
		expect(typesOn({ ...last, field: { isConnected: true } }, 1200)).toBe(false);
		expect(typesOn(undefined, 1200)).toBe(false);
	});
});
