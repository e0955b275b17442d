import { useEffect, useMemo, useRef, useState } from 'react';
import type { ViewState } from '#client/live/connection.ts';
import type { NoteQueue } from '#client/live/notes.ts';
import { useStore } from '#client/live/use-store.ts';
import { keepDraft, type TypedNote } from '#client/session/drafts.ts';
import { useLive } from '#client/session/live-page.tsx';
import { NoteComposer } from '#client/session/note-composer.tsx';
import { NoteDialog } from '#client/session/note-dialogs.tsx';
import { NoteList } from '#client/session/note-list.tsx';
import { callsMe, sessionPeople } from '#client/session/note-people.ts';
import { myLast } from '#client/session/note-threads.ts';
import { NotesHead } from '#client/session/notes-head.tsx';
import { type OpenAt, type SessionNotes, SessionNotesHere } from '#client/session/session-notes.tsx';
import { useDraftsRead } from '#client/session/use-drafts-read.ts';
import { useNoteActs } from '#client/session/use-note-acts.ts';
import { announce } from '#client/ui/announce.tsx';
import type { CallView } from '#shared/call.ts';
import type { NoteView } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import '#client/session/notes.css';

interface NotesNeeds {
	call: CallView;
	/** The session's view. */
	view: ViewState;
	/** Whether each kind of note has its own letter here. */
	letters?: boolean;
}

/** The notes of a session: the composer, and under it everything written so far. */
export function Notes({ call, view, letters = false }: NotesNeeds) {
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
			{queue && draftsRead && <Written key={call.callId} call={call} view={view} queue={queue} letters={letters} />}
		</section>
	);
}

function Written({ call, view, queue, letters }: Required<NotesNeeds> & { queue: NoteQueue }) {
	const { me } = useLive();
	const { notes } = view;
	const pending = useStore(queue.pending);
	const [open, setOpen] = useState<OpenAt>();
	const [tag, setTag] = useState<string>();
	const [target, setTarget] = useState<{ noteId: string }>();
	const [taken, setTaken] = useState<TypedNote>();
	const people = usePeople(call, view);
	const acts = useNoteActs(call, queue, notes);
	const here = useMemo<SessionNotes>(
		() => ({
			...acts,
			me,
			people,
			names: new Map(people.map(({ id, name }) => [id.toLowerCase(), name])),
			open: setOpen,
			filter: setTag,
			goTo: (noteId) => setTarget({ noteId }),
			takeBack({ noteId, replyTo, text, kind, lane, anchorMs }) {
				queue.discard(noteId);
				const typed = { text, kind, lane, anchorMs };
				if (replyTo === undefined || !acts.note(replyTo)) return setTaken(typed);
				keepDraft(acts.callId, me.id, typed, replyTo);
				setOpen({ what: 'reply', noteId: replyTo });
			},
		}),
		[acts, me, people, queue],
	);
	const editLast = () => {
		const last = myLast(notes, me.id);
		if (!last) return;
		setTag(undefined);
		setTarget({ noteId: last.noteId });
		setOpen({ what: 'edit', noteId: last.noteId });
	};
	useLinkedTo(notes, here);
	useAnnouncedNotes(notes, me);
	return (
		<SessionNotesHere value={here}>
			<NoteComposer taken={taken} letters={letters} editLast={editLast} />
			<NotesHead notes={notes} tag={tag} writers={view.writers} />
			<NoteList notes={notes} pending={pending} open={open} tag={tag} target={target} />
			<NoteDialog at={open} />
		</SessionNotesHere>
	);
}

/** The people of the session: the same object until somebody comes or goes, so that not every note draws all rows again. */
function usePeople(call: CallView, { listenings, notes }: ViewState) {
	const people = sessionPeople(call, listenings, notes);
	const latest = useRef(people);
	if (JSON.stringify(latest.current) !== JSON.stringify(people)) latest.current = people;
	return latest.current;
}

/** An address that names a note (`#<noteId>`) leads to it, once it is there. */
function useLinkedTo(notes: readonly NoteView[], { goTo }: Pick<SessionNotes, 'goTo'>) {
	const wanted = useRef(location.hash.slice(1));
	useEffect(() => {
		const noteId = wanted.current;
		if (noteId === '' || !notes.some((note) => note.noteId === noteId)) return;
		wanted.current = '';
		goTo(noteId);
	}, [notes, goTo]);
}

/** A note by somebody else is announced by its author, once, and whether it calls me; not those that were there before. */
function useAnnouncedNotes(notes: readonly NoteView[], me: Person) {
	const seen = useRef<number>(undefined);
	useEffect(() => {
		const last = notes.at(-1)?.place ?? 0;
		const before = seen.current;
		seen.current = Math.max(last, before ?? 0);
		if (before === undefined) return;
		for (const note of notes.slice(-20)) {
			if (note.place <= before || note.authorId === me.id) continue;
			const what = note.replyTo === undefined ? 'New note' : 'New answer';
			announce(callsMe(note, me) ? `${note.authorName} calls you` : `${what} by ${note.authorName}`);
		}
	}, [notes, me]);
}
