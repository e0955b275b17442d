import { type Static, Type } from 'typebox';
import { CallId, type CallView, type ListeningView, SessionCommand } from '#shared/call.ts';
import { uuidPattern } from '#shared/ids.ts';
import type { NoteView } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import type { RefusalAnswer } from '#shared/refusals.ts';

/** The live socket's version. A greeting with another one is answered with close code `version`. PROTOCOL.md [W1]. */
export const liveVersion = 1;
export const heartbeatMs = 10_000;
/** Limits of the live socket, stated in PROTOCOL.md [W9]. */
export const liveLimits = { messageBytes: 16_384, messagesPerSecond: 20, burst: 60, watches: 16 } as const;

const strict = { additionalProperties: false };
const WatchId = Type.String({ minLength: 1, maxLength: 40 });
const Seq = Type.Integer({ minimum: 0 });

/** What can be watched. `after` resumes: only what changed after that sequence number is sent. */
export const Watch = Type.Union([
	/** The supervisor's board: every active session in scope. */
	Type.Object(
		{ type: Type.Literal('watch'), watch: WatchId, view: Type.Literal('board'), after: Type.Optional(Seq) },
		strict,
	),
	/** The agent's own calls, or the executive's invitations and listenings: what is mine now. */
	Type.Object(
		{ type: Type.Literal('watch'), watch: WatchId, view: Type.Literal('mine'), after: Type.Optional(Seq) },
		strict,
	),
	/** One session with its listeners and the notes this person may see. */
	Type.Object(
		{
			type: Type.Literal('watch'),
			watch: WatchId,
			view: Type.Literal('session'),
			callId: CallId,
			after: Type.Optional(Seq),
		},
		strict,
	),
]);
export type Watch = Static<typeof Watch>;

export const Hello = Type.Object({ type: Type.Literal('hello'), version: Type.Integer() }, strict);
export const Unwatch = Type.Object({ type: Type.Literal('unwatch'), watch: WatchId }, strict);
export const Asking = Type.Object(
	{
		type: Type.Literal('ask'),
		/** Names this request; its answer carries the same id. */
		id: Type.String({ pattern: uuidPattern }),
		callId: CallId,
		command: SessionCommand,
	},
	strict,
);
/** `at` comes back unchanged: the tab measures the round trip and the offset of the clocks with it. */
export const Ping = Type.Object({ type: Type.Literal('ping'), at: Type.Number() }, strict);

/** Everything a client may say on the live socket. */
export const ToServer = Type.Union([Hello, Watch, Unwatch, Asking, Ping]);
export type ToServer = Static<typeof ToServer>;

/** Rows that changed, whole: the receiver replaces by id. Sent in full once, then as they change; each row carries its `seq`. */
export interface ViewMessage {
	type: 'view';
	watch: string;
	/** Resume from here. */
	seq: number;
	/** True if this is everything: forget what was there before. */
	full: boolean;
	calls: CallView[];
	listenings: ListeningView[];
	notes: NoteView[];
}

/** Everything the server may say on the live socket. */
export type ToClient =
	| { type: 'welcome'; version: number; person: Person; demo: boolean; serverMs: number; heartbeatMs: number }
	| ViewMessage
	/** The command is on record: it was committed before this was sent. [N1] */
	| { type: 'done'; id: string; seq: number; result?: AskResult }
	| { type: 'refused'; id?: string; watch?: string; refusal: RefusalAnswer }
	| { type: 'pong'; at: number; serverMs: number };

/** What a command gives back beside "done". */
export interface AskResult {
	/** For `invite`: the path of the link to send. It is shown once; only its hash is kept. */
	invitationPath?: string;
}

/** Everything the server may say, in text, on a listening connection. PROTOCOL.md [A7]. */
export type ToListener =
	| { type: 'listening'; listeningId: string; callId: string; serverMs: number }
	/** What the connection was too slow for, so far: the oldest sound was dropped. */
	| { type: 'behind'; droppedMessages: number; droppedMs: number }
	| { type: 'pong'; at: number; serverMs: number };
/** All that a listening connection may say. A binary message is never sound: it closes the connection. [S1] */
export const FromListener = Ping;
