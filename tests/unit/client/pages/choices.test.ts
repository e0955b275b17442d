import { describe, expect, test } from 'vitest';
import { toChooseFrom, whichCall } from '#client/pages/agent/which-call.ts';
import { lobbyOf } from '#client/pages/listen/visits.ts';
import type { CallAt, CallView, ListeningAt, ListeningView } from '#shared/call.ts';

const call = (callId: string, at: CallAt, startedAtMs: number, endedAtMs?: number): CallView => ({
	callId,
	seq: startedAtMs,
	at,
	protected: false,
	gateway: 'twilio',
	rehearsal: false,
	label: callId,
	agentId: 'jonas',
	agentName: 'Jonas',
	team: 'Orders',
	disclosure: 'notice',
	abilities: [],
	startedAtMs,
	sinceMs: startedAtMs,
	...(endedAtMs === undefined ? {} : { endedAtMs }),
});
const listening = (listeningId: string, callId: string, at: ListeningAt, sinceMs: number): ListeningView => ({
	listeningId,
	seq: sinceMs,
	callId,
	at,
	personId: 'sara',
	personName: 'Sara',
	personRole: 'executive',
	sinceMs,
	audibleMs: 0,
	lostMs: 0,
});

const isUnfinished = () => false;

describe("the agent's page", () => {
	test('shows the latest call that is on, or the one the agent chose', () => {
		const calls = [call('a', 'live', 1), call('b', 'held', 2), call('c', 'ended', 3, 4)];
		expect(whichCall(calls, { isUnfinished })?.callId).toBe('b');
		expect(whichCall(calls, { chosen: 'a', isUnfinished })?.callId).toBe('a');
		expect(whichCall(calls, { chosen: 'c', isUnfinished })?.callId).toBe('b');
		expect(toChooseFrom(calls, isUnfinished).map((one) => one.callId)).toEqual(['b', 'a']);
	});

	test('keeps the call that ended last on screen until another begins, so that its notes can be finished', () => {
		const ended = [call('a', 'ended', 1, 9), call('b', 'ended', 2, 5)];
		expect(whichCall(ended, { chosen: 'b', isUnfinished })?.callId).toBe('a');
		const next = [...ended, call('c', 'live', 10)];
		expect(whichCall(next, { chosen: 'b', shown: 'a', isUnfinished })?.callId).toBe('c');
		expect(whichCall([], { isUnfinished })).toBeUndefined();
	});

	test('stays at a call that ended while a note is typed in it, also when the next begins; both can be chosen', () => {
		const calls = [call('a', 'ended', 1, 9), call('c', 'live', 10)];
		const typing = { shown: 'a', isUnfinished: (callId: string) => callId === 'a' };
		expect(whichCall(calls, typing)?.callId).toBe('a');
		expect(whichCall(calls, { ...typing, chosen: 'c' })?.callId).toBe('c');
		expect(whichCall(calls, { ...typing, shown: 'c' })?.callId).toBe('c');
		expect(toChooseFrom(calls, typing.isUnfinished).map((one) => one.callId)).toEqual(['c', 'a']);
	});
});

describe("the executive's lobby", () => {
	test('parts what waits for an answer, what can be heard now, and what is over', () => {
		const calls = [call('a', 'live', 1), call('b', 'lost', 2), call('c', 'ended', 3, 4)];
		const listenings = [
			listening('1', 'a', 'invited', 10),
			listening('2', 'b', 'left', 11),
			listening('3', 'c', 'left', 12),
			listening('4', 'c', 'invited', 13),
			listening('5', 'a', 'withdrawn', 14),
			listening('6', 'gone', 'left', 15),
			{ ...listening('7', 'a', 'invited', 16), personId: 'omar' },
		];
		const ids = (visits: { listening: ListeningView }[]) => visits.map((visit) => visit.listening.listeningId);
		const { invited, open, past } = lobbyOf(calls, listenings, 'sara');
		expect([ids(invited), ids(open), ids(past)]).toEqual([['1'], ['2'], ['3']]);
	});
});
