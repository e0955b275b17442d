import { useAsking } from '#client/session/asking.ts';
import { kindWord } from '#client/session/note-words.ts';
import { Fault } from '#client/session/presence.tsx';
import { useSessionNotes } from '#client/session/session-notes.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { NotePlace, NoteView } from '#shared/note.ts';

/** The pinholes and suggestions a note is linked to, each a way there; its author can take a link away. */
export function NoteLinks({ note, mine, tabIndex }: { note: NoteView; mine: boolean; tabIndex: number }) {
	const here = useSessionNotes();
	const asking = useAsking();
	// A note of this session that is not here is not mine to see, or has been deleted: the link leads nowhere.
	const links = note.links.filter((to) => to.callId !== here.callId || here.note(to.noteId)?.deletedAtMs === undefined);
	const shown = links.filter((to) => to.callId !== here.callId || here.note(to.noteId) !== undefined);
	if (shown.length === 0) return null;
	const unlink = (to: NotePlace) => asking.run(() => here.link(note.noteId, to, false));
	return (
		<ul className="note-links" aria-label="Linked to">
			{shown.map((to) => (
				<li key={`${to.callId} ${to.noteId}`} className="note-link">
					<Way to={to} tabIndex={tabIndex} />
					{mine && (
						<button
							type="button"
							className="text-button note-unlink"
							tabIndex={tabIndex}
							aria-label="Remove this link"
							onClick={() => unlink(to)}
						>
							<Icon name="cross" />
						</button>
					)}
				</li>
			))}
			{asking.fault && <Fault>{asking.fault}</Fault>}
		</ul>
	);
}

function Way({ to, tabIndex }: { to: NotePlace; tabIndex: number }) {
	const here = useSessionNotes();
	const target = to.callId === here.callId ? here.note(to.noteId) : undefined;
	if (!target)
		// In a tab of its own: leaving this page would end the listening.
		return (
			<a
				className="note-way"
				href={`/record/${encodeURIComponent(to.callId)}#${to.noteId}`}
				target="_blank"
				rel="noreferrer"
				tabIndex={tabIndex}
			>
				<Icon name="chain" /> In another call<span className="unseen"> (opens in a new tab)</span>
			</a>
		);
	return (
		<button type="button" className="note-way" tabIndex={tabIndex} onClick={() => here.goTo(to.noteId)}>
			<Icon name={target.kind} />
			<span className="unseen">{kindWord(target.kind)}: </span>
			<span className="note-way-text">{target.text}</span>
		</button>
	);
}
