import type { WebSocket } from 'ws';
import { hangUp } from '#server/hang-up.ts';
import { closeReasonOf } from '#server/telephony/close-reason.ts';
import { silenceWatch } from '#server/telephony/silence-watch.ts';
import { type IncomingCall, type Intake, type LiveCall, shortened } from '#server/telephony/telephony.ts';
import {
	Malformed,
	maxMessageBytes,
	type Parameters,
	readMessage,
	type Start,
	type Track,
} from '#server/telephony/twilio/protocol.ts';
import { sampleRate } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { CloseReason } from '#shared/close-codes.ts';

/** How long a stream may be open without its `start`. (protocols.md 1.4) */
export const startWithinMs = 5000;
/** Twilio sends silence too: a started stream that says nothing for so long is a dead connection. */
export const silentAfterMs = 30_000;

export interface StreamNeeds {
	intake: Intake;
	clock: Clock;
	/** Who gets the calls whose start names no agent. */
	defaultAgentId?: string | undefined;
	startWithinMs?: number | undefined;
	silentAfterMs?: number | undefined;
	/** What the log should say of the stream's end. `why` is our own text. */
	over?: (outcome: { callId: string | undefined; reason: CloseReason | 'stopped' | 'dropped'; why: string }) => void;
	/** An error of ours, not of the peer. */
	failed?: (error: unknown) => void;
}

/** Where a stream stands. (protocols.md 1.4) A state carries only what is true in it. */
type Stream =
	| { at: 'upgraded' | 'connected' }
	| { at: 'started'; call: LiveCall; streamSid: string; legOf: Partial<Record<Track, 'customer' | 'agent'>> }
	| { at: 'over' };

/**
 * One Twilio media stream's life on its socket. We never send a message on it: it ends when Twilio stops or drops it, or
 * by a named close. Gives back what lets go of the call because the server goes away.
 */
export function twilioStream(socket: WebSocket, needs: StreamNeeds): () => void {
	const { intake, clock } = needs;
	let stream: Stream = { at: 'upgraded' };
	const stopWaiting = clock.after(needs.startWithinMs ?? startWithinMs, () => leave('noStart'));
	const watch = silenceWatch(
		clock,
		() => needs.silentAfterMs ?? silentAfterMs,
		() => leave('silent'),
	);

	/** Nothing is read or told after this. */
	function finish(reason: CloseReason | 'stopped' | 'dropped', why: string): LiveCall | undefined {
		const call = stream.at === 'started' ? stream.call : undefined;
		stream = { at: 'over' };
		stopWaiting();
		watch.stop();
		needs.over?.({ callId: call?.callId, reason, why });
		return call;
	}

	/** Hangs up on the platform; the telephone call itself may go on, so its sound is lost, not over. */
	function leave(reason: CloseReason, why = '') {
		if (stream.at === 'over') return;
		const call = finish(reason, why);
		hangUp(socket, reason, why);
		call?.lost();
	}

	function start(message: Start) {
		const { callSid, tracks, customParameters: parameters = {} } = message.start;
		const agentId = parameters.agent || needs.defaultAgentId;
		if (!agentId) return leave('unknownAgent', 'set <Parameter name="agent"> or YCORD_TWILIO_AGENT');
		// What Twilio receives from the leg a stream hangs on is inbound, whoever called whom. (protocols.md 1.1)
		const [inbound, outbound] = parameters.leg === 'agent' ? agentFirst : customerFirst;
		const legOf = {
			...(tracks.includes('inbound') ? { inbound } : {}),
			...(tracks.includes('outbound') ? { outbound } : {}),
		};
		const incoming: IncomingCall = {
			gateway: 'twilio',
			platformId: callSid,
			agentId,
			label: labelOf(parameters),
			codec: 'pcmu',
			legs: Object.values(legOf),
			disclosure: parameters.disclosure ?? 'notice',
			rehearsal: false,
		};
		let refused = false;
		const call = intake.started(incoming, (refusal) => {
			refused = true;
			leave(closeReasonOf(refusal), refusal.code);
		});
		if (refused) return;
		stream = { at: 'started', call, streamSid: message.streamSid, legOf };
		stopWaiting();
	}

	function receive(text: string) {
		const message = readMessage(text);
		if (message.event === 'other' && !message.known) return;
		switch (stream.at) {
			case 'upgraded':
				if (message.event !== 'connected') throw new Malformed(`${message.event} before connected`);
				stream = { at: 'connected' };
				return;
			case 'connected':
				if (message.event !== 'start') throw new Malformed(`${message.event} before start`);
				return start(message.start);
			case 'started': {
				if (message.event === 'media') {
					const leg = stream.legOf[message.track];
					if (!leg) throw new Malformed('media of a track that start did not name');
					if (message.streamSid !== undefined && message.streamSid !== stream.streamSid)
						throw new Malformed('media of another stream');
					return stream.call.sound(leg, message.payload, (message.timestampMs * sampleRate) / 1000);
				}
				if (message.event === 'stop') {
					finish('stopped', '')?.ended('hung-up');
					socket.close(1000);
				} else if (message.event !== 'other') throw new Malformed(`a second ${message.event}`);
				return;
			}
			case 'over':
				return;
		}
	}

	socket.on('message', (data, isBinary) => {
		if (stream.at === 'over') return;
		watch.heard();
		// What a message handler throws reaches nobody's error handler: it must not get out.
		try {
			const bytes = data as Buffer;
			if (isBinary) throw new Malformed('a binary message');
			if (bytes.length > maxMessageBytes) return leave('tooLarge');
			receive(bytes.toString());
		} catch (error) {
			if (error instanceof Malformed) return leave('malformed', error.message);
			needs.failed?.(error);
			leave('failed');
		}
	});
	socket.on('close', () => {
		if (stream.at !== 'over') finish('dropped', '')?.lost();
	});
	return () => leave('draining');
}

const customerFirst = ['customer', 'agent'] as const;
const agentFirst = ['agent', 'customer'] as const;

/** What the call is called on screen. Telephone numbers in it are shortened. */
function labelOf({ label, from }: Parameters): string {
	const text = label?.replace(/\p{C}+/gu, ' ').trim();
	if (text) return text.replace(telephoneNumber, (number) => shortened(number)).slice(0, maxLabelLength);
	return from && /\d/.test(from) ? `Caller ${shortened(from)}` : 'Caller';
}

const maxLabelLength = 60;
/** Seven digits and more, however they are parted. */
const telephoneNumber = /\+?\d(?:[\s().\-/]{0,3}\d){6,}/g;
