import { expect, onTestFinished, test } from 'vitest';
import { asking, maxWaitingOfOne, type Outcome } from '#server/ask.ts';
import type { SessionEvent } from '#server/domain/session.ts';
import type { Person } from '#shared/people.ts';
import { entriesOf } from '#tests/support/entries.ts';
import { codeOf } from '#tests/support/given.ts';
import { callAt, segmentId } from '#tests/support/segment-story.ts';
import { stubbornJournal } from '#tests/support/stubborn-journal.ts';

const callId = 'test-1';
const agent: Person = { id: 'agent-1', name: 'Ann Agent', role: 'agent', team: 'Orders' };
const stranger: Person = { ...agent, id: 'agent-2' };

/** Asks about a call whose segment is live; each press that shuts something is written down with how it came out. */
async function asked() {
	const journal = await stubbornJournal();
	onTestFinished(() => journal.close());
	await journal.append(callId, 0, entriesOf(callAt('live'), 'someone', 1));
	const shut: (Outcome | 'pressed')[] = [];
	const ask = asking({
		journal,
		findPerson: () => undefined,
		now: () => 1,
		newSecret: () => ({ secret: 's', hash: 'h' }),
		recorded() {},
		shut() {
			shut.push('pressed');
			return (outcome) => shut.push(outcome);
		},
		asked: () => {
			throw new Error('nobody asks here');
		},
	});
	const hear = () => ask.person(agent, callId, { type: 'unprotect-call' });
	await hear();
	return { journal, shut, ask, hear };
}
const refused = (work: Promise<unknown>) =>
	work.then(
		() => 'nothing refused',
		(error) =>
			codeOf(() => {
				throw error;
			}),
	);
const note = (n: number) =>
	({
		type: 'write-note',
		noteId: `01890000-0000-7000-8000-0000000000${n + 10}`,
		kind: 'observation',
		lane: 'team',
		text: 'One of many.',
		anchorMs: 0,
	}) as const;
const events: SessionEvent['type'][] = ['note-written', 'consent-withdrawn', 'call-protected'];

test.each([
	['withdraw-consent', 'survey.silent-unrecorded'],
	['take-back', 'survey.silent-unrecorded'],
	['protect-call', 'call.silent-unrecorded'],
] as const)(
	'[C2] [P1] %s takes effect with the press of the key, also when the journal has failed before and cannot be read',
	async (type, code) => {
		const { journal, shut, ask } = await asked();
		journal.refuse(...events, 'survey-finished');
		expect(await refused(ask.person(agent, callId, note(0)))).toBe('journal.unavailable');
		journal.read = () => Promise.reject(new Error('the disk is gone'));
		const pressed = refused(ask.person(agent, callId, { type, segmentId } as never));
		expect(shut).toEqual(['pressed']);
		expect(await pressed).toBe(code);
		expect(shut).toEqual(['pressed', 'unrecorded']);
	},
);

test('[C2] [B1] takes effect however much of one person waits for its turn, and who pressed it is told that it is not on record', async () => {
	const { journal, shut, ask } = await asked();
	const release = journal.hold();
	const waiting = Array.from({ length: maxWaitingOfOne }, (_, n) => ask.person(agent, callId, note(n)));
	expect(await refused(ask.person(agent, callId, note(0)))).toBe('request.too-many');
	const pressed = refused(ask.person(agent, callId, { type: 'withdraw-consent', segmentId }));
	expect(shut).toEqual(['pressed']);
	expect(await pressed).toBe('survey.silent-unrecorded');
	expect(shut).toEqual(['pressed', 'unrecorded']);
	release();
	await Promise.all(waiting);
});

test('[C2] the press of a stranger shuts nothing', async () => {
	const { shut, ask } = await asked();
	expect(await refused(ask.person(stranger, callId, { type: 'withdraw-consent', segmentId }))).toBe('call.unknown');
	expect(shut).toEqual([]);
});

test('[C2] what a rule refuses opens again', async () => {
	const { shut, ask } = await asked();
	const old = '00000000-0000-4000-8000-0000000000ff';
	expect(await refused(ask.person(agent, callId, { type: 'withdraw-consent', segmentId: old }))).toBe('survey.unknown');
	expect(shut).toEqual(['pressed', 'refused']);
});
