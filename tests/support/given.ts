import { expect } from 'vitest';
import {
	decide,
	evolve,
	noSession,
	type Session,
	type SessionDecision,
	type SessionEvent,
} from '#server/domain/session.ts';
import { Refusal, type RefusalCode } from '#shared/refusals.ts';

/** A sentence of the domain: given what happened, when something is asked, this happens or that is refused. */
export function given(...past: SessionEvent[]) {
	return {
		when(decision: SessionDecision) {
			const session = sessionAfter(...past);
			return {
				happens(...events: SessionEvent[]) {
					expect(decide(session, decision)).toEqual(events);
				},
				nothingHappens() {
					expect(decide(session, decision)).toEqual([]);
				},
				/** What happens, for whoever looks at what it leads to. */
				events: () => decide(session, decision),
				isRefused(code: RefusalCode) {
					expect(codeOf(() => decide(session, decision))).toBe(code);
				},
			};
		},
	};
}

/** The session that these events lead to. */
export const sessionAfter = (...past: SessionEvent[]): Session =>
	past.reduce((session, event) => evolve(session, event, 'someone'), noSession);

/** The code of the refusal this throws; anything else it throws goes on. */
export function codeOf(work: () => unknown): RefusalCode | 'nothing refused' {
	try {
		work();
	} catch (error) {
		if (error instanceof Refusal) return error.code;
		throw error;
	}
	return 'nothing refused';
}

/** What usually came first: a call with the general notice. */
export const callStarted: SessionEvent = {
	type: 'call-started',
	facts: {
		gateway: 'test',
		rehearsal: false,
		label: 'A test call',
		agentId: 'agent-1',
		agentName: 'Ann Agent',
		team: 'Orders',
		disclosure: 'notice',
	},
};
