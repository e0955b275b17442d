import { useEffect, useRef, useState } from 'react';
import type { NoteQueue, PendingNote } from '#client/live/notes.ts';
import { useStore } from '#client/live/use-store.ts';
import type { TypedNote } from '#client/session/drafts.ts';
import { useLive } from '#client/session/live-page.tsx';
import { NoteComposer } from '#client/session/note-composer.tsx';
import { NoteList } from '#client/session/note-list.tsx';
import { useDraftsRead } from '#client/session/use-drafts-read.ts';
import { announce } from '#client/ui/announce.tsx';
import type { CallView } from '#shared/call.ts';
import type { NoteView } from '#shared/note.ts';
import '#client/session/notes.css';

interface NotesNeeds {
	call: CallView;
	notes: readonly NoteView[];
	/** Whether each kind of note has its own letter here. */
	letters?: boolean;
}

/** The notes of a session: the composer, and under it everything written so far. */
export function Notes({ call, notes, letters = false }: NotesNeeds) {
	const { queues, me } = useLive();
	const draftsRead = useDraftsRead(me.id);
	const [queue, setQueue] = useState<NoteQueue>();
	useEffect(() => {
		const taken = queues.take(call.callId);
		setQueue(taken.queue);
		return taken.leave;
	}, [queues, call.callId]);
	return (
		<section className="card notes-card" aria-labelledby="notes-title">
			<h2 id="notes-title" className="unseen">
				Notes
			</h2>
			{queue && draftsRead && <Written call={call} notes={notes} queue={queue} letters={letters} />}
		</section>
	);
}

function Written({ call, notes, queue, letters }: Required<NotesNeeds> & { queue: NoteQueue }) {
	const { connection, me } = useLive();
	const pending = useStore(queue.pending);
	const [taken, setTaken] = useState<TypedNote>();
	const edit = ({ noteId, text, kind, lane, anchorMs }: PendingNote) => {
		queue.discard(noteId);
		setTaken({ text, kind, lane, anchorMs });
	};
	useAnnouncedNotes(notes, me.id);
	return (
		<>
			<NoteComposer
				key={call.callId}
				callId={call.callId}
				me={me}
				callMs={() => Math.max(0, (call.endedAtMs ?? connection.serverNow()) - call.startedAtMs)}
				write={queue.write}
				taken={taken}
				letters={letters}
			/>
			<NoteList notes={notes} pending={pending} myId={me.id} retry={queue.retry} edit={edit} discard={queue.discard} />
		</>
	);
}

/** A note by somebody else is announced by its author, once; not those that were there before. */
function useAnnouncedNotes(notes: readonly NoteView[], myId: string) {
	const seen = useRef<number>(undefined);
	const last = notes.at(-1);
	useEffect(() => {
		if (seen.current !== undefined && last && last.place > seen.current && last.authorId !== myId)
			announce(`New note by ${last.authorName}`);
		seen.current = last?.place ?? 0;
	}, [last, myId]);
}
