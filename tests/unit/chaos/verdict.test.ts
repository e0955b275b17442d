import { expect, test } from 'vitest';
import { type Seen, verdict, type WrittenNote } from '#tests/chaos/verdict.ts';

const note = (noteId: string, changes: Partial<WrittenNote> = {}): WrittenNote => ({
	noteId,
	callId: 'c',
	writer: 'eve/1',
	authorId: 'eve',
	lane: 'team',
	acked: true,
	...changes,
});
const written = [
	note('1'),
	note('2', { lane: 'private' }),
	note('3', { writer: 'ann/1', authorId: 'ann' }),
	note('4', { acked: false }),
	note('5', { lane: 'leadership' }),
];
const journal: Seen = { callId: 'c', by: 'journal', noteIds: ['1', '3', '2', '5'] };
const agent = (...noteIds: string[]): Seen => ({
	callId: 'c',
	by: { personId: 'ann', role: 'agent', how: 'live' },
	noteIds,
});
const good = { acked: 4, lost: 0, duplicated: 0, misordered: 0, findings: [] };

test('what is on record once and before all who may see it, in one order, is well; what was not acknowledged may be missing', () => {
	expect(verdict(written, [journal, agent('1', '3')])).toEqual(good);
	const own: Seen = { callId: 'c', by: { personId: 'eve', role: 'executive', how: 'anew' }, noteIds: journal.noteIds };
	expect(verdict(written, [journal, own])).toEqual(good);
});
test.each<[string, Seen[], Partial<typeof good>]>([
	[
		'an acknowledged note missing in the journal',
		[{ ...journal, noteIds: ['1', '3', '2'] }, agent('1', '3')],
		{ lost: 1 },
	],
	['an acknowledged note missing before a reader', [journal, agent('1')], { lost: 1 }],
	[
		'a note twice in the journal',
		[{ ...journal, noteIds: ['1', '3', '2', '5', '2'] }, agent('1', '3')],
		{ duplicated: 1 },
	],
	['a note twice before a reader', [journal, agent('1', '3', '3')], { duplicated: 1 }],
	['another order before a reader', [journal, agent('3', '1')], { misordered: 1 }],
	[
		'a writer’s notes in another order',
		[{ ...journal, noteIds: ['2', '1', '3', '5'] }, agent('1', '3')],
		{ misordered: 1 },
	],
	['a private note of another', [journal, agent('1', '3', '2')], {}],
	['a note that nobody wrote', [journal, agent('1', '3', '9')], {}],
])('%s is found', (_, seen, counts) => {
	const found = verdict(written, seen);
	expect(found).toMatchObject({ lost: 0, duplicated: 0, misordered: 0, ...counts });
	expect(found.findings).not.toEqual([]);
});
