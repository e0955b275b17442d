import type { TSchema } from 'typebox';
import {
	codecs,
	frameBytes,
	frameMs,
	headerBytes,
	legs,
	maxFramesPerMessage,
	partBits,
	parts,
	rateOf,
	soundVersion,
} from '#shared/audio.ts';
import { FromLineEnd, HangUp, Hold, LineTold, Resume, ToLineEnd, Withdraw } from '#shared/line.ts';
import {
	Asking,
	Behind,
	ChooseSound,
	Done,
	FromListener,
	Hello,
	ListeningBegins,
	Look,
	Ping,
	Pong,
	RefusedMessage,
	TalkMessage,
	ToClient,
	ToListener,
	ToServer,
	Unwatch,
	ViewMessage,
	WatchBoard,
	WatchMine,
	WatchSession,
	Welcome,
	Writing,
	WritingMessage,
} from '#shared/live.ts';
import { SurveyTold } from '#shared/survey.ts';
import { FromSpeaker, ToSpeaker } from '#shared/survey-socket.ts';

/** A message as it is told of: what it is for, by which rules of shared/PROTOCOL.md, and its form. */
export interface Told {
	summary: string;
	rules: readonly string[];
	/** Left out for sound, which is not JSON. */
	schema?: TSchema;
	/** The field whose value ties an answer to what it answers. */
	tiedBy?: 'id' | 'watch' | 'at';
}

/** Every message there is, once; whoever describes one takes its words from here. */
export const messages = {
	hello: { summary: 'The greeting: the first message, with the version spoken.', rules: ['W1'], schema: Hello },
	welcome: {
		summary: "The greeting's answer: who you are here, the journal that positions belong to, the time, the heartbeat.",
		rules: ['W1'],
		schema: Welcome,
	},
	watchBoard: {
		summary: 'Show every active session in scope, for supervisors.',
		rules: ['W2', 'W3'],
		schema: WatchBoard,
		tiedBy: 'watch',
	},
	watchMine: {
		summary: "Show what is mine now: an agent's calls, an executive's invitations and listenings.",
		rules: ['W2', 'W3'],
		schema: WatchMine,
		tiedBy: 'watch',
	},
	watchSession: {
		summary: 'Show one session with its listeners and the notes you may see.',
		rules: ['W2', 'W3'],
		schema: WatchSession,
		tiedBy: 'watch',
	},
	unwatch: { summary: 'Show it no longer.', rules: ['W2'], schema: Unwatch, tiedBy: 'watch' },
	view: {
		summary: 'Rows that are new or have changed, whole: replace by id.',
		rules: ['W2', 'W3', 'W4'],
		schema: ViewMessage,
		tiedBy: 'watch',
	},
	ask: { summary: 'A command to a session.', rules: ['W5', 'W6'], schema: Asking, tiedBy: 'id' },
	done: { summary: 'The command is on record.', rules: ['W5'], schema: Done, tiedBy: 'id' },
	refused: { summary: 'A named no to a command or a watch.', rules: ['W5', 'W8'], schema: RefusedMessage },
	writing: { summary: 'I begin or stop writing a note.', rules: ['W11'], schema: Writing },
	othersWriting: {
		summary: 'Somebody else begins or stops writing a note.',
		rules: ['W11'],
		schema: WritingMessage,
		tiedBy: 'watch',
	},
	look: { summary: 'These calls are on my screen: tell me who talks there.', rules: ['W14'], schema: Look },
	talk: { summary: 'Who talks now, of the calls on your screen.', rules: ['W14'], schema: TalkMessage },
	ping: { summary: 'I am here; what o’clock is it there?', rules: ['W7', 'A6'], schema: Ping, tiedBy: 'at' },
	pong: { summary: 'I am here too; it is this late.', rules: ['W7', 'A4'], schema: Pong, tiedBy: 'at' },
	listening: { summary: 'Hearing begins: it is on record.', rules: ['A7', 'C1'], schema: ListeningBegins },
	chooseSound: {
		summary: 'In which form I want the sound: each leg, one mixed leg, or without silence.',
		rules: ['A10'],
		schema: ChooseSound,
	},
	behind: { summary: 'What your connection was too slow for, so far.', rules: ['A5'], schema: Behind },
	sound: {
		summary: `The legs' sound of ${frameMs} to ${maxFramesPerMessage * frameMs} ms.`,
		rules: ['A1', 'A2', 'A3'],
	},
	line: { summary: 'Where the line stands.', rules: ['A9'], schema: LineTold },
	hold: { summary: "The agent's end: no sound either way until `resume`.", rules: ['A9'], schema: Hold },
	resume: { summary: "The agent's end: sound again.", rules: ['A9'], schema: Resume },
	hangUp: { summary: 'Ends the call for both.', rules: ['A9'], schema: HangUp },
	survey: {
		summary: 'Where the segment stands, how sound must be coded, and what was dropped.',
		rules: ['T2', 'T3'],
		schema: SurveyTold,
	},
	withdraw: { summary: "The customer's end: back to the agent, at once.", rules: ['A9'], schema: Withdraw },
} as const satisfies Record<string, Told>;
export type MessageName = keyof typeof messages;

/** What is said on a channel and by whom; `answers` are its answers where each has one. */
export interface Saying {
	summary: string;
	by: 'client' | 'server';
	says: readonly MessageName[];
	answers?: readonly MessageName[];
}

/** Every channel with all that is said there, by the name of the operation. */
export const sayings = {
	live: {
		greet: { summary: 'Opens the connection.', by: 'client', says: ['hello'], answers: ['welcome'] },
		watch: {
			summary: 'Watches a view: it is sent, then each change of it, without gap or repeat.',
			by: 'client',
			says: ['watchBoard', 'watchMine', 'watchSession'],
			answers: ['view', 'refused'],
		},
		showChange: { summary: 'Tells what changed in a view that is watched.', by: 'server', says: ['view'] },
		unwatch: { summary: 'Ends a watch.', by: 'client', says: ['unwatch'] },
		ask: { summary: 'Asks for a change.', by: 'client', says: ['ask'], answers: ['done', 'refused'] },
		write: { summary: 'Tells others that one writes.', by: 'client', says: ['writing'] },
		showWriting: { summary: 'Tells that another writes.', by: 'server', says: ['othersWriting'] },
		look: { summary: 'Says which calls are on screen.', by: 'client', says: ['look'] },
		showTalk: { summary: 'Tells who talks on calls that are on screen.', by: 'server', says: ['talk'] },
		beat: { summary: 'The heartbeat, both ways.', by: 'client', says: ['ping'], answers: ['pong'] },
	},
	sound: {
		beginHearing: { summary: 'Tells that hearing begins.', by: 'server', says: ['listening'] },
		hear: { summary: 'Carries the sound of the call.', by: 'server', says: ['sound'] },
		choose: { summary: 'Chooses how much data the sound may be.', by: 'client', says: ['chooseSound'] },
		fallBehind: { summary: 'Tells a slow listener what was lost.', by: 'server', says: ['behind'] },
		beatWhileHearing: { summary: 'The heartbeat, both ways.', by: 'client', says: ['ping'], answers: ['pong'] },
	},
	line: {
		tellLine: { summary: 'Tells an end where the line stands.', by: 'server', says: ['line'] },
		speak: { summary: "Carries this end's sound in.", by: 'client', says: ['sound'] },
		hearOtherEnd: { summary: "Carries the other end's sound out.", by: 'server', says: ['sound'] },
		steerLine: {
			summary: 'Holds, resumes or ends the call, or takes consent back.',
			by: 'client',
			says: ['hold', 'resume', 'hangUp', 'withdraw'],
		},
		beatOnLine: { summary: 'The heartbeat, both ways.', by: 'client', says: ['ping'], answers: ['pong'] },
	},
	survey: {
		tellSegment: { summary: 'Tells where the segment stands.', by: 'server', says: ['survey'] },
		speakToCustomer: { summary: "Carries the executive's voice in, while it is live.", by: 'client', says: ['sound'] },
		beatOnSurvey: { summary: 'The heartbeat, both ways.', by: 'client', says: ['ping'], answers: ['pong'] },
	},
} as const satisfies Record<string, Record<string, Saying>>;
export type ChannelName = keyof typeof sayings;

/** The schemas by which the doors themselves check: what is said on each channel must be just this, and sound. */
export const checkedBy = {
	live: { client: ToServer, server: ToClient },
	sound: { client: FromListener, server: ToListener },
	line: { client: FromLineEnd, server: ToLineEnd },
	survey: { client: FromSpeaker, server: ToSpeaker },
} as const satisfies Record<ChannelName, Record<Saying['by'], TSchema>>;

const maxFrameBytes = Math.max(...codecs.map(frameBytes));
/** A sound message in words: shared/audio.ts. */
export const soundForm = {
	minLength: headerBytes,
	maxLength: headerBytes + legs.length * maxFramesPerMessage * maxFrameBytes,
	description: [
		`Binary, numbers big-endian, a header of ${headerBytes} bytes.`,
		`Byte 0: version, ${soundVersion}.`,
		`Byte 1: the parts present, a bit each: ${parts.map((part) => `${partBits[part]} ${part}`).join(', ')}.`,
		`Byte 2: codec: ${codecs.map((codec, place) => `${place} ${codec.toUpperCase()} at ${rateOf[codec]} samples a second`).join(', ')} (G.711; PCMU16 is its µ-law at twice the rate).`,
		`Byte 3: frames of each part, 1 to ${maxFramesPerMessage}, ${frameMs} ms each.`,
		'Bytes 4–7: sequence, by one more with each message of a call, modulo 2^32.',
		"Bytes 8–11: media time of the first sample, ms since the call's first sound, modulo 2^32.",
		"Bytes 12–15: the server's clock when the message was complete, ms modulo 2^32.",
		`Bytes 16–18: ${legs.join(', ')}: bit 7 they talk, bits 0–6 how loud in −dBov, 127 is silence (RFC 6464).`,
		'Byte 19: bit 0 customer and company talk at once, bit 1 a leg that is missing was silent.',
		'Then the parts in the order of their bits, frames × the samples of 20 ms bytes each.',
	].join(' '),
} as const;
