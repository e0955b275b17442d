import type { Recorded } from '#server/journal/journal.ts';
import {
	maySeeNote,
	maySeeSession,
	type SessionView,
	segmentFor,
	sessionOf,
} from '#server/projections/session-view.ts';
import { timeline } from '#server/projections/timeline.ts';
import type { NoteRevision } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';
import type { SessionRecord } from '#shared/rest.ts';

/** Sessions of any age, read whole from the journal for one answer each. */
export interface WholeSessions {
	/** Everything of a session that this person may see. Refuses with `call.unknown`. [V2] */
	record(person: Person, callId: string): Promise<SessionRecord>;
	/**
	 * What a note said, first to last. Refuses with `call.unknown`, `note.unknown`, and with `note.deleted` everybody but the
	 * author of a deleted one, with `call.erased` everybody. [V2]
	 */
	history(person: Person, callId: string, noteId: string): Promise<NoteRevision[]>;
}

/** Sessions that are read at once, each up to some ten thousand records; whoever asks for one more is told to come back. [B1] */
const maxReading = 8;

export function wholeSessions(read: (callId: string) => Promise<Recorded[]>, now: () => number): WholeSessions {
	let reading = 0;

	async function whole(person: Person, callId: string): Promise<{ session: SessionView; records: Recorded[] }> {
		if (reading >= maxReading) throw new Refusal('request.too-many');
		reading++;
		try {
			const records = await read(callId);
			const session = sessionOf(records);
			if (!session || !maySeeSession(person, session)) throw new Refusal('call.unknown');
			return { session, records };
		} finally {
			reading--;
		}
	}

	return {
		async record(person, callId) {
			const { session, records } = await whole(person, callId);
			return {
				call: session.call,
				listenings: [...session.listenings.values()],
				notes: [...session.notes].filter((note) => maySeeNote(person, note)),
				timeline: timeline(records),
				segments: [...session.segments.values()].map((segment) => segmentFor(person, segment)),
				exportedAtMs: now(),
			};
		},
		async history(person, callId, noteId) {
			const { session, records } = await whole(person, callId);
			const note = session.notes.get(noteId);
			if (!note || !maySeeNote(person, note)) throw new Refusal('note.unknown');
			if (session.call.erased) throw new Refusal('call.erased');
			if (note.deletedAtMs !== undefined && note.authorId !== person.id) throw new Refusal('note.deleted');
			return records.flatMap(({ event, atMs }) => {
				const isRevision = event.type === 'note-written' || event.type === 'note-edited';
				return isRevision && event.noteId === noteId ? [{ atMs, kind: event.kind, text: event.text }] : [];
			});
		},
	};
}
