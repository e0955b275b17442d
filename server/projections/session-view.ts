import { type Call, isProtected } from '#server/domain/call.ts';
import { maySeeLane } from '#server/domain/note.ts';
import { isIn } from '#server/domain/roles.ts';
import { evolve, noSession, type Session } from '#server/domain/session.ts';
import type { Recorded } from '#server/journal/journal.ts';
import { endedSegment, foldSegment, type SegmentRecord } from '#server/projections/segment-view.ts';
import { type SessionNotes, sessionNotes } from '#server/projections/session-notes.ts';
import type { CallView, ListeningView } from '#shared/call.ts';
import type { NoteView } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import type { SegmentView } from '#shared/survey.ts';

/** One session as the screens need it: its rows, and the state the rules are asked of. */
export interface SessionView {
	callId: string;
	state: Session;
	call: CallView;
	listenings: Map<string, ListeningView>;
	notes: SessionNotes;
	segments: Map<string, SegmentView>;
}

/** The rows one record changed. */
export interface SessionChange {
	seq: number;
	session: SessionView;
	call?: CallView;
	listening?: ListeningView;
	note?: NoteView;
	/** Several at once: those that an erased call has lost the words of. */
	notes?: readonly NoteView[];
	segments?: readonly SegmentView[];
}

/** How an erased call is shown. */
const erasedLabel = 'Erased call';

/** Folds one record into its session, which begins with `call-started`, and says which rows it changed. */
export function foldSession(session: SessionView | undefined, record: Recorded): SessionChange | undefined {
	const { event, seq, stream, by, atMs } = record;
	const state = evolve(session?.state ?? noSession, event, by);
	if (!session) {
		if (event.type !== 'call-started') return undefined;
		const call = newCallView(record);
		return {
			seq,
			session: { callId: stream, state, call, listenings: new Map(), notes: sessionNotes(), segments: new Map() },
			call,
		};
	}
	const held = session.state;
	session.state = state;
	if ('noteId' in event) {
		const note = session.notes.fold(record);
		return note && { seq, session, note };
	}
	if ('segmentId' in event) {
		const segment = foldSegment(session.segments.get(event.segmentId), record as SegmentRecord);
		session.segments.set(event.segmentId, segment);
		return { seq, session, segments: [segment] };
	}
	if ('listeningId' in event) {
		const listening = state.listenings.get(event.listeningId);
		if (!listening || listening.at === 'none') return undefined;
		const known = session.listenings.get(event.listeningId);
		const heard = event.type === 'listening-stopped' ? event : { audibleMs: 0, lostMs: 0 };
		const view: ListeningView = {
			listeningId: event.listeningId,
			seq,
			callId: stream,
			at: listening.at,
			personId: listening.listener.id,
			personName: listening.listener.name,
			personRole: listening.listener.role,
			sinceMs: known?.at === listening.at ? known.sinceMs : atMs,
			audibleMs: (known?.audibleMs ?? 0) + heard.audibleMs,
			lostMs: (known?.lostMs ?? 0) + heard.lostMs,
			...(listening.at === 'invited' ? { expiresAtMs: listening.expiresAtMs } : {}),
		};
		session.listenings.set(event.listeningId, view);
		return { seq, session, listening: view };
	}
	session.call = changedCallView(session.call, held.call, state.call, record);
	if (event.type === 'call-erased') {
		const segments = keep(session, (segment) => ({ ...segment, seq, answers: [] }));
		return { seq, session, call: session.call, notes: session.notes.forgetWords(seq), segments };
	}
	if (event.type === 'call-ended') {
		const segments = keep(session, (segment) => endedSegment(segment, seq, atMs));
		return { seq, session, call: session.call, segments };
	}
	return { seq, session, call: session.call };
}

/** Changes every segment of a session, and gives back those that did change. */
function keep({ segments }: SessionView, change: (segment: SegmentView) => SegmentView): SegmentView[] {
	const changed: SegmentView[] = [];
	for (const [id, segment] of segments) {
		const now = change(segment);
		if (now === segment) continue;
		segments.set(id, now);
		changed.push(now);
	}
	return changed;
}

/** A segment as this person may see it: what the customer answered is for executives and supervisors. */
export const segmentFor = ({ role }: Person, segment: SegmentView): SegmentView =>
	role === 'agent' && segment.answers.length > 0 ? { ...segment, answers: [] } : segment;

/** The session that these records, its stream from the beginning, lead to; undefined if there is none. */
export function sessionOf(records: Iterable<Recorded>): SessionView | undefined {
	let session: SessionView | undefined;
	for (const record of records) session = foldSession(session, record)?.session ?? session;
	return session;
}

function newCallView({ event, seq, stream, atMs }: Recorded): CallView {
	if (event.type !== 'call-started') throw new Error('a call view begins with call-started');
	const { abilities = [], terms: _, ...facts } = event.facts;
	const known = { ...facts, abilities: [...abilities] };
	return { callId: stream, seq, at: 'live', protected: false, ...known, startedAtMs: atMs, sinceMs: atMs };
}

function changedCallView(view: CallView, before: Call, now: Call, { seq, atMs }: Recorded): CallView {
	if (now.at === 'none') return view;
	if (now.at === 'erased') {
		const { about: _, ...nameless } = view;
		return { ...nameless, seq, at: 'ended', label: erasedLabel, erased: true };
	}
	const changed = {
		...view,
		seq,
		at: now.at,
		protected: isProtected(now),
		sinceMs: before.at === now.at ? view.sinceMs : atMs,
	};
	return now.at === 'ended' ? { ...changed, endedAtMs: atMs, endReason: now.reason } : changed;
}

/** Whether a note of a session that this person may see reaches them. [N4] */
export const maySeeNote = (person: Person, note: Pick<NoteView, 'authorId' | 'lane'>) => maySeeLane(person, note);

/** Whether a session is this person's to see at all. */
export const maySeeSession = (person: Person, session: SessionView) => isIn(person, session.state);
