import { describe, expect, test } from 'vitest';
import type { SessionDecision, SessionEvent } from '#server/domain/session.ts';
import { callStarted, given, sessionAfter } from '#tests/support/given.ts';

const listeningId = '00000000-0000-4000-8000-000000000001';
const listener = { id: 'exec-1', name: 'Eve Executive', role: 'executive' as const };
const invited: SessionEvent = { type: 'invited', listeningId, listener, secretHash: 'h', expiresAtMs: 1000 };
const accepted: SessionEvent = { type: 'invitation-accepted', listeningId };
const heard: SessionEvent = { type: 'listening-started', listeningId, disclosure: 'notice' };
const stopped: SessionEvent = { type: 'listening-stopped', listeningId, reason: 'left', audibleMs: 10, lostMs: 0 };
const note: SessionEvent = {
	type: 'note-written',
	noteId: '01890000-0000-7000-8000-000000000001',
	kind: 'observation',
	lane: 'team',
	text: 'They hold for minutes.',
	anchorMs: 0,
	author: listener,
};
const { facts } = callStarted as Extract<SessionEvent, { type: 'call-started' }>;
const ended: SessionEvent = { type: 'call-ended', reason: 'hung-up' };
const erased: SessionEvent = { type: 'call-erased' };
const erase: SessionDecision = { of: 'call', command: { type: 'erase-call' } };
const author = { ...listener, team: 'Leadership' };

describe('[L3] erasing a call', () => {
	test('is recorded once it has ended', () => given(callStarted, note, ended).when(erase).happens(erased));
	test('again is answered as done', () => given(callStarted, note, ended, erased).when(erase).nothingHappens());
	test('that goes on is refused', () => given(callStarted).when(erase).isRefused('call.not-now'));
	test('that is lost and may come back is refused', () =>
		given(callStarted, { type: 'call-lost' }).when(erase).isRefused('call.not-now'));
	test('that there never was is refused', () => given().when(erase).isRefused('call.unknown'));
	test('[L1] waits for the end of each hearing to be on record', () => {
		given(callStarted, invited, accepted, heard, ended).when(erase).isRefused('call.not-now');
		given(callStarted, invited, accepted, heard, ended, stopped).when(erase).happens(erased);
	});
});

describe('[L3] an erased call', () => {
	const past = [callStarted, invited, accepted, heard, note, ended, stopped, erased];
	const asked: SessionDecision[] = [
		{ of: 'note', command: { ...note, type: 'write-note' } as never, author },
		{ of: 'call', command: { type: 'protect-call' } },
		{ of: 'call', command: { type: 'end-call', reason: 'lost' } },
		{ of: 'call', command: { type: 'start-call', facts: facts } },
		{ of: 'listening', listeningId, command: { type: 'start-listening', required: 'notice' } },
		{ of: 'listening', listeningId, command: { type: 'refuse-sound', bytes: 1 } },
		{ of: 'listening', listeningId: 'another', command: { type: 'join-call', listener } },
	];
	test.each(asked)('refuses by name $of $command.type', (decision) =>
		given(...past)
			.when(decision)
			.isRefused('call.erased'),
	);

	test('has lost its words and its label, and keeps who, when and for how long', () => {
		const session = sessionAfter(...past);
		expect(JSON.stringify([...session.notes])).not.toContain('hold for minutes');
		expect(session.notes.size).toBe(1);
		expect(session.call).toMatchObject({
			at: 'erased',
			reason: 'hung-up',
			facts: { label: '', agentName: 'Ann Agent' },
		});
		expect(session.listenings.get(listeningId)).toMatchObject({ at: 'left', listener });
	});

	test('folds whatever comes later, as a newer Ycord may record it', () => {
		const session = sessionAfter(...past, { type: 'sound-refused', listeningId, bytes: 4 }, { type: 'call-held' });
		expect(session.call.at).toBe('erased');
	});
});
