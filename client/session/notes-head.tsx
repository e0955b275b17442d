import type { Writer } from '#client/live/connection.ts';
import { listed } from '#client/session/note-people.ts';
import { useSessionNotes } from '#client/session/session-notes.tsx';
import type { NoteView } from '#shared/note.ts';

interface NotesHeadNeeds {
	notes: readonly NoteView[];
	tag: string | undefined;
	writers: readonly Writer[];
}

/**
 * Above the list, in a line that is always there, so that nothing moves under a finger: how many notes, or which of them are
 * shown; and who is writing, which is there to be seen and is not announced.
 */
export function NotesHead({ notes, tag, writers }: NotesHeadNeeds) {
	const there = notes.filter((note) => note.deletedAtMs === undefined);
	const found = tag === undefined ? there : there.filter((note) => note.tags.includes(tag));
	const count = found.length === 1 ? '1 note' : `${found.length} notes`;
	return (
		<div className="notes-head">
			{tag === undefined ? (
				<span className="numerals">{there.length > 0 && count}</span>
			) : (
				<Filtered tag={tag} count={count} />
			)}
			<span className="writers">{writers.length > 0 && writersWords(writers)}</span>
		</div>
	);
}

function Filtered({ tag, count }: { tag: string; count: string }) {
	const { filter, me } = useSessionNotes();
	return (
		<span className="row filtered">
			<span role="status">
				<b className="text-mark tag">#{tag}</b> {count}
			</span>
			<button type="button" className="button small" onClick={() => filter(undefined)}>
				Show all
			</button>
			{/* In a tab of its own: leaving this page would end the listening. */}
			<a href={`/notes?tag=${encodeURIComponent(tag)}&as=${me.role}`} target="_blank" rel="noreferrer">
				Search everywhere<span className="unseen"> (opens in a new tab)</span>
			</a>
		</span>
	);
}

/** `Dana is writing…`, `Dana and Robin are writing…`, and from four on `Several people are writing…`. */
export const writersWords = (writers: readonly Writer[]) =>
	writers.length > 3
		? 'Several people are writing…'
		: `${listed(writers.map((one) => one.personName))} ${writers.length === 1 ? 'is' : 'are'} writing…`;
