import { type Call, type CallCommand, type CallEvent, decideCall, evolveCall, noCall } from '#server/domain/call.ts';
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
}

export type SessionDecision =
	| { of: 'call'; command: CallCommand }
	| { of: 'listening'; listeningId: string; command: ListeningCommand }
	| { of: 'note'; command: NoteCommand; author: Person; target?: Note | undefined };

/** What is recorded of a session. An event of a listening says of which. */
export type SessionEvent = CallEvent | (ListeningEvent & { listeningId: string }) | NoteEvent;

export const noSession: Session = { call: noCall, listenings: new Map(), notes: noNotes };

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
	switch (decision.of) {
		case 'call':
			// The end of a hearing is on record before anything is erased: afterwards it would be refused. [L1]
			if (isErasing(decision) && isHeard(session)) throw new Refusal('call.not-now', 'still being heard');
			return decideCall(session.call, decision.command);
		case 'listening': {
			const { listeningId, command } = decision;
			const listening = session.listenings.get(listeningId) ?? noListening;
			const events = decideListening(listening, command, session.call);
			if (listening.at === 'none' && session.listenings.size >= maxListeningsPerSession)
				throw new Refusal('listening.too-many', String(maxListeningsPerSession));
			const ids = command.type === 'remove-listener' ? seatsOf(session, listeningId) : [listeningId];
			return ids.flatMap((id) => events.map((event) => ({ ...event, listeningId: id })));
		}
		case 'note':
			return decideNote(session.notes, decision.command, { ...decision, call: session.call });
	}
}

const isErasing = (decision: SessionDecision) => decision.of === 'call' && decision.command.type === 'erase-call';
const isHeard = ({ listenings }: Session) => [...listenings.values()].some(({ at }) => at === 'listening');

/** `by` is the id of the person or gateway the event is recorded under. */
export function evolve(session: Session, event: SessionEvent, by: string): Session {
	if ('noteId' in event) return { ...session, notes: evolveNotes(session.notes, event) };
	if ('listeningId' in event) {
		const before = session.listenings.get(event.listeningId) ?? noListening;
		return {
			...session,
			listenings: new Map(session.listenings).set(event.listeningId, evolveListening(before, event)),
		};
	}
	const call = evolveCall(session.call, event, by);
	return { ...session, call, notes: event.type === 'call-erased' ? withoutWords(session.notes) : session.notes };
}

const withoutWords = (notes: Notes): Notes =>
	notes.map((note) => ({ ...note, text: '', first: { ...note.first, text: '' } }));
