import { describe, expect, test } from 'vitest';
import { eventTypes, upcast, upcasting, versionOf } from '#server/journal/upcast.ts';
import { erasedCall, oneCall, surveyedCalls } from '#tests/support/story-of-every-event.ts';

describe('events of every age', () => {
	test('an event of today is read as it was written', () => {
		const written = { type: 'call-ended', reason: 'hung-up' };
		expect(upcast('call-ended', versionOf('call-ended'), written)).toBe(written);
	});

	test('an old event takes every step from its version to today’s, in order', () => {
		const { versionOf, upcast } = upcasting({
			'call-ended': [
				({ why, ...rest }) => ({ ...rest, cause: why }),
				({ cause, ...rest }) => ({ ...rest, reason: cause === 'bye' ? 'hung-up' : 'lost' }),
			],
		});
		const today = { type: 'call-ended', reason: 'hung-up' };
		expect(versionOf('call-ended')).toBe(3);
		expect(upcast('call-ended', 1, { type: 'call-ended', why: 'bye' })).toEqual(today);
		expect(upcast('call-ended', 2, { type: 'call-ended', cause: 'bye' })).toEqual(today);
		expect(upcast('call-ended', 3, today)).toEqual(today);
	});

	test.each([0, 2, 1.5, Number.NaN])('version %s of an event that has one version is refused by name', (version) => {
		const written = { type: 'call-held' };
		expect(() => upcast('call-held', version, written)).toThrow(`“call-held” was written with version ${version};`);
	});

	test.each(['call-teleported', 'toString', '__proto__', ''])(
		'an event of the unknown type “%s” is refused by name',
		(type) => {
			expect(() => upcast(type, 1, { type })).toThrow(`type “${type}”`);
			expect(() => versionOf(type)).toThrow(`type “${type}”`);
		},
	);
});

test('[J7] every type of event is in the story that each release leaves as a journal', () => {
	const told = new Set([...oneCall, ...erasedCall, ...surveyedCalls].map(({ event }) => event.type as string));
	expect(eventTypes.filter((type) => !told.has(type))).toEqual([]);
});
