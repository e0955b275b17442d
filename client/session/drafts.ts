import { tabClock } from '#client/live/clock.ts';
import { drafts } from '#client/live/drafts.ts';
import type { TypedNote } from '#client/live/note-store.ts';
import { idbNoteStore } from '#client/live/note-store-idb.ts';

export type { TypedNote } from '#client/live/note-store.ts';

/** Where this tab keeps what was written in it: one for all its pages. Browsers that came over plain HTTP have no locks. */
export const tabNoteStore = idbNoteStore({ locks: navigator.locks });

const tabDrafts = drafts(tabNoteStore, tabClock);
addEventListener('pagehide', tabDrafts.flush);
document.addEventListener('visibilitychange', tabDrafts.flush);

/** Reads what this person was typing before the page was loaded again; `keptDraft` knows it from then on. */
export const loadDrafts = tabDrafts.load;

/** What was being typed when the page was left or reloaded. */
export const keptDraft = (callId: string, personId: string, replyTo?: string): TypedNote | undefined =>
	tabDrafts.get({ callId, personId, replyTo });

/** Kept on this device within 300 ms of typing. */
export const keepDraft = (callId: string, personId: string, note: TypedNote, replyTo?: string) =>
	tabDrafts.keep({ callId, personId, replyTo }, note);
