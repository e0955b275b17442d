import type { ViewState } from '#client/live/views.ts';
import type { CallView, ListeningView } from '#shared/call.ts';
import type { NoteView } from '#shared/note.ts';

/** One thing that happened in a session. `atMs` is the call's clock; of a note, where in the call it belongs. */
export type News = { callId: string; label: string; atMs: number } & (
	| { type: 'call'; at: CallView['at'] | 'protected' | 'erased' }
	| { type: 'listener'; at: ListeningView['at']; personName: string; role: ListeningView['personRole'] }
	| ({ type: 'note' | 'edited' | 'deleted' | 'widened' } & Pick<NoteView, NoteFields>)
	| ({ type: 'heard'; by: string[] } & Pick<NoteView, NoteFields>)
);
type NoteFields = 'noteId' | 'kind' | 'lane' | 'authorName' | 'text' | 'replyTo';

/** Tells what is new in each state of one session's view: everything in the first, and each thing once. [N5] */
export function sessionNews(): (state: ViewState) => News[] {
	let callAt: string | undefined;
	const listenings = new Map<string, ListeningView>();
	const notes = new Map<string, NoteView>();
	return (state) => {
		const [call] = state.calls;
		if (!call) return [];
		const found: { seq: number; news: News }[] = [];
		const { callId, label, startedAtMs } = call;
		const onCallClock = (ms: number) => ({ callId, label, atMs: Math.max(0, Math.round(ms - startedAtMs)) });
		const at = call.erased ? 'erased' : call.protected && call.at !== 'ended' ? 'protected' : call.at;
		if (at !== callAt) {
			// A first state is where the story starts, whatever else has changed since.
			const seq = callAt === undefined ? 0 : call.seq;
			found.push({ seq, news: { type: 'call', ...onCallClock(call.sinceMs), at } });
			callAt = at;
		}
		for (const one of state.listenings) {
			if (listenings.get(one.listeningId)?.at !== one.at) {
				const { at: now, personName, personRole: role, seq } = one;
				found.push({ seq, news: { type: 'listener', ...onCallClock(one.sinceMs), at: now, personName, role } });
			}
			listenings.set(one.listeningId, one);
		}
		for (const one of state.notes) {
			const before = notes.get(one.noteId);
			notes.set(one.noteId, one);
			if (before && before.seq >= one.seq) continue;
			for (const what of changes(before, one))
				found.push({ seq: one.seq, news: { callId, label, atMs: one.anchorMs, ...what } });
		}
		return found.toSorted((a, b) => a.seq - b.seq).map(({ news }) => news);
	};
}

/** What became of a note, in the order in which it is told. */
function changes(before: NoteView | undefined, note: NoteView) {
	const { noteId, kind, lane, authorName, text, replyTo } = note;
	const fields = { noteId, kind, lane, authorName, text, ...(replyTo === undefined ? {} : { replyTo }) };
	if (note.deletedAtMs !== undefined) return before?.deletedAtMs ? [] : [{ type: 'deleted', ...fields } as const];
	const said = new Set(before?.heardBy.map(({ id }) => id));
	const by = note.heardBy.filter(({ id }) => !said.has(id)).map(({ name }) => name);
	return [
		...(before ? [] : [{ type: 'note', ...fields } as const]),
		...(before && before.lane !== lane ? [{ type: 'widened', ...fields } as const] : []),
		...(before && before.edits !== note.edits ? [{ type: 'edited', ...fields } as const] : []),
		...(by.length > 0 ? [{ type: 'heard', by, ...fields } as const] : []),
	];
}
