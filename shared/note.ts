import { type Static, Type } from 'typebox';
import { callIdPattern, uuidV7Pattern } from '#shared/ids.ts';

export const noteKinds = ['observation', 'pinhole', 'suggestion', 'praise', 'question', 'commitment'] as const;
export const NoteKind = Type.Enum([...noteKinds]);
export type NoteKind = (typeof noteKinds)[number];

/** Who sees a note: `private` its author, `leadership` executives and supervisors of the session, `team` also the agent. [N4] */
export const lanes = ['private', 'leadership', 'team'] as const;
export const Lane = Type.Enum([...lanes]);
export type Lane = (typeof lanes)[number];

export const maxNoteLength = 2000;
/** What one note may be linked to. */
export const maxLinksPerNote = 20;

const strict = { additionalProperties: false };
const NoteId = Type.String({ pattern: uuidV7Pattern });
const NoteText = Type.String({ minLength: 1, maxLength: maxNoteLength });

/** A note somewhere: in which session, and which. */
export const NotePlace = Type.Object({ callId: Type.String({ pattern: callIdPattern }), noteId: NoteId }, strict);
export type NotePlace = Static<typeof NotePlace>;

export const WriteNote = Type.Object(
	{
		type: Type.Literal('write-note'),
		/** Named by the author, so that a note sent twice is there once. [N3] */
		noteId: NoteId,
		kind: NoteKind,
		lane: Lane,
		text: NoteText,
		/** Where in the call typing began, not where it was sent: ms since the call started. */
		anchorMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
		/** The note this one answers: one that answers none itself. Its answer's lane is no wider than its own. */
		replyTo: Type.Optional(NoteId),
	},
	strict,
);
export type WriteNote = Static<typeof WriteNote>;

/** The author says it better. What was there before stays in the note's history. */
export const EditNote = Type.Object(
	{ type: Type.Literal('edit-note'), noteId: NoteId, kind: NoteKind, text: NoteText },
	strict,
);
/** The author takes the words away. That there was a note stays, and its answers. */
export const DeleteNote = Type.Object({ type: Type.Literal('delete-note'), noteId: NoteId }, strict);
/** The author lets more people see it; there is no way back, for they may have seen it. [N4] */
export const WidenNote = Type.Object({ type: Type.Literal('widen-note'), noteId: NoteId, lane: Lane }, strict);
/** "Heard you": somebody else tells the author that it was read and taken in; or takes that back. */
export const HearNote = Type.Object({ type: Type.Literal('hear-note'), noteId: NoteId, heard: Type.Boolean() }, strict);
/** The author links a note to a pinhole or a suggestion, in this session or another they may see; or unlinks it. */
export const LinkNote = Type.Object(
	{ type: Type.Literal('link-note'), noteId: NoteId, to: NotePlace, linked: Type.Boolean() },
	strict,
);
export const NoteCommand = Type.Union([WriteNote, EditNote, DeleteNote, WidenNote, HearNote, LinkNote]);
export type NoteCommand = Static<typeof NoteCommand>;

const TimeMs = Type.Number({ description: 'server time, ms since 1970' });

/** A note as those who may see it see it. */
export const NoteView = Type.Object({
	noteId: Type.String(),
	/** When it last changed, as a position of the journal. */
	seq: Type.Integer(),
	/** Where it stands in the one order all share: the position it was written at; it never changes. [N2] */
	place: Type.Integer(),
	kind: NoteKind,
	lane: Lane,
	/** Empty once it was deleted. */
	text: Type.String(),
	/** Words marked with # in the text, in lower case, without it. */
	tags: Type.Array(Type.String()),
	/** Who is called with @ in the text, in lower case, without it. */
	mentions: Type.Array(Type.String()),
	anchorMs: Type.Integer(),
	authorId: Type.String(),
	authorName: Type.String(),
	authorRole: Type.Enum(['agent', 'executive', 'supervisor']),
	writtenAtMs: TimeMs,
	/** How often it was edited, and when last. */
	edits: Type.Integer(),
	editedAtMs: Type.Optional(TimeMs),
	deletedAtMs: Type.Optional(TimeMs),
	replyTo: Type.Optional(Type.String()),
	/** Who said "heard you". */
	heardBy: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
	links: Type.Array(Type.Object({ callId: Type.String(), noteId: Type.String() })),
});
export type NoteView = Static<typeof NoteView>;

/** What a note said at one time. */
export const NoteRevision = Type.Object({ atMs: TimeMs, kind: NoteKind, text: Type.String() });
export type NoteRevision = Static<typeof NoteRevision>;
