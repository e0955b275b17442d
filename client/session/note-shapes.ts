import type { Connection } from '#client/live/connection.ts';
import type { NoteDraft, PendingNote } from '#client/live/notes.ts';
import type { Store } from '#client/live/store.ts';
import type { Lane } from '#shared/note.ts';

// Joined at merge: what the live client gets beside this.
export type WaitingNote = PendingNote & { kept?: boolean; replyTo?: string | undefined };
export type AnswerDraft = NoteDraft & { replyTo?: string };
export interface Writer {
	personId: string;
	personName: string;
}
export interface Unsafe {
	count: number;
	kept: boolean;
}
export type WritingConnection = Connection & {
	writing?: (callId: string, lane: Lane, on: boolean) => void;
	unsafe?: Store<Unsafe>;
};
