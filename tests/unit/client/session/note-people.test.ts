import { describe, expect, test } from 'vitest';
import { callsMe, cannotSee, listed, maySee, nameOfCalled, sessionPeople } from '#client/session/note-people.ts';
import type { ListeningView } from '#shared/call.ts';
import { noteView } from '#tests/support/note-view.ts';

const call = { agentId: 'ann', agentName: 'Ann Agent' };
const listening = (personId: string, at: ListeningView['at'], more: Partial<ListeningView> = {}): ListeningView => ({
	listeningId: `of ${personId}`,
	seq: 1,
	callId: 'test-1',
	at,
	personId,
	personName: personId,
	personRole: 'executive',
	sinceMs: 0,
	audibleMs: 0,
	lostMs: 0,
	...more,
});
const people = sessionPeople(
	call,
	[
		listening('eve', 'listening'),
		listening('ed', 'removed'),
		listening('eve', 'left', { listeningId: 'older', sinceMs: -1 }),
	],
	[noteView({ authorId: 'sue', authorName: 'Sue', authorRole: 'supervisor' })],
);

describe('the people of a session', () => {
	test('are the agent, whoever was invited, and whoever wrote, nobody twice', () => {
		expect(people.map(({ id, role, listening: hears, out }) => [id, role, hears, out])).toEqual([
			['ann', 'agent', false, false],
			['eve', 'executive', true, false],
			['ed', 'executive', false, true],
			['sue', 'supervisor', false, false],
		]);
	});

	test('[N4] see their lanes: the agent team notes, leadership its own too, whoever was removed none', () => {
		const seen = (id: string) => (['private', 'leadership', 'team'] as const).filter((lane) => sees(id, lane));
		const sees = (id: string, lane: 'private' | 'leadership' | 'team') =>
			people.some((one) => one.id === id && maySee(one, lane));
		expect([seen('ann'), seen('eve'), seen('ed'), seen('sue')]).toEqual([
			['team'],
			['leadership', 'team'],
			[],
			['leadership', 'team'],
		]);
	});

	test('are said as one says names', () => {
		expect([[], ['Ann'], ['Ann', 'Bo'], ['Ann', 'Bo', 'Cy']].map(listed)).toEqual([
			'',
			'Ann',
			'Ann and Bo',
			'Ann, Bo and Cy',
		]);
	});
});

describe('a note that calls somebody', () => {
	const calls = (mentions: string[], id: string, role: 'agent' | 'executive') =>
		callsMe({ mentions, authorId: 'sue' }, { id, role });

	test('calls me by my id or as one of a group, and never calls its author', () => {
		expect(calls(['ann'], 'ann', 'agent')).toBe(true);
		expect(calls(['team'], 'ann', 'agent')).toBe(true);
		expect(calls(['leadership'], 'ann', 'agent')).toBe(false);
		expect(calls(['leadership'], 'eve', 'executive')).toBe(true);
		expect(calls(['eve'], 'ann', 'agent')).toBe(false);
		expect(callsMe({ mentions: ['team'], authorId: 'ann' }, { id: 'ann', role: 'agent' })).toBe(false);
	});

	test('shows names for ids, and leaves a word that names nobody as it is', () => {
		const names = new Map([['ann', 'Ann Agent']]);
		expect([nameOfCalled('ann', names), nameOfCalled('team', names), nameOfCalled('home', names)]).toEqual([
			'Ann Agent',
			'Team',
			undefined,
		]);
	});

	test('[N4] says before it is sent who of those called cannot see it', () => {
		const says = (mentions: string[], lane: 'private' | 'leadership' | 'team') =>
			cannotSee(mentions, lane, people, 'eve');
		expect(says(['ann'], 'leadership')).toBe('Ann Agent cannot see a leadership note.');
		expect(says(['team'], 'leadership')).toBe('Ann Agent cannot see a leadership note.');
		expect(says(['ann', 'sue'], 'private')).toBe('Ann Agent and Sue cannot see a private note.');
		expect(says(['leadership'], 'private')).toBe('Sue and Leadership cannot see a private note.');
		expect(says(['ed'], 'team')).toBe('ed cannot see notes of this call any more.');
		expect([says(['ann', 'team'], 'team'), says(['leadership'], 'leadership'), says(['home'], 'private')]).toEqual([
			undefined,
			undefined,
			undefined,
		]);
	});
});
