import { describe, expect, test } from 'vitest';
import { decide, type Session, type SessionEvent } from '#server/domain/session.ts';
import type { Lane, NoteCommand, NoteKind } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import { callStarted, codeOf, given, sessionAfter } from '#tests/support/given.ts';
import { asked, noteIdOf, somebody } from '#tests/support/notes.ts';

const [agent, executive, supervisor] = [somebody('agent'), somebody('executive'), somebody('supervisor')];
const other = somebody('executive', 'dana');

const write = (word: string, lane: Lane = 'team', replyTo?: string): NoteCommand => ({
	type: 'write-note',
	noteId: noteIdOf(word),
	kind: 'observation',
	lane,
	text: word,
	anchorMs: 1,
	...(replyTo === undefined ? {} : { replyTo: noteIdOf(replyTo) }),
});
const edit = (word: string, text: string, kind: NoteKind = 'observation'): NoteCommand => ({
	type: 'edit-note',
	noteId: noteIdOf(word),
	kind,
	text,
});
const remove = (word: string): NoteCommand => ({ type: 'delete-note', noteId: noteIdOf(word) });
const widen = (word: string, lane: Lane): NoteCommand => ({ type: 'widen-note', noteId: noteIdOf(word), lane });
const hear = (word: string, heard = true): NoteCommand => ({ type: 'hear-note', noteId: noteIdOf(word), heard });
const link = (word: string, to: string, linked = true): NoteCommand => ({
	type: 'link-note',
	noteId: noteIdOf(word),
	to: { callId: 'test-1', noteId: noteIdOf(to) },
	linked,
});

/** What these commands lead to, one after the other. */
function led(...commands: [Person, NoteCommand][]): SessionEvent[] {
	const events: SessionEvent[] = [callStarted];
	for (const [who, command] of commands) events.push(...decide(sessionAfter(...events), asked(who, command)));
	return events;
}
const stands = (session: Session, word: string) => session.notes.get(noteIdOf(word));

describe('a note and its author', () => {
	test('is edited and deleted by its author alone', () => {
		const past = led([executive, write('one')]);
		given(...past)
			.when(asked(executive, edit('one', 'better', 'pinhole')))
			.happens({ type: 'note-edited', noteId: noteIdOf('one'), kind: 'pinhole', text: 'better' });
		for (const command of [edit('one', 'mine now'), remove('one'), widen('one', 'team')])
			for (const person of [agent, supervisor, other])
				given(...past)
					.when(asked(person, command))
					.isRefused('note.not-yours');
		expect(stands(sessionAfter(...led([executive, write('one')], [executive, remove('one')])), 'one')).toMatchObject({
			text: '',
			deleted: true,
		});
	});

	test('that is edited or deleted a second time in the same way is answered as done [N3]', () => {
		const past = led([executive, write('one')], [executive, edit('one', 'better')]);
		given(...past)
			.when(asked(executive, edit('one', ' better ')))
			.nothingHappens();
		given(...past, { type: 'note-deleted', noteId: noteIdOf('one') })
			.when(asked(executive, remove('one')))
			.nothingHappens();
	});

	test('sent again after it was edited, widened or deleted is still the same note [N3]', () => {
		const past = led(
			[executive, write('one', 'leadership')],
			[executive, edit('one', 'better', 'praise')],
			[executive, widen('one', 'team')],
			[executive, remove('one')],
		);
		given(...past)
			.when(asked(executive, write('one', 'leadership')))
			.nothingHappens();
		given(...past)
			.when(asked(executive, write('one', 'team')))
			.isRefused('note.id-taken');
	});

	test('cannot be changed once it was deleted, by anybody', () => {
		const past = led([executive, write('one')], [executive, remove('one')]);
		for (const [who, command] of [
			[executive, edit('one', 'back')],
			[executive, widen('one', 'team')],
			[other, hear('one')],
			[other, write('answer', 'team', 'one')],
		] as const)
			given(...past)
				.when(asked(who, command))
				.isRefused('note.deleted');
	});

	test('has no room for a card number in an edit [P1]', () => {
		given(...led([executive, write('one')]))
			.when(asked(executive, edit('one', '4111 1111 1111 1111')))
			.isRefused('note.card-number');
	});

	test('is edited 200 times at most [B1]', () => {
		const edits = Array.from({ length: 200 }, (_, n) => [executive, edit('one', `${n}`)] as [Person, NoteCommand]);
		given(...led([executive, write('one')], ...edits))
			.when(asked(executive, edit('one', 'once more')))
			.isRefused('note.too-many-edits');
	});
});

describe('a lane', () => {
	test.each([
		['private', 'leadership'],
		['private', 'team'],
		['leadership', 'team'],
	] as const)('[N4] %s is widened to %s by the author, and that is on record', (from, to) => {
		given(...led([executive, write('one', from)]))
			.when(asked(executive, widen('one', to)))
			.happens({ type: 'note-widened', noteId: noteIdOf('one'), lane: to });
		given(...led([executive, write('one', to)]))
			.when(asked(executive, widen('one', from)))
			.isRefused('note.narrower');
	});

	test('[N4] of leadership is not an agent’s to write for or to widen to', () => {
		given(...led())
			.when(asked(agent, write('one', 'leadership')))
			.isRefused('note.lane');
		given(...led([agent, write('one', 'private')]))
			.when(asked(agent, widen('one', 'leadership')))
			.isRefused('note.lane');
	});

	test('[N4] that somebody does not see hides its notes from what they ask, too', () => {
		const past = led([executive, write('secret', 'private')], [executive, write('ours', 'leadership')]);
		for (const command of [hear('secret'), edit('secret', 'x'), write('answer', 'private', 'secret')])
			given(...past)
				.when(asked(supervisor, command))
				.isRefused('note.unknown');
		given(...past)
			.when(asked(agent, hear('ours')))
			.isRefused('note.unknown');
	});
});

describe('an answer', () => {
	test('belongs to a note, and an answer has none', () => {
		const past = led([executive, write('one')], [agent, write('answer', 'team', 'one')]);
		expect(stands(sessionAfter(...past), 'answer')?.replyTo).toBe(noteIdOf('one'));
		given(...past)
			.when(asked(executive, write('deeper', 'team', 'answer')))
			.isRefused('note.one-level');
		given(...past)
			.when(asked(executive, write('lost', 'team', 'never written')))
			.isRefused('note.unknown');
	});

	test('[N4] goes to no more people than what it answers, now or later', () => {
		const past = led([executive, write('one', 'leadership')]);
		given(...past)
			.when(asked(supervisor, write('answer', 'team', 'one')))
			.isRefused('note.lane');
		const answered = led([executive, write('one', 'leadership')], [supervisor, write('answer', 'leadership', 'one')]);
		given(...answered)
			.when(asked(supervisor, widen('answer', 'team')))
			.isRefused('note.lane');
		given(...answered, { type: 'note-widened', noteId: noteIdOf('one'), lane: 'team' })
			.when(asked(supervisor, widen('answer', 'team')))
			.happens({ type: 'note-widened', noteId: noteIdOf('answer'), lane: 'team' });
	});
});

describe('“heard you”', () => {
	test('is said by others, each once, and can be taken back', () => {
		const past = led([executive, write('one')], [agent, hear('one')], [supervisor, hear('one')]);
		expect(stands(sessionAfter(...past), 'one')?.heardBy).toEqual(['agent', 'supervisor']);
		given(...past)
			.when(asked(agent, hear('one')))
			.nothingHappens();
		given(...past)
			.when(asked(executive, hear('one')))
			.isRefused('note.own');
		const back = [...past, ...decide(sessionAfter(...past), asked(agent, hear('one', false)))];
		expect(stands(sessionAfter(...back), 'one')?.heardBy).toEqual(['supervisor']);
	});
});

describe('a link', () => {
	const pinhole = (word: string, lane: Lane = 'team'): NoteCommand =>
		({ ...write(word, lane), kind: 'pinhole' }) as NoteCommand;

	test('leads to a pinhole or a suggestion that its author may see', () => {
		const past = led([executive, write('one')], [other, pinhole('hole')], [other, pinhole('theirs', 'private')]);
		given(...past)
			.when(asked(executive, link('one', 'hole')))
			.happens({
				type: 'note-linked',
				noteId: noteIdOf('one'),
				to: { callId: 'test-1', noteId: noteIdOf('hole') },
				linked: true,
			});
		for (const to of ['theirs', 'one', 'never written'])
			given(...past)
				.when(asked(executive, link('one', to)))
				.isRefused('note.link');
		given(...past)
			.when(asked(agent, link('one', 'hole')))
			.isRefused('note.not-yours');
	});

	test('is there once, can be taken away, and 20 are the limit [B1]', () => {
		const holes = Array.from({ length: 21 }, (_, n) => `hole ${n}`);
		const past = led(
			[executive, write('one')],
			...holes.map((word) => [executive, pinhole(word)] as [Person, NoteCommand]),
			...holes.slice(0, 20).map((word) => [executive, link('one', word)] as [Person, NoteCommand]),
		);
		given(...past)
			.when(asked(executive, link('one', 'hole 0')))
			.nothingHappens();
		given(...past)
			.when(asked(executive, link('one', 'hole 20')))
			.isRefused('note.too-many-links');
		const less = [...past, ...decide(sessionAfter(...past), asked(executive, link('one', 'hole 0', false)))];
		expect(stands(sessionAfter(...less), 'one')?.links).toHaveLength(19);
		expect(codeOf(() => decide(sessionAfter(...less), asked(executive, link('one', 'hole 20'))))).toBe(
			'nothing refused',
		);
	});
});
