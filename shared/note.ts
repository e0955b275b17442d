import { type Static, Type } from 'typebox';
import { uuidV7Pattern } from '#shared/ids.ts';

export const noteKinds = ['observation', 'pinhole', 'suggestion', 'praise', 'question', 'commitment'] as const;
export const NoteKind = Type.Enum([...noteKinds]);
export type NoteKind = (typeof noteKinds)[number];

/** Who sees a note: `private` its author, `leadership` executives and supervisors of the session, `team` also the agent. [N4] */
export const lanes = ['private', 'leadership', 'team'] as const;
export const Lane = Type.Enum([...lanes]);
export type Lane = (typeof lanes)[number];

export const maxNoteLength = 2000;
const noteFields = {
	/** Named by the author, so that a note sent twice is there once. [N3] */
	noteId: Type.String({ pattern: uuidV7Pattern }),
	kind: NoteKind,
	lane: Lane,
	text: Type.String({ minLength: 1, maxLength: maxNoteLength }),
	/** Where in the call typing began: ms since the call started. */
	anchorMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
};

export const WriteNote = Type.Object(
	{ type: Type.Literal('write-note'), ...noteFields },
	{ additionalProperties: false },
);
export type WriteNote = Static<typeof WriteNote>;

/** A note as those who may see it see it. `seq` is its place in the one order all share. [N2] */
export interface NoteView {
	noteId: string;
	seq: number;
	kind: NoteKind;
	lane: Lane;
	text: string;
	anchorMs: number;
	authorId: string;
	authorName: string;
	authorRole: 'agent' | 'executive' | 'supervisor';
	/** Server time, ms since 1970. */
	writtenAtMs: number;
}
