import { memo, type ReactNode, useEffect, useRef } from 'react';
import { useAsking } from '#client/session/asking.ts';
import { Heard, HeardBy } from '#client/session/note-heard.tsx';
import { NoteLinks } from '#client/session/note-links.tsx';
import { callsMe } from '#client/session/note-people.ts';
import { Edit } from '#client/session/note-small.tsx';
import { NoteText } from '#client/session/note-text.tsx';
import { kindWord, laneWords, widerLanes } from '#client/session/note-words.ts';
import { Fault } from '#client/session/presence.tsx';
import { type OpenAt, useSessionNotes } from '#client/session/session-notes.tsx';
import { announce } from '#client/ui/announce.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { Menu, type MenuItem } from '#client/ui/menu.tsx';
import { clockText, timeOfDay } from '#client/ui/times.ts';
import type { NoteView } from '#shared/note.ts';

interface NoteRowNeeds {
	note: NoteView;
	/** Whether Tab goes into this row: one of the list is it, and ↑ ↓ make another. */
	current: boolean;
	/** What is open at this note. */
	open: OpenAt['what'] | undefined;
	/** How what it is linked to stands: draws it again when that changes. */
	targets: string;
}

/** One note on record. Drawn again only when it, or what is open at it, changes: lists are long. */
export const NoteRow = memo(function NoteRow({ note, current, open }: NoteRowNeeds) {
	const { me } = useSessionNotes();
	const by = note.authorId === me.id ? 'You' : note.authorName;
	const calls = callsMe(note, me);
	const isAnswer = note.replyTo !== undefined;
	const look = [
		'note',
		note.kind,
		...(calls && !note.deletedAtMs ? ['calls-me'] : []),
		...(isAnswer ? ['answer'] : []),
	];
	return (
		<article
			id={`note-${note.noteId}`}
			data-note={note.noteId}
			// A note is where the arrow keys stop (WAI-ARIA APG, feed).
			tabIndex={current ? 0 : -1}
			className={look.join(' ')}
			aria-label={`${note.deletedAtMs ? 'Deleted note' : kindWord(note.kind)} by ${by}, at ${clockText(note.anchorMs)}`}
		>
			{!isAnswer && (
				<span className="note-at numerals" aria-hidden="true">
					{clockText(note.anchorMs)}
				</span>
			)}
			<div className="note-body">
				{note.deletedAtMs !== undefined ? (
					<Gone note={note} by={by} tabIndex={current ? 0 : -1} />
				) : open === 'edit' ? (
					<Edit note={note} />
				) : (
					<Words note={note} by={by} calls={calls} tabIndex={current ? 0 : -1} asked={open === 'delete'} />
				)}
			</div>
		</article>
	);
});

/** What is left of a deleted note: that it was there. Its author can still read it. */
function Gone({ note, by, tabIndex }: { note: NoteView; by: string; tabIndex: number }) {
	const { me, open } = useSessionNotes();
	return (
		<p className="note-gone">
			{by} deleted a note
			{note.authorId === me.id && (
				<button
					type="button"
					className="text-button"
					tabIndex={tabIndex}
					onClick={() => open({ what: 'history', noteId: note.noteId })}
				>
					What it said
				</button>
			)}
		</p>
	);
}

interface WordsNeeds {
	note: NoteView;
	by: string;
	calls: boolean;
	tabIndex: number;
	/** Whether deleting was pressed once. */
	asked: boolean;
}

function Words({ note, by, calls, tabIndex, asked }: WordsNeeds) {
	const { me, open } = useSessionNotes();
	const mine = note.authorId === me.id;
	return (
		<>
			<div className="note-top">
				{(note.replyTo === undefined || note.kind !== 'observation') && (
					<span className="note-kind">
						<Icon name={note.kind} />
						{kindWord(note.kind)}
					</span>
				)}
				<span className="note-by">{by}</span>
				{note.replyTo !== undefined && (
					<span className="note-at numerals" aria-hidden="true">
						{clockText(note.anchorMs)}
					</span>
				)}
				{calls && <span className="note-calls">Calls you</span>}
				<NoteMenu note={note} mine={mine} tabIndex={tabIndex} />
			</div>
			{note.text === '' ? <p className="note-gone">Erased</p> : <NoteText text={note.text} tabIndex={tabIndex} />}
			<NoteLinks note={note} mine={mine} tabIndex={tabIndex} />
			<HeardBy note={note} />
			<div className="note-foot">
				<span className="note-lane">
					<Icon name={laneWords[note.lane].icon} />
					{laneWords[note.lane].word}
				</span>
				{mine && <span>Saved</span>}
				{note.edits > 0 && note.editedAtMs !== undefined && (
					<button
						type="button"
						className="text-button"
						tabIndex={tabIndex}
						onClick={() => open({ what: 'history', noteId: note.noteId })}
					>
						edited {timeOfDay(note.editedAtMs)}
					</button>
				)}
				<span className="note-acts">
					{!mine && <Heard note={note} tabIndex={tabIndex} />}
					{note.replyTo === undefined && (
						<button
							type="button"
							className="button plain small note-act"
							data-reply
							tabIndex={tabIndex}
							onClick={() => open({ what: 'reply', noteId: note.noteId })}
						>
							<Icon name="reply" /> Reply
						</button>
					)}
				</span>
			</div>
			{asked && <ReallyDelete note={note} />}
		</>
	);
}

/** Everything else that can be done with a note; nothing where there is nothing. */
function NoteMenu({ note, mine, tabIndex }: Pick<WordsNeeds, 'note' | 'tabIndex'> & { mine: boolean }) {
	const here = useSessionNotes();
	const at = (what: OpenAt['what']) => () => here.open({ what, noteId: note.noteId });
	const parent = note.replyTo === undefined ? undefined : here.note(note.replyTo)?.lane;
	const items: MenuItem[] = [];
	if (mine) {
		items.push({ word: 'Edit', does: at('edit') });
		items.push({ word: 'Link to a pinhole or suggestion…', does: at('link') });
		if (widerLanes(here.me.role, note.lane, parent).length > 0)
			items.push({ word: 'Show to more people…', does: at('widen') });
	}
	if (note.edits > 0) items.push({ word: 'What it said before', does: at('history') });
	if (mine) items.push({ word: 'Delete…', does: at('delete'), warns: true });
	if (items.length === 0) return null;
	return (
		<span className="note-menu">
			<Menu label="More about this note" items={items} tabIndex={tabIndex}>
				<Icon name="more" />
			</Menu>
		</span>
	);
}

/** The second press: it cannot be taken back. */
function ReallyDelete({ note }: { note: NoteView }) {
	const { remove, open, goTo } = useSessionNotes();
	const asking = useAsking();
	const keep = useRef<HTMLButtonElement>(null);
	// The harmless one of the two has the focus.
	useEffect(() => keep.current?.focus(), []);
	const leave = () => {
		open(undefined);
		goTo(note.noteId);
	};
	return (
		<Asked text="Delete this note for everyone who can see it? Its words do not come back.">
			<button
				type="button"
				className="button small warn"
				onClick={() =>
					asking.run(async () => {
						await remove(note.noteId);
						announce('Note deleted for everyone');
						leave();
					})
				}
			>
				{asking.busy ? 'Deleting…' : 'Delete for everyone'}
			</button>
			<button
				ref={keep}
				type="button"
				className="button plain small"
				onClick={leave}
				onKeyDown={(event) => event.key === 'Escape' && leave()}
			>
				Keep
			</button>
			{asking.fault && <Fault>{asking.fault}</Fault>}
		</Asked>
	);
}

const Asked = ({ text, children }: { text: string; children: ReactNode }) => (
	<div className="note-asked">
		<span>{text}</span>
		{children}
	</div>
);
