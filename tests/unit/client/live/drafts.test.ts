import { expect, test } from 'vitest';
import { drafts } from '#client/live/drafts.ts';
import { type KeptDraft, type NoteStore, noNoteStore } from '#client/live/note-store.ts';
import { handClock } from '#tests/support/clock.ts';

const place = { personId: 'ada', callId: 'test-1' };
const typed = (text: string) => ({ text, kind: 'pinhole', lane: 'team', anchorMs: 5000 }) as const;

function tab(kept: KeptDraft[] = [], more: Partial<NoteStore> = {}) {
	const clock = handClock();
	const saved: KeptDraft[] = [];
	const noteStore: NoteStore = {
		...noNoteStore,
		drafts: async (personId) => kept.filter((draft) => draft.personId === personId),
		keepDraft: async (draft) => void saved.push(draft),
		...more,
	};
	return { clock, saved, texts: () => saved.map(({ text }) => text), drafts: drafts(noteStore, clock) };
}

test('what is typed is on the disk within 300 ms, however fast it goes on, and at once when the page is left', () => {
	const one = tab();
	for (let key = 1; key <= 10; key++) {
		one.drafts.keep(place, typed('x'.repeat(key)));
		one.clock.advance(100);
	}
	expect(one.texts()).toEqual(['xxx', 'xxxxxx', 'xxxxxxxxx']);
	one.drafts.flush();
	expect(one.saved.at(-1)).toEqual({ ...typed('x'.repeat(10)), ...place, replyTo: undefined });
	one.drafts.flush();
	expect([one.saved.length, one.clock.alarms]).toEqual([4, 0]);
});

test('each field has its own: of a call, of a note that is answered, of a person', () => {
	const one = tab();
	one.drafts.keep(place, typed('note'));
	one.drafts.keep({ ...place, replyTo: 'n' }, typed('answer'));
	one.clock.advance(300);
	expect(one.texts()).toEqual(['note', 'answer']);
	const text = (more: object) => one.drafts.get({ ...place, ...more })?.text;
	expect([text({}), text({ replyTo: 'n' }), text({ personId: 'bo' }), text({ callId: 'test-2' })]).toEqual([
		'note',
		'answer',
		undefined,
		undefined,
	]);
});

test('is there again after a reload, but never over what was typed meanwhile', async () => {
	const one = tab([
		{ ...place, ...typed('from before') },
		{ ...place, ...typed('of the other call'), callId: 'test-2' },
	]);
	one.drafts.keep(place, typed('new'));
	await one.drafts.load('ada');
	expect(one.drafts.get(place)?.text).toBe('new');
	expect(one.drafts.get({ ...place, callId: 'test-2' })).toMatchObject(typed('of the other call'));
});

test('that was sent or emptied is there no more', () => {
	const one = tab();
	one.drafts.keep(place, typed('a'));
	one.drafts.keep(place, { ...typed(''), anchorMs: undefined });
	expect(one.drafts.get(place)).toBeUndefined();
	one.clock.advance(300);
	expect(one.texts()).toEqual(['']);
});

test('lasts as long as the page where nothing can be kept', async () => {
	const no = () => Promise.reject(new Error('forbidden'));
	const one = tab([], { drafts: no, keepDraft: no });
	await one.drafts.load('ada');
	one.drafts.keep(place, typed('a'));
	one.drafts.flush();
	expect(one.drafts.get(place)?.text).toBe('a');
});
