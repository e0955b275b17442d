import { useEffect, useId, useRef, useState } from 'react';
import { keepDraft, keptDraft, type TypedNote } from '#client/session/drafts.ts';
import { KindChoice, LaneChoice } from '#client/session/note-chips.tsx';
import { NoteField } from '#client/session/note-field.tsx';
import { cannotSee } from '#client/session/note-people.ts';
import { kindAsks, kindsInOrder, lanesOf, laneWho } from '#client/session/note-words.ts';
import { useSessionNotes } from '#client/session/session-notes.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { clockText } from '#client/ui/times.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { Lane, NoteKind } from '#shared/note.ts';
import { mentionsOf } from '#shared/note-text.ts';

interface ComposerNeeds {
	/** A note taken back to be changed; a new object each time. */
	taken: TypedNote | undefined;
	/** Whether each kind has a letter beside its number; where other letters are taken it has not. */
	letters: boolean;
	/** Opens my last note for editing. */
	editLast: () => void;
}

/** Where a note is written: kind, words, who will see it. It is stamped with the moment typing began. */
export function NoteComposer({ taken, letters, editLast }: ComposerNeeds) {
	const { callId, me, callMs, write, writing } = useSessionNotes();
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
	const type = (text: string) => {
		const isEmpty = text.trim() === '';
		change({ ...note, text, anchorMs: isEmpty ? undefined : (note.anchorMs ?? Math.floor(callMs())) });
		writing(note.lane, !isEmpty);
	};
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
	const choose = (lane: Lane) => {
		writing(note.lane, false);
		change({ ...note, lane });
	};
	const send = () => {
		const text = note.text.trim();
		if (!text) return field.current?.focus();
		const kept = write({ kind: note.kind, lane: note.lane, text, anchorMs: note.anchorMs ?? Math.floor(callMs()) });
		setFull(!kept);
		if (kept) change({ ...empty, lane: note.lane });
		writing(note.lane, false);
		field.current?.focus();
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
			<KindChoice id={id} kind={note.kind} choose={(kind) => change({ ...note, kind })} letters={letters} />
			<NoteField
				label="Note"
				field={field}
				rows={3}
				text={note.text}
				change={type}
				send={send}
				leave={() => document.getElementById('main')?.focus({ preventScroll: true })}
				before={editLast}
				prompt={`${kindAsks(note.kind)}\n# tag · @ call somebody · ↑ edit your last`}
				describedBy={`${id}-lane`}
			/>
			<div className="composer-foot">
				<LaneChoice id={id} lanes={lanes} lane={note.lane} choose={choose} />
				<p id={`${id}-lane`} className="faint composer-who">
					{laneWho(note.lane, me.role)}
					{note.anchorMs !== undefined && <span className="numerals"> At {clockText(note.anchorMs)}.</span>}
				</p>
				<button type="submit" className="button first composer-send">
					Send
				</button>
			</div>
			<NotReached text={note.text} lane={note.lane} />
			{full && (
				<p className="fault" role="alert">
					<Icon name="notice" /> Too many notes are waiting for the connection. This one is still in the field.
				</p>
			)}
		</form>
	);
}

/** Who is called but will not see it, before it is sent. [N4] */
export function NotReached({ text, lane }: { text: string; lane: Lane }) {
	const { people, me } = useSessionNotes();
	const says = cannotSee(mentionsOf(text), lane, people, me.id);
	return (
		<p role="status" className={says ? 'not-reached' : 'unseen'}>
			{says && <Icon name="notice" />}
			{says}
		</p>
	);
}
