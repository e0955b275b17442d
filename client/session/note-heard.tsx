import { useEffect, useState } from 'react';
import { useAsking } from '#client/session/asking.ts';
import { listed } from '#client/session/note-people.ts';
import { Fault } from '#client/session/presence.tsx';
import { useSessionNotes } from '#client/session/session-notes.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { NoteView } from '#shared/note.ts';

/** Who has said "heard you", by name. */
export function HeardBy({ note }: { note: NoteView }) {
	const { me } = useSessionNotes();
	if (note.heardBy.length === 0) return null;
	const others = note.heardBy.filter(({ id }) => id !== me.id).map(({ name }) => name);
	return (
		<p className="note-heard">
			<Icon name="check" />
			<span>Heard by {listed(others.length < note.heardBy.length ? ['you', ...others] : others)}</span>
		</p>
	);
}

/** "Heard you": one press on somebody else's note, another takes it back. It shows at once, and goes back if it is refused. */
export function Heard({ note, tabIndex }: { note: NoteView; tabIndex: number }) {
	const { me, hear } = useSessionNotes();
	const asking = useAsking();
	const onRecord = note.heardBy.some(({ id }) => id === me.id);
	const [wanted, setWanted] = useState<boolean>();
	const heard = wanted ?? onRecord;
	// What is on record counts as soon as it changes.
	// biome-ignore lint/correctness/useExhaustiveDependencies: the change itself is what is waited for.
	useEffect(() => setWanted(undefined), [onRecord]);
	const press = () =>
		asking.run(async () => {
			setWanted(!heard);
			try {
				await hear(note.noteId, !heard);
			} catch (error) {
				setWanted(undefined);
				throw error;
			}
		});
	return (
		<>
			{asking.fault && <Fault>{asking.fault}</Fault>}
			<button
				type="button"
				className="button plain small note-act"
				data-hear
				aria-pressed={heard}
				aria-keyshortcuts="h"
				tabIndex={tabIndex}
				onClick={press}
			>
				<Icon name="ear" /> Heard you
			</button>
		</>
	);
}
