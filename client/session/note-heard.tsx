import { useEffect, useState } from 'react';
import { useAsking } from '#client/session/asking.ts';
import { listed } from '#client/session/note-people.ts';
import { Fault } from '#client/session/presence.tsx';
import { useSessionNotes } from '#client/session/session-notes.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { NoteView } from '#shared/note.ts';

/** "Heard you": one press on somebody else's note, and who has pressed it, by name. It shows at once, and goes back if refused. */
export function Heard({ note, mine, tabIndex }: { note: NoteView; mine: boolean; tabIndex: number }) {
	const { me, hear } = useSessionNotes();
	const asking = useAsking();
	const onRecord = note.heardBy.some(({ id }) => id === me.id);
	const [wanted, setWanted] = useState<boolean>();
	const heard = wanted ?? onRecord;
	// What is on record counts as soon as it changes.
	// biome-ignore lint/correctness/useExhaustiveDependencies: the change itself is what is waited for.
	useEffect(() => setWanted(undefined), [onRecord]);
	const others = note.heardBy.filter(({ id }) => id !== me.id).map(({ name }) => name);
	const names = heard && !mine ? ['you', ...others] : others;
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
			{names.length > 0 && (
				<span className="note-heard">
					<Icon name="check" /> Heard by {listed(names)}
				</span>
			)}
			{!mine && (
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
			)}
			{asking.fault && <Fault>{asking.fault}</Fault>}
		</>
	);
}
