import { type FocusEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { PendingNote } from '#client/live/notes.ts';
import { useStore } from '#client/live/use-store.ts';
import { useLive } from '#client/session/live-page.tsx';
import { NoteRow } from '#client/session/note-row.tsx';
import { Reply } from '#client/session/note-small.tsx';
import { listedNotes } from '#client/session/note-threads.ts';
import { kindWord, laneWords, safetyWords } from '#client/session/note-words.ts';
import { type OpenAt, useSessionNotes } from '#client/session/session-notes.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { clockText } from '#client/ui/times.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { NoteView } from '#shared/note.ts';

interface NoteListNeeds {
	notes: readonly NoteView[];
	pending: readonly PendingNote[];
	open: OpenAt | undefined;
	tag: string | undefined;
	/** A note to bring into sight and give the focus; a new object each time. */
	target: { noteId: string } | undefined;
}

/** Threads on the page before more are asked for: what is not there costs nothing, however long the call. */
const atFirst = 150;
const more = 300;

/** All notes this person may see, newest first, answers below what they answer; those not on record yet stand above. */
export function NoteList({ notes, pending, open, tag, target }: NoteListNeeds) {
	const seen = useSeen(notes);
	const { threads, waiting } = useMemo(() => listedNotes(notes, pending, { tag, seen }), [notes, pending, tag, seen]);
	const [most, setMost] = useState(atFirst);
	const [chosen, setChosen] = useState<string>();
	const list = useRef<HTMLOListElement>(null);
	const byId = useMemo(() => new Map(notes.map((note) => [note.noteId, note])), [notes]);

	const place = target
		? threads.findIndex(({ note, answers }) => [note, ...answers].some((one) => one.noteId === target.noteId))
		: -1;
	const shown = Math.max(most, place + 1);
	const onPage = threads.slice(0, shown);
	const isThere = (noteId: string) =>
		onPage.some(({ note, answers }) => note.noteId === noteId || answers.some((one) => one.noteId === noteId));
	const current = chosen !== undefined && isThere(chosen) ? chosen : onPage[0]?.note.noteId;
	useEffect(() => {
		if (!target) return;
		setChosen(target.noteId);
		const row = document.getElementById(`note-${target.noteId}`);
		row?.scrollIntoView({ block: 'nearest' });
		// What is open in it has the focus already.
		if (!row?.contains(document.activeElement)) row?.focus({ preventScroll: true });
	}, [target]);
	useShortcuts([
		{ keys: ['h'], says: 'On a note: heard you', does: () => press('[data-hear]') },
		{ keys: ['a'], says: 'On a note: answer', does: () => press('[data-reply]') },
	]);
	/** Presses what a key means on the note that has the focus. */
	const press = (what: string) =>
		document.activeElement?.closest('[data-note]')?.querySelector<HTMLButtonElement>(what)?.click();
	const focused = (event: FocusEvent) => {
		const noteId = (event.target as HTMLElement).closest<HTMLElement>('[data-note]')?.dataset.note;
		if (noteId !== undefined) setChosen(noteId);
	};
	const keyed = (event: KeyboardEvent) => {
		// Only while the note itself has the focus: fields and buttons in it have keys of their own.
		if (!(event.target instanceof HTMLElement) || event.target.dataset.note === undefined) return;
		const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-note]') ?? [])];
		const at = rows.indexOf(event.target);
		const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
		if (to === undefined) return;
		event.preventDefault();
		rows[Math.max(0, to)]?.focus();
	};
	const openAt = (noteId: string) => (open?.noteId === noteId ? open.what : undefined);
	const row = (note: NoteView) => (
		<NoteRow
			note={note}
			current={note.noteId === current}
			open={openAt(note.noteId)}
			targets={note.links.map((to) => byId.get(to.noteId)?.seq).join()}
		/>
	);
	if (threads.length + waiting.length === 0)
		return (
			<p className="no-notes">
				{tag === undefined
					? 'No notes yet. What you write appears here, at its second of the call.'
					: 'No note of this call has this tag any more.'}
			</p>
		);
	return (
		<>
			<ol ref={list} className="notes" aria-label="Notes, newest first" onFocus={focused} onKeyDown={keyed}>
				{waiting.map((note) => (
					<li key={note.noteId} className="thread">
						<WaitingRow note={note} />
					</li>
				))}
				{onPage.map(({ note, answers, waiting: unsent }) => (
					<li key={note.noteId} className="thread">
						{row(note)}
						{answers.length + unsent.length > 0 && (
							<ol className="answers" aria-label="Answers">
								{answers.map((answer) => (
									<li key={answer.noteId}>{row(answer)}</li>
								))}
								{unsent.map((answer) => (
									<li key={answer.noteId}>
										<WaitingRow note={answer} />
									</li>
								))}
							</ol>
						)}
						{openAt(note.noteId) === 'reply' && <Reply to={note} />}
					</li>
				))}
			</ol>
			{threads.length > shown && (
				<p className="older">
					<button type="button" className="button small" onClick={() => setMost(shown + more)}>
						Show older notes ({threads.length - shown})
					</button>
				</p>
			)}
		</>
	);
}

/** The notes this tab has had with their words. */
function useSeen(notes: readonly NoteView[]): ReadonlySet<string> {
	const seen = useRef(new Set<string>());
	for (const note of notes) if (note.deletedAtMs === undefined) seen.current.add(note.noteId);
	return seen.current;
}

/** A note that is not on record yet: whether it is safe, in words. [N5] */
function WaitingRow({ note }: { note: PendingNote }) {
	const { kind, lane } = note;
	return (
		<article className={`note ${kind} waits${note.replyTo === undefined ? '' : ' answer'}`}>
			{note.replyTo === undefined && (
				<span className="note-at numerals">
					<span className="unseen">At </span>
					{clockText(note.anchorMs)}
				</span>
			)}
			<div className="note-body">
				<div className="note-top">
					<span className="note-kind">
						<Icon name={kind} />
						{kindWord(kind)}
					</span>
					<span className="note-by">You</span>
				</div>
				<p className="note-text">{note.text}</p>
				<div className="note-foot">
					<span className="note-lane">
						<Icon name={laneWords[lane].icon} />
						{laneWords[lane].word}
					</span>
					<Safety note={note} />
				</div>
			</div>
		</article>
	);
}

function Safety({ note }: { note: PendingNote }) {
	const { retry, discard, takeBack } = useSessionNotes();
	const online = useStore(useLive().connection.link).at === 'open';
	if (note.at === 'saving') return <span>{safetyWords(note, online)}</span>;
	if (note.at !== 'refused')
		return (
			<span className="note-waits">
				<Icon name="notice" /> {safetyWords(note, online)}
			</span>
		);
	return (
		<span className="note-refused">
			<span role="alert">Not saved. {note.message}</span>
			<button type="button" className="button small" onClick={() => retry(note.noteId)}>
				Try again
			</button>
			<button type="button" className="button small" onClick={() => takeBack(note)}>
				Edit
			</button>
			<button type="button" className="button plain small" onClick={() => discard(note.noteId)}>
				Discard
			</button>
		</span>
	);
}
