import { nameOfCalled } from '#client/session/note-people.ts';
import { useSessionNotes } from '#client/session/session-notes.tsx';
import { partsOf } from '#shared/note-text.ts';

/** The words of a note: its tags can be pressed, and who is called stands there by name. */
export function NoteText({ text, tabIndex }: { text: string; tabIndex: number }) {
	const { names, filter, me } = useSessionNotes();
	return (
		<p className="note-text">
			{partsOf(text).map(({ text: part, mark }, index) => {
				// The parts of one text have no other name, and never move.
				const key = index;
				if (mark?.sign === '#')
					return (
						<button
							key={key}
							type="button"
							className="text-mark tag"
							tabIndex={tabIndex}
							title={`Show only notes with #${mark.word}`}
							onClick={() => filter(mark.word)}
						>
							{part}
						</button>
					);
				const called = mark && nameOfCalled(mark.word, names);
				if (called === undefined) return part;
				return (
					<span key={key} className={mark?.word === me.id ? 'text-mark called mine' : 'text-mark called'}>
						@{called}
					</span>
				);
			})}
		</p>
	);
}
