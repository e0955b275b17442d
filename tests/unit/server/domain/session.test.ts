import { describe, expect, test } from 'vitest';
import type { ListeningCommand } from '#server/domain/listening.ts';
import { mustBeAllowed } from '#server/domain/roles.ts';
import { maxListeningsPerSession, type SessionEvent } from '#server/domain/session.ts';
import type { SessionCommand } from '#shared/call.ts';
import type { WriteNote } from '#shared/note.ts';
import { type Person, roles } from '#shared/people.ts';
import { callStarted, codeOf, given, sessionAfter } from '#tests/support/given.ts';

const listeningId = '00000000-0000-4000-8000-000000000001';
const listener = { id: 'exec-1', name: 'Eve Executive', role: 'executive' as const };
const invited: SessionEvent = { type: 'invited', listeningId, listener, secretHash: 'h', expiresAtMs: 1000 };
const accepted: SessionEvent = { type: 'invitation-accepted', listeningId };
const started: SessionEvent = { type: 'listening-started', listeningId, disclosure: 'notice' };
const stopped = { type: 'listening-stopped', reason: 'left', audibleMs: 10, lostMs: 0 } as const;
const removed: SessionEvent = { type: 'listener-removed', listeningId };
const ended: SessionEvent = { type: 'call-ended', reason: 'hung-up' };
const listening = (command: ListeningCommand) => ({ of: 'listening' as const, listeningId, command });

describe('a listening', () => {
	const start = listening({ type: 'start-listening', required: 'notice' });
	const stop = listening({ type: 'stop-listening', reason: 'left', audibleMs: 10, lostMs: 0 });

	test('[C1] is not heard before the invitation is accepted', () =>
		given(callStarted, invited).when(start).isRefused('listening.not-now'));
	test('[C1] is not heard while the disclosure is less than the policy requires', () =>
		given(callStarted, invited, accepted)
			.when(listening({ type: 'start-listening', required: 'announced' }))
			.isRefused('call.disclosure-missing'));
	test('[C1] [L1] begins with the disclosure on record', () =>
		given(callStarted, invited, accepted).when(start).happens(started));
	test('does not begin when the call has ended', () =>
		given(callStarted, invited, accepted, ended).when(start).isRefused('call.ended'));
	test('[L1] is recorded with what was heard, also after the call has ended', () =>
		given(callStarted, invited, accepted, started, ended)
			.when(stop)
			.happens({ ...stopped, listeningId }));
	test('[L1] is recorded with what was heard, also by somebody who was removed', () =>
		given(callStarted, invited, accepted, started, removed)
			.when(stop)
			.happens({ ...stopped, listeningId }));
	test('can be taken up again after leaving', () =>
		given(callStarted, invited, accepted, started, { ...stopped, listeningId })
			.when(start)
			.happens(started));
	test('cannot be taken up again after being removed', () =>
		given(callStarted, invited, accepted, started, removed).when(start).isRefused('listening.removed'));
	test.each([
		[invited],
		[invited, accepted],
		[invited, accepted, started, { ...stopped, listeningId }],
		[invited, removed],
	])('[S1] records an attempt to send sound whatever the listening has come to', (...past) =>
		given(callStarted, ...(past as SessionEvent[]))
			.when(listening({ type: 'refuse-sound', bytes: 176 }))
			.happens({ type: 'sound-refused', listeningId, bytes: 176 }),
	);
	test('somebody who is removed is removed from every seat that would still lead in', () => {
		const earlier: SessionEvent = { ...invited, listeningId: 'earlier' } as SessionEvent;
		const other: SessionEvent = {
			...invited,
			listeningId: 'other',
			listener: { ...listener, id: 'exec-2' },
		} as SessionEvent;
		const declined: SessionEvent = { type: 'invitation-declined', listeningId: 'declined' };
		given(
			callStarted,
			earlier,
			other,
			{ ...invited, listeningId: 'declined' } as SessionEvent,
			declined,
			invited,
			accepted,
		)
			.when(listening({ type: 'remove-listener' }))
			.happens(removed, { ...removed, listeningId: 'earlier' } as SessionEvent);
	});
	test('that a supervisor joined by own right is not for the agent to withdraw', () =>
		given(callStarted, { type: 'joined', listeningId, listener: { ...listener, role: 'supervisor' } })
			.when(listening({ type: 'withdraw-invitation' }))
			.isRefused('listening.not-now'));
	test('[B1] is refused when the session has had as many as it may have', () => {
		const many = Array.from(
			{ length: maxListeningsPerSession },
			(_, n): SessionEvent => ({
				type: 'joined',
				listeningId: `seat-${n}`,
				listener,
			}),
		);
		given(callStarted, ...many)
			.when(listening({ type: 'join-call', listener }))
			.isRefused('listening.too-many');
		given(callStarted, ...many)
			.when(listening({ type: 'remove-listener' }))
			.isRefused('listening.unknown');
	});
	test('[S1] records an attempt to send sound', () =>
		given(callStarted, invited, accepted, started)
			.when(listening({ type: 'refuse-sound', bytes: 176 }))
			.happens({ type: 'sound-refused', listeningId, bytes: 176 }));
	test('a supervisor who joins is on record like anybody else [C0]', () =>
		given(callStarted)
			.when(listening({ type: 'join-call', listener: { id: 's', name: 'Sue', role: 'supervisor' } }))
			.happens({ type: 'joined', listeningId, listener: { id: 's', name: 'Sue', role: 'supervisor' } }));
});

describe('an invitation', () => {
	test('expires', () =>
		given(callStarted, invited)
			.when(listening({ type: 'accept-invitation', nowMs: 1001 }))
			.isRefused('invitation.expired'));
	test('cannot be accepted after it was withdrawn', () =>
		given(callStarted, invited, { type: 'invitation-withdrawn', listeningId })
			.when(listening({ type: 'accept-invitation', nowMs: 1 }))
			.isRefused('invitation.withdrawn'));
	test('accepted twice changes nothing', () =>
		given(callStarted, invited, accepted)
			.when(listening({ type: 'accept-invitation', nowMs: 1 }))
			.nothingHappens());
	test('sent again under the same id is refused by name', () =>
		given(callStarted, invited)
			.when(listening({ type: 'invite', listener, secretHash: 'x', expiresAtMs: 1 }))
			.isRefused('listening.not-now'));
});

describe('protection', () => {
	const protect = { of: 'call' as const, command: { type: 'protect-call' as const } };
	const isProtected: SessionEvent = { type: 'call-protected' };

	test('is on at the first press and stays on at the second', () => {
		given(callStarted).when(protect).happens(isProtected);
		given(callStarted, isProtected).when(protect).nothingHappens();
	});
	test('[P2] outlives a hold and a lost and restored call', () => {
		const past = [
			callStarted,
			isProtected,
			{ type: 'call-held' },
			{ type: 'call-resumed' },
			{ type: 'call-lost' },
			{ type: 'call-restored' },
		];
		const { call } = sessionAfter(...(past as SessionEvent[]));
		expect(call).toMatchObject({ at: 'live', protectedBy: 'someone' });
	});
	test('[P1] a note with a card number is refused, while it lasts and otherwise', () => {
		const text = 'card 4111 1111 1111 1111, exp 12/29';
		const card = note({ text });
		given(callStarted, isProtected).when(card).isRefused('note.card-number');
		given(callStarted, isProtected, { type: 'call-unprotected' }).when(card).isRefused('note.card-number');
	});
});

const author: Person = { id: 'exec-1', name: 'Eve Executive', role: 'executive', team: 'Leadership' };
const agent: Person = { id: 'agent-1', name: 'Ann Agent', role: 'agent', team: 'Orders' };
const written: WriteNote = {
	type: 'write-note',
	noteId: '01900000-0000-7000-8000-000000000001',
	kind: 'observation',
	lane: 'team',
	text: 'They waited.',
	anchorMs: 1200,
};
const note = (changes: Partial<WriteNote> = {}, by = author) => ({
	of: 'note' as const,
	command: { ...written, ...changes },
	author: by,
});
const { type: _, ...fields } = written;
const noteWritten = {
	type: 'note-written' as const,
	...fields,
	author: { id: 'exec-1', name: 'Eve Executive', role: 'executive' as const },
};

describe('a note', () => {
	test('is recorded with its author', () => given(callStarted).when(note()).happens(noteWritten));
	test('[N3] sent twice is there once', () => given(callStarted, noteWritten).when(note()).nothingHappens());
	test('[N3] other words under the same id are refused', () =>
		given(callStarted, noteWritten)
			.when(note({ text: 'Something else' }))
			.isRefused('note.id-taken'));
	test('[N3] the same words by somebody else under the same id are refused', () =>
		given(callStarted, noteWritten).when(note({}, agent)).isRefused('note.id-taken'));
	test('of blanks is refused', () =>
		given(callStarted)
			.when(note({ text: ' \n ' }))
			.isRefused('note.empty'));
	test('[N4] an agent does not write to the leadership lane', () =>
		given(callStarted)
			.when(note({ lane: 'leadership' }, agent))
			.isRefused('note.lane'));
	test('may still be written in wrap-up, after the call', () =>
		given(callStarted, ended).when(note()).happens(noteWritten));
	test('belongs to a call', () => given().when(note()).isRefused('call.unknown'));
});

describe('who may ask for what', () => {
	const commands: SessionCommand[] = [
		{ type: 'protect-call' },
		{ type: 'unprotect-call' },
		{ type: 'invite', listeningId, executiveId: 'exec-1' },
		{ type: 'withdraw-invitation', listeningId },
		{ type: 'accept-invitation', listeningId },
		{ type: 'decline-invitation', listeningId },
		{ type: 'join-call', listeningId },
		{ type: 'remove-listener', listeningId },
		written,
	];
	const allowed: Record<string, string> = {
		'protect-call': 'agent supervisor',
		'unprotect-call': 'agent supervisor',
		invite: 'agent',
		'withdraw-invitation': 'agent',
		'accept-invitation': 'executive',
		'decline-invitation': 'executive',
		'join-call': 'supervisor',
		'remove-listener': 'supervisor',
		'write-note': 'agent executive supervisor',
	};
	const session = sessionAfter(callStarted, invited, accepted);
	const own: Record<string, Person> = {
		agent,
		executive: author,
		supervisor: { id: 'sup-1', name: 'Sue', role: 'supervisor', team: 'Orders' },
		administrator: { id: 'adm-1', name: 'Lee', role: 'administrator', team: 'Orders' },
	};
	const strangers: Person[] = [
		{ ...agent, id: 'agent-2' },
		{ ...author, id: 'exec-2' },
		{ id: 'sup-2', name: 'Sid', role: 'supervisor', team: 'Returns' },
	];
	for (const command of commands)
		for (const role of roles) {
			const may = (allowed[command.type] ?? '').includes(role);
			test(`${role} ${may ? 'may' : 'may not'} ${command.type}`, () => {
				const said = codeOf(() => mustBeAllowed(own[role] as Person, command, session));
				expect(said).toBe(may ? 'nothing refused' : 'access.denied');
			});
		}
	test.each(strangers)('nobody asks anything of a session that is not theirs: $role', (stranger) => {
		for (const command of commands)
			expect(codeOf(() => mustBeAllowed(stranger, command, session))).toMatch(/^(access\.denied|call\.unknown)$/);
	});
	test('an executive answers only the own invitation', () => {
		const other: SessionEvent = {
			...invited,
			listeningId: 'other',
			listener: { ...listener, id: 'exec-2' },
		} as SessionEvent;
		const both = sessionAfter(callStarted, invited, other);
		const said = codeOf(() => mustBeAllowed(author, { type: 'accept-invitation', listeningId: 'other' }, both));
		expect(said).toBe('listening.unknown');
	});
});
