import { useEffect, useMemo, useRef } from 'react';
import type { NoteQueue } from '#client/live/notes.ts';
import { useLive } from '#client/session/live-page.tsx';
import type { SessionNotes } from '#client/session/session-notes.tsx';
import type { CallView } from '#shared/call.ts';
import type { NoteCommand, NoteView } from '#shared/note.ts';

type Acts = Omit<SessionNotes, 'me' | 'people' | 'names' | 'open' | 'filter' | 'goTo' | 'takeBack'>;

/** What can be done with the notes of a session; the same object as long as it is the same session. */
export function useNoteActs(call: CallView, queue: NoteQueue, notes: readonly NoteView[]): Acts {
	const { connection } = useLive();
	const { callId } = call;
	const latest = useRef({ call, notes });
	latest.current = { call, notes };
	const stopWriting = useRef(() => {});
	useEffect(() => () => stopWriting.current(), []);
	return useMemo(() => {
		const ask = (command: NoteCommand) => connection.ask(callId, command);
		return {
			callId,
			notes: () => latest.current.notes,
			note: (noteId) => latest.current.notes.find((note) => note.noteId === noteId),
			callMs() {
				const { startedAtMs, endedAtMs } = latest.current.call;
				return Math.max(0, (endedAtMs ?? connection.serverNow()) - startedAtMs);
			},
			writing(lane, on) {
				connection.writing(callId, lane, on);
				stopWriting.current = on ? () => connection.writing(callId, lane, false) : () => {};
			},
			write: queue.write,
			retry: queue.retry,
			discard: queue.discard,
			edit: (noteId, kind, text) => ask({ type: 'edit-note', noteId, kind, text }),
			remove: (noteId) => ask({ type: 'delete-note', noteId }),
			widen: (noteId, lane) => ask({ type: 'widen-note', noteId, lane }),
			hear: (noteId, heard) => ask({ type: 'hear-note', noteId, heard }),
			link: (noteId, to, linked) => ask({ type: 'link-note', noteId, to, linked }),
		};
	}, [connection, callId, queue]);
}
