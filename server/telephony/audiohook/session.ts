import { samplesOf } from '#server/telephony/audiohook/duration.ts';
import { chosenMedia, widthOf } from '#server/telephony/audiohook/media.ts';
import {
	type ClientMessage,
	type ClientType,
	type Disconnect,
	isProbe,
	knownMedia,
	type Media,
	type Open,
	type ServerSays,
} from '#server/telephony/audiohook/protocol.ts';
import { sampleRate } from '#shared/audio.ts';
import { type CloseReason, closeCodes } from '#shared/close-codes.ts';

/** How long `open` may take, and how long the client's `close` after our `disconnect`, and its hanging up after `closed`. */
export const openWithinMs = 5000;
export const closeWithinMs = 2000;
/** Sound that the client counts and never sent shows as a position that is this far ahead; less is its way of counting. */
const unsentSamples = sampleRate;
/** So much further than time has gone a position may be, as when a recording is sent at once. */
const aheadMs = 10_000;

/** Where a session's sound is: which form it has, and how many samples were sent or thrown away since it was opened. */
interface Sounding {
	/** Undefined where nothing of what was offered is for us: then no sound comes. */
	media: Media | undefined;
	isProbe: boolean;
	/** The client went on with an earlier session, so it knows how to open another in place of this one. */
	comesBack: boolean;
	place: number;
	openedAtMs: number;
}

/** Where a session stands. (protocols.md 2.6) A state carries only what is true in it. */
export type Life =
	| { at: 'preparing' }
	/** It is being found out whether there is such a call; `close` waits for that. */
	| { at: 'opening'; open: Open; isClosing: boolean }
	| ({ at: 'active' } & Sounding)
	| ({ at: 'paused' } & Sounding)
	/** We said `disconnect`, or `reconnect`: everything but `close` is ignored. */
	| { at: 'signaled'; reason: CloseReason | undefined }
	/** We said `closed`: the client hangs up. */
	| { at: 'closed'; reason: CloseReason | undefined }
	| { at: 'disconnected' };
export type At = Life['at'];

/** One session: where it stands, and the highest `seq` heard and said. */
export interface HookSession {
	heard: number;
	said: number;
	life: Life;
}
export const newSession: HookSession = { heard: 0, said: 0, life: { at: 'preparing' } };

/** What is known of a session before its first message, by its headers; and the time. */
export interface Known {
	sessionId: string;
	organizationId: string;
	/** Which entries of the offer are for us; all, unless given. */
	takes?: (media: Media) => boolean;
	nowMs: number;
}

/** What happens to a session. */
export type Happens =
	| { type: 'message'; message: ClientMessage }
	/** What cannot be read, or what the message before brought about: something the client must not do. */
	| { type: 'fault'; reason: CloseReason; why: string }
	| { type: 'sound'; bytes: number }
	/** There is a call for it. */
	| { type: 'admitted' }
	/** We go: because of a fault, a refusal, or because the server does. */
	| { type: 'leave'; reason: CloseReason; why: string }
	/** The work of a two-way session is done: the flow goes on with these. */
	| { type: 'finish'; outputVariables: Readonly<Record<string, string>> }
	/** What the client plays next is to be forgotten. */
	| { type: 'barge-in' }
	| { type: 'late' }
	| { type: 'gone' };

/** How a session's sound came to its end: the client said so, or it is only the sound that is over. */
export type SoundEnd = 'hung-up' | 'lost' | 'done';

/** What follows from it. */
export type Follows =
	| { do: 'send'; says: ServerSays; seq: number; clientseq: number }
	| { do: 'announce'; open: Open; media: Media }
	/** The sound that came begins here, in samples. */
	| { do: 'hear'; at: number; media: Media }
	| { do: 'pause' | 'unpause' }
	| { do: 'press'; digit: string }
	| { do: 'slow-down'; ms: number }
	| { do: 'note'; code: number }
	/** The sound is over; once, and only of a session that was announced. */
	| { do: 'end'; how: SoundEnd }
	/** What is to be waited for from now on, and nothing else; 'late' happens when it does not come in time. */
	| { do: 'wait'; ms: number | undefined }
	| { do: 'hang-up'; reason: CloseReason | undefined };

/** The state diagram: what a client may say, and when. */
const spoken = {
	preparing: ['open', 'close'],
	opening: ['ping', 'update', 'error', 'close', 'other'],
	active: ['ping', 'paused', 'resumed', 'discarded', 'update', 'error', 'close', 'dtmf', 'other'],
	paused: ['ping', 'paused', 'resumed', 'discarded', 'update', 'error', 'close', 'dtmf', 'other'],
	signaled: ['close'],
	closed: [],
	disconnected: [],
} satisfies Record<At, ClientType[]>;
export const maySay = (at: At, type: ClientType) => (spoken[at] as ClientType[]).includes(type);

/** What happens next in a session. Pure: the socket, the clock and the calls are elsewhere. */
export function decide(
	session: HookSession,
	happens: Happens,
	known: Known,
): { session: HookSession; follows: Follows[] } {
	const { life } = session;
	const follows: Follows[] = [];
	let { heard, said } = session;
	const next = (life: Life) => ({ session: { heard, said, life }, follows });
	const stay = () => next(life);
	const send = (says: ServerSays) => {
		said++;
		follows.push({ do: 'send', says, seq: said, clientseq: heard });
	};
	const wait = (ms: number | undefined) => follows.push({ do: 'wait', ms });
	/** The sound of a call is over; of a probe and of a session without sound there is none. */
	const end = (how: SoundEnd) => {
		const isCall = life.at === 'active' || life.at === 'paused' ? life.media && !life.isProbe : life.at === 'opening';
		if (isCall) follows.push({ do: 'end', how });
	};

	/** Asks the client to close. It does, and hangs up after `closed`; if not, we do. */
	function disconnect(parameters: Disconnect, reason: CloseReason | undefined, how: SoundEnd) {
		const isMoved = reason === 'draining' && 'comesBack' in life && life.comesBack;
		send(
			isMoved
				? { type: 'reconnect', parameters: { info: infoOf('draining', '') } }
				: { type: 'disconnect', parameters },
		);
		end(how);
		wait(closeWithinMs);
		return next({ at: 'signaled', reason });
	}
	const leave = (reason: CloseReason, why: string) =>
		disconnect({ reason: disconnectReasons[reason] ?? 'error', info: infoOf(reason, why) }, reason, 'lost');
	const close = (reason: CloseReason | undefined, how: SoundEnd) => {
		end(how);
		send({ type: 'closed', parameters: {} });
		wait(closeWithinMs);
		return next({ at: 'closed', reason });
	};
	const hangUp = (reason: CloseReason | undefined) => {
		wait(undefined);
		follows.push({ do: 'hang-up', reason });
		return next({ at: 'disconnected' });
	};
	const isLeaving = life.at === 'signaled' || life.at === 'closed' || life.at === 'disconnected';

	function open(open: Open) {
		if (open.organizationId.toLowerCase() !== known.organizationId.toLowerCase())
			return leave('forbidden', 'open names another organization than the headers');
		const media = chosenMedia(knownMedia(open).filter(known.takes ?? (() => true)));
		if (!media || isProbe(open)) return opened(open, media);
		follows.push({ do: 'announce', open, media });
		wait(undefined);
		return next({ at: 'opening', open, isClosing: false });
	}

	function opened(open: Open, media: Media | undefined) {
		send({ type: 'opened', parameters: { media: media ? [media] : [], startPaused: false } });
		wait(undefined);
		const comesBack = (open.continuedSessions?.length ?? 0) > 0;
		return next({ at: 'active', media, isProbe: isProbe(open), comesBack, place: 0, openedAtMs: known.nowMs });
	}

	/** Where the sound is by what the client says of it, which is never before where it was. */
	function placed({ place, openedAtMs }: Sounding, message: ClientMessage): number | undefined {
		const position = samplesOf(message.position);
		let to = position - place > unsentSamples ? position : place;
		if (message.type === 'resumed' || message.type === 'discarded')
			to = Math.max(to, samplesOf(message.parameters.start) + samplesOf(message.parameters.discarded));
		const most = ((known.nowMs - openedAtMs + aheadMs) * sampleRate) / 1000;
		return to - place > most ? undefined : to;
	}

	function receive(message: ClientMessage) {
		if (message.id.toLowerCase() !== known.sessionId.toLowerCase())
			return leave('malformed', 'the id of another session');
		if (message.seq !== heard + 1) return leave('malformed', 'seq out of order');
		heard = message.seq;
		if (message.serverseq > said) return leave('malformed', 'serverseq of a message that was not sent');
		if (!maySay(life.at, message.type)) return leave('malformed', `${message.type} while ${life.at}`);
		if (message.type === 'open') return open(message.parameters);
		if (message.type === 'close') {
			if (life.at !== 'opening') return close(undefined, message.parameters.reason === 'end' ? 'hung-up' : 'lost');
			return next({ ...life, isClosing: true });
		}
		if (message.type === 'ping') send({ type: 'pong', parameters: {} });
		if (message.type === 'error') {
			const { code, retryAfter } = message.parameters;
			follows.push({ do: 'note', code });
			if (code === tooManyRequests)
				follows.push({ do: 'slow-down', ms: retryAfter ? (samplesOf(retryAfter) * 1000) / sampleRate : 1000 });
		}
		if (life.at !== 'active' && life.at !== 'paused') return stay();
		const place = placed(life, message);
		if (place === undefined) return leave('malformed', 'a position ahead of time');
		if (message.type === 'dtmf') follows.push({ do: 'press', digit: message.parameters.digit });
		const at = message.type === 'paused' ? 'paused' : message.type === 'resumed' ? 'active' : life.at;
		if (at !== life.at && life.media && !life.isProbe) follows.push({ do: at === 'paused' ? 'pause' : 'unpause' });
		return next({ ...life, at, place });
	}

	switch (happens.type) {
		case 'message':
			if (life.at === 'signaled') {
				heard = Math.max(heard, happens.message.seq);
				return happens.message.type === 'close' ? close(life.reason, 'lost') : stay();
			}
			if (life.at === 'closed') return hangUp(life.reason ?? 'malformed');
			return life.at === 'disconnected' ? stay() : receive(happens.message);
		case 'sound': {
			if (life.at === 'signaled' || life.at === 'disconnected') return stay();
			if (life.at === 'closed') return hangUp(life.reason ?? 'malformed');
			if (life.at !== 'active' && life.at !== 'paused') return leave('malformed', `sound while ${life.at}`);
			const { media, place } = life;
			if (!media) return leave('malformed', 'sound where none was chosen');
			const width = widthOf(media);
			if (happens.bytes % width !== 0) return leave('malformed', 'sound that is not whole samples');
			if (!life.isProbe) follows.push({ do: 'hear', at: place, media });
			return next({ ...life, place: place + happens.bytes / width });
		}
		case 'admitted': {
			if (life.at !== 'opening') return stay();
			if (life.isClosing) return close(undefined, 'hung-up');
			const media = chosenMedia(knownMedia(life.open).filter(known.takes ?? (() => true)));
			return opened(life.open, media);
		}
		case 'fault':
		case 'leave':
			if (isLeaving) return stay();
			// It asked to close and waits for the answer: that is one.
			if (life.at === 'opening' && life.isClosing) return close(happens.reason, 'lost');
			return leave(happens.reason, happens.why);
		case 'finish': {
			if (isLeaving) return stay();
			if (life.at === 'opening' && life.isClosing) return close(undefined, 'done');
			return disconnect({ reason: 'completed', outputVariables: happens.outputVariables }, undefined, 'done');
		}
		case 'barge-in':
			if (life.at === 'active' || life.at === 'paused')
				send({ type: 'event', parameters: { entities: [{ type: 'barge_in', data: {} }] } });
			return stay();
		case 'late':
			if (life.at === 'preparing') return hangUp('noStart');
			return life.at === 'signaled' || life.at === 'closed' ? hangUp(life.reason) : stay();
		case 'gone':
			if (life.at === 'disconnected') return stay();
			end('lost');
			wait(undefined);
			return next({ at: 'disconnected' });
	}
}

const tooManyRequests = 429;
/** What of our hang-ups is not an error in Genesys’ words. */
const disconnectReasons: Partial<Record<CloseReason, Disconnect['reason']>> = {
	draining: 'completed',
	callEnded: 'completed',
	forbidden: 'unauthorized',
};
/** A hang-up by name, and why, in our own words. */
const infoOf = (reason: CloseReason, why: string) =>
	why ? `${closeCodes[reason].text}: ${why}` : closeCodes[reason].text;
