import {
	type Call,
	type CallCommand,
	type CallEvent,
	decideCall,
	evolveCall,
	isOn,
	isProtected,
	noCall,
	termsOf,
} from '#server/domain/call.ts';
import {
	decideSegment,
	endSegment,
	evolveSegment,
	isTaken,
	noSegment,
	type Segment,
	type SegmentCommand,
	type SegmentEvent,
	type Taken,
} from '#server/domain/handoff.ts';
import {
	decideListening,
	evolveListening,
	type Listening,
	type ListeningCommand,
	type ListeningEvent,
	mayStillHear,
	noListening,
} from '#server/domain/listening.ts';
import { decideNote, evolveNotes, type Note, type NoteEvent, type Notes, noNotes } from '#server/domain/note.ts';
import type { NoteCommand } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/**
 * A session: a call while it is on Ycord, with everyone who listens and every note. It is one stream of the journal, so
 * what a rule has to weigh against what (a start of listening against the disclosure, a note against the protection) is
 * decided on one state, and all notes of a session have one order. [N2]
 */
export interface Session {
	call: Call;
	listenings: ReadonlyMap<string, Listening>;
	notes: Notes;
	/** The survey segment, the last one if there were several. */
	segment: Segment;
}

export type SessionDecision =
	| { of: 'call'; command: CallCommand }
	| { of: 'listening'; listeningId: string; command: ListeningCommand }
	| { of: 'segment'; command: SegmentCommand }
	| { of: 'note'; command: NoteCommand; author: Person; target?: Note | undefined };

/** What is recorded of a session. An event of a listening says of which. */
export type SessionEvent = CallEvent | (ListeningEvent & { listeningId: string }) | NoteEvent | SegmentEvent;

export const noSession: Session = { call: noCall, listenings: new Map(), notes: noNotes, segment: noSegment };

/** How many listenings one session may have had: the limit of that queue; whoever would be one more is refused. [B1] */
export const maxListeningsPerSession = 2000;

/** Whoever is removed is removed as a person: by this seat first, and by every other that would still lead in. */
function seatsOf({ listenings }: Session, listeningId: string): string[] {
	const person = listenerOf(listenings.get(listeningId));
	const others = [...listenings].filter(
		([id, one]) => id !== listeningId && mayStillHear(one) && listenerOf(one) === person,
	);
	return [listeningId, ...others.map(([id]) => id)];
}
const listenerOf = (listening: Listening = noListening) =>
	listening.at === 'none' ? undefined : listening.listener.id;

/** Pure: the same session and command always give the same events or the same refusal. */
export function decide(session: Session, decision: SessionDecision): SessionEvent[] {
	if (session.call.at === 'erased' && !isErasing(decision)) throw new Refusal('call.erased');
	const events = decideOne(session, decision);
	return [...events, ...backByPhone(session.segment, events)];
}

function decideOne(session: Session, decision: SessionDecision): SessionEvent[] {
	switch (decision.of) {
		case 'call':
			// The end of a hearing is on record before anything is erased: afterwards it would be refused. [L1]
			if (isErasing(decision) && isHeard(session)) throw new Refusal('call.not-now', 'still being heard');
			return [...decideCall(session.call, decision.command), ...floorAfter(session, decision.command)];
		case 'listening': {
			const { listeningId, command } = decision;
			const listening = session.listenings.get(listeningId) ?? noListening;
			if (command.type === 'accept-invitation' || command.type === 'join-call') mustHaveRoom(session, listeningId);
			const events = decideListening(listening, command, session.call);
			if (listening.at === 'none' && session.listenings.size >= maxListeningsPerSession)
				throw new Refusal('listening.too-many', String(maxListeningsPerSession));
			const ids = command.type === 'remove-listener' ? seatsOf(session, listeningId) : [listeningId];
			const heard = ids.flatMap((id) => events.map((event) => ({ ...event, listeningId: id })));
			const shutsOut = command.type === 'remove-listener' || command.type === 'withdraw-invitation';
			return shutsOut ? [...heard, ...withoutHolder(session, ids)] : heard;
		}
		case 'segment':
			return decideSurvey(session, decision.command);
		case 'note':
			return decideNote(session.notes, decision.command, { ...decision, call: session.call });
	}
}

/** As many as the policy lets listen to one call: by listening, so that a person with two seats counts twice. */
function mustHaveRoom({ call, listenings }: Session, listeningId: string) {
	const most = termsOf(call)?.mostListeners;
	if (most === undefined) return;
	const others = [...listenings].filter(
		([id, { at }]) => id !== listeningId && (at === 'admitted' || at === 'listening'),
	);
	if (others.length >= most) throw new Refusal('policy.full');
}

/** A call that is protected, or lost, has no executive on the line: the floor is the agent's in the same append. [P1] */
function floorAfter({ segment }: Session, { type }: CallCommand): SegmentEvent[] {
	if (!isTaken(segment)) return [];
	if (type === 'protect-call' || type === 'pause-call' || type === 'protect-for-service')
		return [{ type: 'survey-finished', segmentId: segment.id, how: 'protected' }];
	if (type === 'lose-call') return [{ type: 'line-lost', segmentId: segment.id, how: 'gateway-lost' }];
	return [];
}

/** Whoever loses the last seat that led into the session is off the line too. */
function withoutHolder({ segment, listenings }: Session, lost: readonly string[]): SegmentEvent[] {
	if (!isTaken(segment)) return [];
	const { id: holder } = segment.taken.executive;
	const seats = [...listenings].filter(([, one]) => listenerOf(one) === holder && mayStillHear(one));
	if (seats.length === 0 || seats.some(([id]) => !lost.includes(id))) return [];
	return [{ type: 'survey-finished', segmentId: segment.id, how: 'removed' }];
}

/** By phone nobody has to be brought back: whoever talked to the customer hands them back themselves. */
function backByPhone(segment: Segment, events: readonly SessionEvent[]): SegmentEvent[] {
	if (!isTaken(segment) || segment.taken.by !== 'phone' || !events.some(({ type }) => overBy.has(type))) return [];
	return [{ type: 'customer-returned', segmentId: segment.id, to: 'agent' }];
}
const overBy: ReadonlySet<SessionEvent['type']> = new Set(['survey-finished', 'line-lost', 'consent-withdrawn']);

/** What is decided on the segment, weighed against the call and who listens. */
function decideSurvey({ call, listenings, segment }: Session, command: SegmentCommand): SegmentEvent[] {
	if (call.at === 'none') throw new Refusal('call.unknown');
	// Where the customer came to be, and what they had answered, is recorded whatever the call has come to.
	const isReport = command.type === 'customer-returned' || command.type === 'answer-question';
	if (!isReport && !isOn(call)) throw new Refusal('call.ended');
	if (command.type === 'take-line') mustBeTakeable({ call, listenings, segment }, command.taken);
	const isLiveAtOnce = command.type === 'take-line' && command.taken.by === 'phone' && segment.at === 'agreed';
	const events = decideSegment(segment, command);
	// By phone there is nothing to wait for: two people talk, and Ycord keeps what they agreed and answered.
	return isLiveAtOnce ? [...events, { type: 'survey-live', segmentId: command.segmentId, limitMs: 0 }] : events;
}

/** What taking the line needs of the call and of who takes it. */
function mustBeTakeable({ call, listenings, segment }: Pick<Session, 'call' | 'listenings' | 'segment'>, taken: Taken) {
	const { executive, by } = taken;
	if (isProtected(call)) throw new Refusal('survey.protected');
	if (call.at === 'lost') throw new Refusal('call.not-now', call.at);
	if (by === 'phone') return;
	// Who has the line already and comes back to it comes with both connections, in no order.
	const hears =
		isTaken(segment) ||
		[...listenings.values()].some((one) => one.at === 'listening' && one.listener.id === executive.id);
	if (!hears) throw new Refusal('survey.not-listening');
	if (call.at !== 'none' && !call.facts.abilities?.includes('survey'))
		throw new Refusal('survey.cannot', call.facts.cannot ?? 'it can only be listened to');
}

const isErasing = (decision: SessionDecision) => decision.of === 'call' && decision.command.type === 'erase-call';
const isHeard = ({ listenings }: Session) => [...listenings.values()].some(({ at }) => at === 'listening');

/** `by` is the id of the person or gateway the event is recorded under. */
export function evolve(session: Session, event: SessionEvent, by: string): Session {
	if ('noteId' in event) return { ...session, notes: evolveNotes(session.notes, event) };
	if ('segmentId' in event) return { ...session, segment: evolveSegment(session.segment, event) };
	if ('listeningId' in event) {
		const before = session.listenings.get(event.listeningId) ?? noListening;
		return {
			...session,
			listenings: new Map(session.listenings).set(event.listeningId, evolveListening(before, event)),
		};
	}
	const call = evolveCall(session.call, event, by);
	const { notes, segment } = session;
	if (event.type === 'call-ended') return { ...session, call, segment: endSegment(segment) };
	if (event.type !== 'call-erased') return { ...session, call };
	return { ...session, call, notes: withoutWords(notes), segment: withoutAnswers(segment) };
}

const withoutAnswers = (segment: Segment): Segment =>
	'answers' in segment && segment.answers ? { ...segment, answers: new Map() } : segment;

const withoutWords = (notes: Notes): Notes =>
	notes.map((note) => ({ ...note, text: '', first: { ...note.first, text: '' } }));
