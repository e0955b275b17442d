import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useAsking } from '#client/session/asking.ts';
import { keepDraft, keptDraft, type TypedNote } from '#client/session/drafts.ts';
import { KindSelect, LaneChoice } from '#client/session/note-chips.tsx';
import { NotReached } from '#client/session/note-composer.tsx';
import { NoteField } from '#client/session/note-field.tsx';
import { answerLanes, laneWho } from '#client/session/note-words.ts';
import { Fault } from '#client/session/presence.tsx';
import { useSessionNotes } from '#client/session/session-notes.tsx';
import { announce } from '#client/ui/announce.tsx';
import type { NoteView } from '#shared/note.ts';

/** What is typed at a note is kept on this device like the composer's own words; `place` tells one field from another. */
function useTyped(place: string, fresh: TypedNote) {
	const { callId, me } = useSessionNotes();
	const [typed, setTyped] = useState<TypedNote>(() => keptDraft(callId, me.id, place) ?? fresh);
	const change = (next: TypedNote) => {
		setTyped(next);
		keepDraft(callId, me.id, next, place);
	};
	return { typed, change, forget: () => keepDraft(callId, me.id, { ...fresh, text: '' }, place) };
}

/** The field gets the focus as it appears, with the caret at the end. */
function useFieldAtOnce() {
	const field = useRef<HTMLTextAreaElement>(null);
	useEffect(() => {
		const place = field.current;
		place?.focus();
		place?.setSelectionRange(place.value.length, place.value.length);
	}, []);
	return field;
}

/** Answers a note, right below it. The answer goes to no more people than what it answers. [N4] */
export function Reply({ to }: { to: NoteView }) {
	const { me, callMs, write, writing, open, goTo } = useSessionNotes();
	const { lanes, first } = answerLanes(me.role, to.lane);
	const { typed, change, forget } = useTyped(to.noteId, { text: '', kind: 'observation', lane: first });
	const [full, setFull] = useState(false);
	const field = useFieldAtOnce();
	const id = useId();
	const lane = lanes.includes(typed.lane) ? typed.lane : first;
	const type = (text: string) => {
		const isEmpty = text.trim() === '';
		change({ ...typed, text, anchorMs: isEmpty ? undefined : (typed.anchorMs ?? Math.floor(callMs())) });
		writing(lane, !isEmpty);
	};
	const leave = () => {
		writing(lane, false);
		open(undefined);
		goTo(to.noteId);
	};
	const send = () => {
		const text = typed.text.trim();
		if (!text) return field.current?.focus();
		const anchorMs = typed.anchorMs ?? Math.floor(callMs());
		const kept = write({ kind: typed.kind, lane, text, anchorMs, replyTo: to.noteId });
		setFull(!kept);
		if (!kept) return;
		forget();
		leave();
	};
	return (
		<Small send={send} leave={leave} word="Send">
			<NoteField
				label={`Answer ${to.authorName}`}
				field={field}
				text={typed.text}
				change={type}
				send={send}
				leave={leave}
				prompt={to.authorId === me.id ? 'Add to your note' : `Answer ${to.authorName}`}
				describedBy={`${id}-lane`}
			/>
			<div className="row">
				<KindSelect kind={typed.kind} choose={(kind) => change({ ...typed, kind })} />
				{lanes.length > 1 && (
					<LaneChoice id={id} lanes={lanes} lane={lane} choose={(next) => change({ ...typed, lane: next })} />
				)}
			</div>
			<p id={`${id}-lane`} className="faint">
				{laneWho(lane, me.role)}
			</p>
			<NotReached text={typed.text} lane={lane} />
			{full && <Fault>Too many notes are waiting for the connection. This one is still in the field.</Fault>}
		</Small>
	);
}

/** Changes a note of mine in its place. What it said before stays in its history. */
export function Edit({ note }: { note: NoteView }) {
	const { edit, writing, open, goTo } = useSessionNotes();
	const { noteId, lane } = note;
	const { typed, change, forget } = useTyped(`edit ${noteId}`, { text: note.text, kind: note.kind, lane });
	const asking = useAsking();
	const field = useFieldAtOnce();
	const leave = () => {
		forget();
		writing(lane, false);
		open(undefined);
		goTo(noteId);
	};
	const save = () => {
		const text = typed.text.trim();
		if (!text) return field.current?.focus();
		if (text === note.text && typed.kind === note.kind) return leave();
		return asking.run(async () => {
			await edit(noteId, typed.kind, text);
			announce('Note saved');
			leave();
		});
	};
	return (
		<Small send={save} leave={leave} word={asking.busy ? 'Saving…' : 'Save'}>
			<NoteField
				label="Edit the note"
				field={field}
				text={typed.text}
				change={(text) => {
					change({ ...typed, text });
					writing(lane, text.trim() !== '');
				}}
				send={save}
				leave={leave}
			/>
			<div className="row">
				<KindSelect kind={typed.kind} choose={(kind) => change({ ...typed, kind })} />
			</div>
			<NotReached text={typed.text} lane={lane} />
			{asking.fault && <Fault>{asking.fault} Your words are still in the field.</Fault>}
		</Small>
	);
}

interface SmallNeeds {
	send: () => unknown;
	leave: () => void;
	word: string;
	children: ReactNode;
}

const Small = ({ send, leave, word, children }: SmallNeeds) => (
	<form
		className="small-composer"
		onSubmit={(event) => {
			event.preventDefault();
			send();
		}}
	>
		{children}
		<div className="row small-acts">
			<button type="submit" className="button first small">
				{word}
			</button>
			<button type="button" className="button plain small" onClick={leave}>
				Cancel
			</button>
		</div>
	</form>
);
