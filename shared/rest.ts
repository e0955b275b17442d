import { type Static, Type } from 'typebox';
import { CallId, CallView, ListeningView } from '#shared/call.ts';
import { secretPattern } from '#shared/ids.ts';
import { Lane, NoteKind, NoteRevision, NoteView } from '#shared/note.ts';
import { Person, Role } from '#shared/people.ts';
import { SegmentView } from '#shared/survey.ts';

const strict = { additionalProperties: false };

/** POST /api/sign-in: a sign-in link's secret for a cookie. */
export const SignIn = Type.Object({ secret: Type.String({ pattern: secretPattern }) }, strict);
export const SignedIn = Type.Object({ person: Person, demo: Type.Boolean() });
export type SignedIn = Static<typeof SignedIn>;

/** GET /api/sign-in/ways: whether there is an identity provider, at /sign-in/provider. Passwords there always are. */
export const SignInWays = Type.Object({ provider: Type.Boolean() });
export type SignInWays = Static<typeof SignInWays>;

/** POST /api/sign-out?as=…: where the browser goes to sign out at the identity provider too; 204 where there is nothing to do. */
export const SignedOut = Type.Object({ onwards: Type.String() });
export type SignedOut = Static<typeof SignedOut>;

/** POST /api/sign-in/password: a name (a person's id) and password for a cookie; `code` where `access.code-needed` was said. */
export const PasswordSignIn = Type.Object(
	{
		name: Type.String({ minLength: 1, maxLength: 80 }),
		password: Type.String({ minLength: 1, maxLength: 1000 }),
		code: Type.Optional(Type.String({ maxLength: 20 })),
	},
	strict,
);
export type PasswordSignIn = Static<typeof PasswordSignIn>;

/** POST /api/welcome: what the page of a link shows by which somebody chooses a password. The body is `SignIn`. */
export const Welcome = Type.Object({
	person: Person,
	/** Whether an authenticator's code is to be had by whoever wants one, or by everybody. */
	secondStep: Type.Enum(['offered', 'required']),
	/** For an authenticator: new each time, kept once it comes back with a code of it. Base32. */
	codeSecret: Type.String(),
	/** The same as an `otpauth:` address, and that as the QR code's dark modules, an SVG path. */
	address: Type.String(),
	picture: Type.Object({ modules: Type.Integer(), path: Type.String() }),
	demo: Type.Boolean(),
});
export type Welcome = Static<typeof Welcome>;

/** POST /api/welcome/password: uses the link up, and signs in. */
export const ChoosePassword = Type.Object(
	{
		secret: Type.String({ pattern: secretPattern }),
		password: Type.String({ minLength: 1, maxLength: 1000 }),
		authenticator: Type.Optional(
			Type.Object({ secret: Type.String({ pattern: '^[A-Z2-7]{32}$' }), code: Type.String({ maxLength: 20 }) }, strict),
		),
	},
	strict,
);
export type ChoosePassword = Static<typeof ChoosePassword>;

/** POST /api/invitations/open: an invitation's secret for a seat. */
export const InvitationOpened = Type.Object({
	person: Person,
	listeningId: Type.String(),
	callId: Type.String(),
	demo: Type.Boolean(),
});
export type InvitationOpened = Static<typeof InvitationOpened>;

/** GET /api/people?role=executive: who can be invited. */
export const PeopleQuery = Type.Object({ role: Role }, strict);
export const People = Type.Object({ people: Type.Array(Person) });
export type People = Static<typeof People>;

/** POST /api/lines: opens a browser line for the signed-in agent; the paths are shown once. */
export const LineOpened = Type.Object({ callId: Type.String(), agentPath: Type.String(), customerPath: Type.String() });
export type LineOpened = Static<typeof LineOpened>;
/** POST /api/lines body: how the call is labelled on screen. */
export const OpenLine = Type.Object({ label: Type.String({ minLength: 1, maxLength: 60 }) }, strict);
/** GET /api/lines/:secret: what the page of a line's end says before the microphone is asked for. */
export const LineEnd = Type.Object({
	end: Type.Enum(['customer', 'agent']),
	label: Type.String(),
	agentName: Type.String(),
	taken: Type.Boolean(),
});
export type LineEnd = Static<typeof LineEnd>;

const As = Type.Optional(Role);
/** GET /api/notes: a search over every note this person may see, newest first. At least one of `q`, `tag`, `kind` is given. */
export const NoteSearch = Type.Object(
	{
		as: As,
		/** Words, each as the beginning of one in the note; accents and capitals do not matter. */
		q: Type.Optional(Type.String({ maxLength: 200 })),
		tag: Type.Optional(Type.String({ maxLength: 40 })),
		kind: Type.Optional(NoteKind),
		callId: Type.Optional(CallId),
		/** Goes on after the last one that was found: its `place`, in decimal. */
		before: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
	},
	strict,
);
export type NoteSearch = Static<typeof NoteSearch>;
/** A note that was found, with what its call is called. Answers are found by themselves. */
export const FoundNote = Type.Object({
	callId: Type.String(),
	callLabel: Type.String(),
	callStartedAtMs: Type.Number(),
	noteId: Type.String(),
	place: Type.Integer(),
	kind: NoteKind,
	lane: Lane,
	text: Type.String(),
	tags: Type.Array(Type.String()),
	anchorMs: Type.Integer(),
	authorId: Type.String(),
	authorName: Type.String(),
	writtenAtMs: Type.Number(),
});
export type FoundNote = Static<typeof FoundNote>;
export const FoundNotes = Type.Object({ notes: Type.Array(FoundNote), more: Type.Boolean() });
export type FoundNotes = Static<typeof FoundNotes>;

/** GET /api/calls/:callId/notes/:noteId/history: what the note said, first to last; of a deleted one to its author only. */
export const NoteHistory = Type.Object({ revisions: Type.Array(NoteRevision) });
export type NoteHistory = Static<typeof NoteHistory>;

/** What went on for a while in a call, by the call's clock. `untilMs` is missing while it goes on. */
export const TimelineSpan = Type.Object({
	what: Type.Enum(['held', 'lost', 'protected', 'listening', 'survey']),
	fromMs: Type.Integer(),
	untilMs: Type.Optional(Type.Integer()),
	/** Who listened, or had the line. */
	personName: Type.Optional(Type.String()),
});
export type TimelineSpan = Static<typeof TimelineSpan>;
/**
 * GET /api/calls/:callId/record: a whole session as this person may see it, also one of long ago. The same as Markdown, CSV
 * or JSON Lines under `record.md`, `record.csv`, `record.jsonl`.
 */
export const SessionRecord = Type.Object({
	call: CallView,
	listenings: Type.Array(ListeningView),
	notes: Type.Array(NoteView),
	timeline: Type.Array(TimelineSpan),
	/** In the order they were offered. */
	segments: Type.Array(SegmentView),
	exportedAtMs: Type.Number(),
});
export type SessionRecord = Static<typeof SessionRecord>;

/** Of a call, as another program asks for it, and as it stands then. */
export const Protection = Type.Object({ protected: Type.Boolean() }, { additionalProperties: false });
