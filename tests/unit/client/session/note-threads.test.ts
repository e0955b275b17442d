import { describe, expect, test } from 'vitest';
import type { PendingNote } from '#client/live/notes.ts';
import { linkable, listedNotes, myLast } from '#client/session/note-threads.ts';
import { answerLanes, safetyWords, widerLanes } from '#client/session/note-words.ts';
import { writersWords } from '#client/session/notes-head.tsx';
import { unsafeWords } from '#client/session/unsafe-count.tsx';
import { noteView } from '#tests/support/note-view.ts';

const pending = (changes: Partial<PendingNote> = {}): PendingNote => ({
	noteId: 'mine',
	kind: 'praise',
	lane: 'team',
	text: 'On its way',
	anchorMs: 0,
	at: 'waiting',
	kept: true,
	...changes,
});
const ids = (notes: readonly { noteId: string }[]) => notes.map((note) => note.noteId);

describe('the list of notes', () => {
	const first = noteView({ noteId: 'first', tags: ['refund'] });
	const second = noteView({ noteId: 'second' });
	const answer = noteView({ noteId: 'answer', replyTo: 'first', tags: ['late'] });
	const notes = [first, second, answer, noteView({ noteId: 'again', replyTo: 'first' })];

	test('[N2] has the newest thread first and answers in the order they came', () => {
		const { threads, count } = listedNotes(notes, []);
		expect(threads.map((one) => [one.note.noteId, ids(one.answers)])).toEqual([
			['second', []],
			['first', ['answer', 'again']],
		]);
		expect(count).toBe(4);
	});

	test('[N5] shows what is not on record once: an answer in its thread, the rest above, nothing that has arrived', () => {
		const waiting = [pending(), pending({ noteId: 'reply', replyTo: 'first' }), pending({ noteId: 'second' })];
		const listed = listedNotes(notes, waiting);
		expect(ids(listed.waiting)).toEqual(['mine']);
		expect(listed.threads.map((one) => ids(one.waiting))).toEqual([[], ['reply']]);
	});

	test('shows only threads with a chosen tag, also when it stands in an answer', () => {
		expect(listedNotes(notes, [], { tag: 'late' }).threads.map((one) => one.note.noteId)).toEqual(['first']);
		expect(listedNotes(notes, [], { tag: 'none' }).threads).toEqual([]);
	});

	test('leaves a line for a deleted note that was answered, heard or seen here, and none for one nobody knew', () => {
		const gone = noteView({ noteId: 'gone', text: '', deletedAtMs: 1 });
		const shown = (...more: Parameters<typeof listedNotes>) => listedNotes(...more).threads.length;
		expect(shown([gone], [])).toBe(0);
		expect(shown([gone], [], { seen: new Set(['gone']) })).toBe(1);
		expect(shown([{ ...gone, heardBy: [{ id: 'sue', name: 'Sue' }] }], [])).toBe(1);
		expect(shown([gone, noteView({ replyTo: 'gone' })], [])).toBe(1);
		expect(listedNotes([gone], [], { seen: new Set(['gone']) }).count).toBe(0);
	});

	test('knows my last note, and what a note can be linked to', () => {
		const hole = noteView({ kind: 'pinhole' });
		const from = noteView({ kind: 'suggestion', authorId: 'me' });
		const gone = noteView({ kind: 'suggestion', authorId: 'me', deletedAtMs: 1, text: '' });
		expect(myLast([first, from, gone], 'me')).toBe(from);
		expect(linkable([first, hole, from, gone], from)).toEqual([hole]);
		const linked = { ...from, links: [{ callId: 'test-1', noteId: hole.noteId }] };
		expect(linkable([hole, linked], linked)).toEqual([]);
	});
});

describe('who may see more', () => {
	test('[N4] an answer goes to no more people than what it answers, and to as many if its author may', () => {
		expect(answerLanes('executive', 'leadership')).toEqual({ lanes: ['private', 'leadership'], first: 'leadership' });
		expect(answerLanes('agent', 'team')).toEqual({ lanes: ['private', 'team'], first: 'team' });
		expect(answerLanes('supervisor', 'private').lanes).toEqual(['private']);
	});

	test('[N4] a note can be shown to more people only, an answer within its parent', () => {
		expect(widerLanes('executive', 'private')).toEqual(['leadership', 'team']);
		expect(widerLanes('agent', 'private')).toEqual(['team']);
		expect(widerLanes('executive', 'private', 'leadership')).toEqual(['leadership']);
		expect(widerLanes('executive', 'team')).toEqual([]);
	});
});

describe('the words of safety and of company', () => {
	test('[N5] say plainly whether a note is safe', () => {
		const words = (at: PendingNote['at'], kept: boolean) => safetyWords({ at, kept, message: 'Offline.' }, false);
		expect([words('saving', false), words('waiting', true), words('waiting', false)]).toEqual([
			'Saving…',
			'Kept on this device until the connection is back',
			'Only in this tab: this browser keeps nothing on its disk',
		]);
		expect(safetyWords({ at: 'waiting', kept: true, message: 'The disk is full.' }, true)).toBe(
			'Kept on this device. The disk is full.',
		);
		expect([unsafeWords(1, true), unsafeWords(3, true), unsafeWords(2, false)]).toEqual([
			'1 note not yet safe',
			'3 notes not yet safe',
			'2 notes not yet safe: keep this tab open',
		]);
	});

	test('say who is writing, and of a crowd only that it is one', () => {
		const words = (...names: string[]) => writersWords(names.map((name) => ({ personId: name, personName: name })));
		expect([words('Dana'), words('Dana', 'Robin'), words('A', 'B', 'C', 'D')]).toEqual([
			'Dana is writing…',
			'Dana and Robin are writing…',
			'Several people are writing…',
		]);
	});
});
