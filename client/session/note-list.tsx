import type { PendingNote } from '#client/live/notes.ts';
import { kindWord, laneWords } from '#client/session/note-words.ts';
import { Icon } from '#client/ui/icon.tsx';
import { clockText } from '#client/ui/times.ts';
import type { NoteView } from '#shared/note.ts';

interface NoteListNeeds {
	notes: readonly NoteView[];
	pending: readonly PendingNote[];
	myId: string;
	retry: (noteId: string) => void;
	/** Takes a refused note back into the composer. */
	edit: (note: PendingNote) => void;
	discard: (noteId: string) => void;
}

/** All notes this person may see, newest first; those not on record yet stand above. */
export function NoteList({ notes, pending, myId, retry, edit, discard }: NoteListNeeds) {
	const known = new Set(notes.map((note) => note.noteId));
	const waiting = pending.filter((note) => !known.has(note.noteId));
	if (notes.length + waiting.length === 0)
		return <p className="no-notes">No notes yet. What you write appears here, at its second of the call.</p>;
	return (
		<ol className={notes.length > 200 ? 'notes many' : 'notes'} reversed>
			{waiting.toReversed().map((note) => (
				<OneNote
					key={note.noteId}
					note={note}
					by="You"
					state={<Waiting note={note} retry={retry} edit={edit} discard={discard} />}
				/>
			))}
			{notes.toReversed().map((note) => (
				<OneNote
					key={note.noteId}
					note={note}
					by={note.authorId === myId ? 'You' : note.authorName}
					state={note.authorId === myId && <span className="saved">Saved</span>}
				/>
			))}
		</ol>
	);
}

interface OneNoteNeeds {
	note: NoteView | PendingNote;
	by: string;
	state: React.ReactNode;
}

const OneNote = ({ note, by, state }: OneNoteNeeds) => (
	<li className={`note ${note.kind}`}>
		<span className="note-at numerals">
			<span className="unseen">At </span>
			{clockText(note.anchorMs)}
		</span>
		<div className="note-body">
			<p className="note-kind">
				<Icon name={note.kind} />
				{kindWord(note.kind)}
			</p>
			<p className="note-text">{note.text}</p>
			<p className="note-foot">
				<span className="note-by">{by}</span>
				<span className="note-lane">
					<Icon name={laneWords[note.lane].icon} />
					{laneWords[note.lane].word}
				</span>
				{state}
			</p>
		</div>
	</li>
);

function Waiting({
	note,
	retry,
	edit,
	discard,
}: Pick<NoteListNeeds, 'retry' | 'edit' | 'discard'> & { note: PendingNote }) {
	if (note.at === 'saving') return <span>Saving…</span>;
	if (note.at === 'waiting')
		return <span className="note-waits">{note.kept ? 'Waiting for the connection' : note.message}</span>;
	return (
		<span className="note-refused">
			<span role="alert">Not saved. {note.message}</span>
			<button type="button" className="button small" onClick={() => retry(note.noteId)}>
				Try again
			</button>
			<button type="button" className="button small" onClick={() => edit(note)}>
				Edit
			</button>
			<button type="button" className="button plain small" onClick={() => discard(note.noteId)}>
				Discard
			</button>
		</span>
	);
}
