import { Link } from 'wouter';
import { isDeleted, type Thread } from '#client/pages/record/threads.ts';
import { recordPath } from '#client/rest/ways.ts';
import { kindWord, laneWords } from '#client/session/note-words.ts';
import { Icon } from '#client/ui/icon.tsx';
import { clockText, timeOfDay } from '#client/ui/times.ts';
import type { NoteView } from '#shared/note.ts';
import type { Role } from '#shared/people.ts';
import type { SessionRecord } from '#shared/rest.ts';

interface NotesNeeds {
	threads: readonly Thread[];
	record: SessionRecord;
	as: Role;
}

/** The notes of a record by the call's clock, each with its answers under it. */
export function RecordNotes({ threads, record, as }: NotesNeeds) {
	const { call, notes } = record;
	const known = new Map(notes.map((note) => [note.noteId, note]));
	const count = threads.reduce((sum, { note, answers }) => sum + (isDeleted(note) ? 0 : 1) + answers.length, 0);
	const shared = { callId: call.callId, known, as };
	return (
		<section className="card record-notes" aria-labelledby="record-notes">
			<h2 id="record-notes" className="record-notes-title">
				Notes <span className="soft numerals record-count">{count}</span>
			</h2>
			{threads.length === 0 ? (
				<p className="soft record-none">
					{call.erased ? 'The notes were erased with the call.' : 'No notes were written that you may see.'}
				</p>
			) : (
				<ol className={notes.length > 200 ? 'threads many' : 'threads'}>
					{threads.map(({ note, answers }) => (
						<li key={note.noteId} className="thread">
							<OneNote note={note} {...shared} />
							{answers.length > 0 && (
								<ol className="answers" aria-label={`Answers to ${note.authorName}`}>
									{answers.map((answer) => (
										<li key={answer.noteId}>
											<OneNote note={answer} {...shared} />
										</li>
									))}
								</ol>
							)}
						</li>
					))}
				</ol>
			)}
		</section>
	);
}

interface OneNoteNeeds {
	note: NoteView;
	callId: string;
	known: ReadonlyMap<string, NoteView>;
	as: Role;
}

const OneNote = ({ note, callId, known, as }: OneNoteNeeds) => (
	<article
		id={note.noteId}
		className="noted"
		tabIndex={-1}
		data-at={note.anchorMs}
		aria-label={`${kindWord(note.kind)} by ${note.authorName} at ${clockText(note.anchorMs)}`}
	>
		<a className="noted-at numerals" href={`#at-${note.anchorMs}`}>
			{clockText(note.anchorMs)}
			<span className="unseen">, show on the timeline</span>
		</a>
		<div className="noted-body">
			<p className="noted-head">
				<span className="noted-kind">
					<Icon name={note.kind} />
				</span>
				<b>{kindWord(note.kind)}</b>
				<span className="noted-by">{note.authorName}</span>
				<span className="noted-lane faint">
					<Icon name={laneWords[note.lane].icon} />
					{laneWords[note.lane].word}
				</span>
			</p>
			{isDeleted(note) ? (
				<p className="soft noted-gone">Deleted by its author.</p>
			) : (
				<p className="noted-text">{note.text}</p>
			)}
			<Foot note={note} callId={callId} known={known} as={as} />
		</div>
	</article>
);

function Foot({ note, callId, known, as }: OneNoteNeeds) {
	const heard = note.heardBy.map((one) => one.name).join(', ');
	const isEdited = note.edits > 0 && note.editedAtMs !== undefined && !isDeleted(note);
	if (!isEdited && !heard && note.tags.length === 0 && note.links.length === 0) return null;
	return (
		<p className="noted-foot">
			{note.tags.map((tag) => (
				<Link
					key={tag}
					className="noted-tag"
					state={{ within: true }}
					href={`/notes?${new URLSearchParams({ tag, as })}`}
				>
					#{tag}
				</Link>
			))}
			{heard && (
				<span className="noted-heard">
					<Icon name="check" /> Heard by {heard}
				</span>
			)}
			{isEdited && (
				<span>
					Edited{note.edits > 1 && ` ${note.edits} times, last`} {timeOfDay(note.editedAtMs ?? 0)}
				</span>
			)}
			{note.links.map((to) => {
				const path = recordPath(to.callId, as, to.noteId);
				const target = known.get(to.noteId);
				if (to.callId === callId && !target) return null;
				return (
					<span key={`${to.callId} ${to.noteId}`} className="noted-link">
						Linked to{' '}
						{target ? (
							<a href={`#${to.noteId}`}>
								{kindWord(target.kind)} at {clockText(target.anchorMs)}
							</a>
						) : (
							<Link href={path} state={{ within: true }} data-address={new URL(path, location.origin).href}>
								a note in another call
							</Link>
						)}
					</span>
				);
			})}
		</p>
	);
}
