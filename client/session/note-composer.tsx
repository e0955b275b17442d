import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { NoteDraft } from '#client/live/notes.ts';
import { keepDraft, keptDraft, type TypedNote } from '#client/session/drafts.ts';
import { kindAsks, kindsInOrder, lanesOf, laneWho, laneWords } from '#client/session/note-words.ts';
import { Icon } from '#client/ui/icon.tsx';
import { clockText } from '#client/ui/times.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { Lane, NoteKind } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';

// shared/note.ts has the same number; importing it as a value would bring the schema library into the tab.
const maxLength = 2000;

interface ComposerNeeds {
	callId: string;
	me: Person;
	/** The call's clock at this moment, in ms. */
	callMs: () => number;
	/** False when no more can be kept. */
	write: (draft: NoteDraft) => boolean;
	/** A note taken back to be changed; a new object each time. */
	taken: TypedNote | undefined;
	/** Whether each kind has a letter beside its number; where other letters are taken it has not. */
	letters: boolean;
}

/** Where a note is written: kind, words, who will see it. It is stamped with the moment typing began. */
export function NoteComposer({ callId, me, callMs, write, taken, letters }: ComposerNeeds) {
	const { lanes, first } = lanesOf(me.role);
	const empty: TypedNote = { text: '', kind: 'observation', lane: first };
	const [note, setNote] = useState<TypedNote>(() => keptDraft(callId, me.id) ?? empty);
	const [full, setFull] = useState(false);
	const field = useRef<HTMLTextAreaElement>(null);
	const id = useId();

	const change = (next: TypedNote) => {
		setNote(next);
		keepDraft(callId, me.id, next);
	};
	useEffect(() => {
		if (!taken) return;
		// What is being typed goes below what comes back: neither is lost.
		setNote((now) => {
			const both = now.text.trim() ? { ...taken, text: `${taken.text}\n${now.text}` } : taken;
			keepDraft(callId, me.id, both);
			return both;
		});
		field.current?.focus();
	}, [taken, callId, me.id]);
	const type = (text: string) =>
		change({ ...note, text, anchorMs: text.trim() === '' ? undefined : (note.anchorMs ?? Math.floor(callMs())) });
	/** To the end: what is typed next goes after what stands there already. */
	const goOn = () => {
		const place = field.current;
		if (!place || place === document.activeElement) return;
		place.focus();
		place.setSelectionRange(place.value.length, place.value.length);
	};
	const start = (kind: NoteKind) => {
		change({ ...note, kind });
		goOn();
	};
	const send = () => {
		const text = note.text.trim();
		if (!text) return field.current?.focus();
		const kept = write({ kind: note.kind, lane: note.lane, text, anchorMs: note.anchorMs ?? Math.floor(callMs()) });
		setFull(!kept);
		if (kept) change({ ...empty, lane: note.lane });
		field.current?.focus();
	};
	const keyed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
		if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
			event.preventDefault();
			send();
		}
		if (event.key === 'Escape') document.getElementById('main')?.focus({ preventScroll: true });
	};
	useShortcuts([
		...kindsInOrder.map((one, index) => ({
			keys: letters ? [one.key, String(index + 1)] : [String(index + 1)],
			says: `Write: ${one.word.toLowerCase()}`,
			does: () => start(one.kind),
		})),
		{ keys: ['n'], says: 'Write a note', does: goOn },
	]);

	return (
		<form
			className="composer"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<fieldset className="chips">
				<legend className="unseen">Kind of note</legend>
				{kindsInOrder.map((one, index) => (
					<label key={one.kind} className={`chip ${one.kind}`}>
						<input
							type="radio"
							name={`${id}-kind`}
							checked={note.kind === one.kind}
							onChange={() => change({ ...note, kind: one.kind })}
						/>
						<Icon name={one.kind} />
						{one.word}
						<span className="key" aria-hidden="true">
							{letters ? one.key.toUpperCase() : index + 1}
						</span>
					</label>
				))}
			</fieldset>
			<label className="unseen" htmlFor={id}>
				Note
			</label>
			<textarea
				id={id}
				ref={field}
				className="input composer-text"
				rows={3}
				maxLength={maxLength}
				placeholder={kindAsks(note.kind)}
				value={note.text}
				onChange={(event) => type(event.target.value)}
				onKeyDown={keyed}
				aria-describedby={`${id}-lane`}
			/>
			<div className="composer-foot">
				<LaneChoice id={id} lanes={lanes} lane={note.lane} choose={(lane) => change({ ...note, lane })} />
				<p id={`${id}-lane`} className="faint composer-who">
					{laneWho(note.lane, me.role)}
					{note.anchorMs !== undefined && <span className="numerals"> At {clockText(note.anchorMs)}.</span>}
				</p>
				<button type="submit" className="button first composer-send">
					Send
				</button>
			</div>
			{full && (
				<p className="fault" role="alert">
					<Icon name="notice" /> Too many notes are waiting for the connection. This one is still in the field.
				</p>
			)}
		</form>
	);
}

interface LaneNeeds {
	id: string;
	lanes: readonly Lane[];
	lane: Lane;
	choose: (lane: Lane) => void;
}

const LaneChoice = ({ id, lanes, lane, choose }: LaneNeeds) => (
	<fieldset className="segments">
		<legend className="unseen">Who sees it</legend>
		{lanes.map((one) => (
			<label key={one} className="segment">
				<input type="radio" name={`${id}-lane`} checked={lane === one} onChange={() => choose(one)} />
				<Icon name={laneWords[one].icon} />
				{laneWords[one].word}
			</label>
		))}
	</fieldset>
);
