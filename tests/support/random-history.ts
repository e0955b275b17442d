import type { Asked, Segment, SegmentCommand } from '#server/domain/handoff.ts';
import { decide, evolve, noSession, type Session, type SessionDecision } from '#server/domain/session.ts';
import type { Journal, Recorded } from '#server/journal/journal.ts';
import { type Lane, lanes, noteKinds } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';
import type { Script } from '#shared/survey.ts';
import { answersTo } from '#shared/survey-order.ts';

/** People of every role, two of each. */
export const cast: Person[] = (['agent', 'executive', 'supervisor'] as const).flatMap((role) =>
	['one', 'two'].map((name) => ({ id: `${role}-${name}`, name: `${role} ${name}`, role, team: `Team ${name}` })),
);
/** What random notes are made of; each has no letter beginning in common with another. */
export const vocabulary = ['refund', 'Lieferung', 'café', '顧客', 'naïve', '42', '#urgent', '#follow-up', 'ZÜRICH'];

/** Short, so that a long history stays small. */
const script: Script = {
	id: 'service',
	version: 1,
	language: 'en',
	title: 'How was it?',
	ask: { named: 'For {name}?', role: 'For {role}?', company: 'For {company}?' },
	who: { named: 'This is {name}.', role: 'This is {role}.', company: 'This is {company}.' },
	questions: [
		{ id: 'recommend', kind: 'scale-10', metric: 'nps', text: 'From 0 to 10?', skips: [{ when: ['10'], to: 'why' }] },
		{ id: 'solved', kind: 'yes-no', text: 'Solved?' },
		{ id: 'why', kind: 'open', text: 'Why?' },
	],
};

/**
 * What could have been recorded of many sessions at once: random people ask random things, and what the rules refuse does
 * not happen. The same `random` gives the same history.
 */
export function randomHistory(random: (below: number) => number, sessions: number, steps: number): Recorded[] {
	const one = <T>(of: readonly T[]): T => of[random(of.length)] as T;
	const states = new Map<string, { session: Session; version: number; listenings: string[]; notes: string[] }>();
	const records: Recorded[] = [];
	let atMs = 1_767_225_600_000;
	const words = () => Array.from({ length: 1 + random(4) }, () => one(vocabulary)).join(' ');

	for (let step = 0; step < steps; step++) {
		const stream = `test-${random(sessions)}`;
		const state = states.get(stream) ?? { session: noSession, version: 0, listenings: [], notes: [] };
		states.set(stream, state);
		const who = one(cast);
		atMs += random(5000);
		for (const decision of asks(state, who, atMs)) {
			try {
				for (const event of decide(state.session, decision)) {
					state.session = evolve(state.session, event, who.id);
					records.push({ seq: records.length + 1, stream, version: ++state.version, by: who.id, atMs, event });
				}
			} catch (error) {
				if (!(error instanceof Refusal)) throw error;
			}
		}
	}
	return records;

	function asks(state: { session: Session; listenings: string[]; notes: string[] }, who: Person, nowMs: number) {
		if (state.session.call.at === 'none') return [start()];
		switch (random(12)) {
			case 0:
				return [call(one(['hold-call', 'resume-call', 'lose-call', 'restore-call'] as const))];
			case 1:
				return [call(one(['protect-call', 'unprotect-call'] as const))];
			case 2:
				return random(3) === 0 ? [{ of: 'call', command: { type: 'end-call', reason: 'hung-up' } } as const] : [];
			case 3:
			case 4:
				return seat(state.listenings, who, nowMs);
			default: {
				const onSegment = random(8) === 0 ? [survey(state.session.segment, who)] : [];
				return [note(state.notes, who), ...onSegment];
			}
		}
	}

	function start(): SessionDecision {
		const agent = one(cast.filter(({ role }) => role === 'agent'));
		const facts = { gateway: 'test', rehearsal: false, label: words(), agentId: agent.id, agentName: agent.name };
		return {
			of: 'call',
			command: {
				type: 'start-call',
				facts: { ...facts, team: agent.team, disclosure: 'notice', abilities: ['survey', 'returnToAgent'] },
			},
		};
	}

	function call(type: 'hold-call' | 'resume-call' | 'lose-call' | 'restore-call' | 'protect-call' | 'unprotect-call') {
		return { of: 'call', command: { type } } as const;
	}

	function seat(listenings: string[], who: Person, nowMs: number): SessionDecision[] {
		if (who.role === 'agent' || who.role === 'administrator') return [];
		const listener = { id: who.id, name: who.name, role: who.role };
		const fresh = `listening-${records.length}`;
		const of = (listeningId: string, command: Extract<SessionDecision, { of: 'listening' }>['command']) =>
			({ of: 'listening', listeningId, command }) as const;
		if (listenings.length === 0 || random(3) === 0) {
			listenings.push(fresh);
			if (who.role === 'supervisor') return [of(fresh, { type: 'join-call', listener })];
			return [of(fresh, { type: 'invite', listener, secretHash: fresh, expiresAtMs: nowMs + 60_000 })];
		}
		return [
			of(
				one(listenings),
				one([
					{ type: 'accept-invitation', nowMs } as const,
					{ type: 'start-listening', required: 'notice' } as const,
					{ type: 'stop-listening', reason: 'left', audibleMs: 100, lostMs: 1 } as const,
					{ type: 'withdraw-invitation' } as const,
					{ type: 'remove-listener' } as const,
				]),
			),
		];
	}

	/** Mostly what comes next, so that segments get somewhere. */
	function survey(segment: Segment, { id, name, role }: Person): SessionDecision {
		const person = { id, name };
		const segmentId = segment.at === 'none' ? '' : segment.id;
		const how = role === 'agent' ? 'agent' : 'executive';
		const asked: Asked = {
			script,
			askedBy: person,
			identity: 'role',
			wording: words(),
			who: words(),
			executive: undefined,
			shownAs: 'a director',
		};
		const offer: SegmentCommand = {
			type: 'offer-survey',
			segmentId: `segment-${records.length}`,
			offer: random(4) === 0 ? { how: 'quota' } : { how, person },
		};
		const question = one(script.questions);
		const value = one(['', ...answersTo(question), ...(question.kind === 'open' ? [words()] : [])]);
		const holder = 'taken' in segment ? (segment.taken?.executive.id ?? id) : id;
		const answer: SegmentCommand = { type: 'answer-question', segmentId, questionId: question.id, value, by: holder };
		const by = random(3) === 0 ? 'line' : 'phone';
		const next: Record<Segment['at'], SegmentCommand[]> = {
			none: [offer],
			offered: [{ type: 'ask-survey', segmentId, asked }],
			asked: [
				{ type: 'record-consent', segmentId, answer: one(['agreed', 'agreed', 'declined', 'not-now']), by: person },
			],
			agreed: [
				{ type: 'take-line', segmentId, taken: { executive: person, by, secretHash: `taken ${records.length}` } },
				{ type: 'withdraw-consent', segmentId, who: 'agent' },
			],
			declined: [],
			'not-now': [offer],
			ready: [
				{ type: 'go-live', segmentId, limitMs: 300_000 },
				{ type: 'lose-line', segmentId, how: 'executive-lost' },
			],
			live: [
				answer,
				answer,
				{ type: 'tell-identity', segmentId },
				{ type: 'finish-survey', segmentId, how: one(['executive', 'taken-back', 'time-limit']) },
				{ type: 'lose-line', segmentId, how: one(['executive-lost', 'agent-lost', 'gateway-lost']) },
				{ type: 'withdraw-consent', segmentId, who: 'customer' },
			],
			finished: [answer, { type: 'customer-returned', segmentId, to: 'agent' }],
			withdrawn: [{ type: 'customer-returned', segmentId, to: 'agent' }],
			lost: [{ type: 'customer-returned', segmentId, to: one(['agent', 'queue', 'announcement', 'hung-up']) }],
			returned: [answer, offer],
			ended: [answer, { type: 'customer-returned', segmentId, to: 'hung-up' }],
		};
		return { of: 'segment', command: one(next[segment.at]) ?? offer };
	}

	function note(notes: string[], author: Person): SessionDecision {
		const kind = one(noteKinds);
		const lane: Lane = one(lanes);
		const noteId = notes.length > 0 && random(2) === 0 ? one(notes) : undefined;
		if (noteId === undefined) {
			const id = `note-${records.length}`;
			const replyTo = notes.length > 0 && random(4) === 0 ? { replyTo: one(notes) } : {};
			notes.push(id);
			const command = { type: 'write-note', noteId: id, kind, lane, text: words(), anchorMs: random(9999) } as const;
			return { of: 'note', command: { ...command, ...replyTo }, author };
		}
		const command = one([
			{ type: 'edit-note', noteId, kind, text: words() } as const,
			{ type: 'delete-note', noteId } as const,
			{ type: 'widen-note', noteId, lane } as const,
			{ type: 'hear-note', noteId, heard: random(2) === 0 } as const,
		]);
		// Most try what is theirs.
		return { of: 'note', command, author };
	}
}

/** A journal that holds this and takes no more. */
export const journalOf = (records: readonly Recorded[], id = 'a-journal'): Journal => ({
	id,
	append: () => Promise.reject(new Error('this journal is only read')),
	read: async (stream) => records.filter((record) => record.stream === stream),
	async *follow(seq, signal) {
		yield* records.slice(seq);
		await new Promise((resolve) => {
			if (signal.aborted) resolve(undefined);
			signal.addEventListener('abort', resolve);
		});
	},
	last: async () => records.length,
	close: async () => {},
});
