import type { WebSocket } from 'ws';
import { callLabel } from '#server/telephony/call-label.ts';
import { closeReasonOf } from '#server/telephony/close-reason.ts';
import type { IncomingCall, LiveCall } from '#server/telephony/telephony.ts';
import {
	type Carried,
	type MediaStreamNeeds,
	mediaStream,
	startWithinMs,
} from '#server/telephony/twilio/media-stream.ts';
import { Malformed, type Start, type Track } from '#server/telephony/twilio/protocol.ts';
import { sampleRate } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { Refusal } from '#shared/refusals.ts';

/** Twilio sends silence too: a started stream that says nothing for so long is a dead connection. */
export const silentAfterMs = 30_000;

/** Who takes the calls of streams: the intake, or what stands before it. */
export interface StreamIntake {
	started(call: IncomingCall, refused: (refusal: Refusal) => void, start: Start): LiveCall;
}

export interface StreamNeeds extends Pick<MediaStreamNeeds, 'connection' | 'over' | 'failed'> {
	intake: StreamIntake;
	clock: Clock;
	/** Who gets the calls whose start names no agent. */
	defaultAgentId?: string | undefined;
	startWithinMs?: number | undefined;
	silentAfterMs?: number | undefined;
}

/**
 * One Twilio listening stream. We never send a message on it: it ends when Twilio stops or drops it, or by a named close.
 * Gives back what lets go of the call because the server goes away.
 */
export function twilioStream(socket: WebSocket, needs: StreamNeeds): () => void {
	const { leave } = mediaStream(socket, {
		clock: needs.clock,
		connection: needs.connection,
		startWithinMs: needs.startWithinMs ?? startWithinMs,
		silentAfterMs: needs.silentAfterMs ?? silentAfterMs,
		over: needs.over,
		failed: needs.failed,
		start(message, { leave }): Carried | undefined {
			const { callSid, tracks, customParameters: parameters = {} } = message.start;
			const agentId = parameters.agent || needs.defaultAgentId;
			if (!agentId) {
				leave('unknownAgent', 'set <Parameter name="agent"> or YCORD_TWILIO_AGENT');
				return;
			}
			// What Twilio receives from the leg a stream hangs on is inbound, whoever called whom. (protocols.md 1.1)
			const [inbound, outbound] = parameters.leg === 'agent' ? agentFirst : customerFirst;
			const legOf: Partial<Record<Track, 'customer' | 'agent'>> = {
				...(tracks.includes('inbound') ? { inbound } : {}),
				...(tracks.includes('outbound') ? { outbound } : {}),
			};
			const incoming: IncomingCall = {
				gateway: 'twilio',
				platformId: callSid,
				agentId,
				label: callLabel(parameters),
				codec: 'pcmu',
				legs: Object.values(legOf),
				disclosure: parameters.disclosure ?? 'notice',
				rehearsal: false,
			};
			let refused = false;
			const call = needs.intake.started(
				incoming,
				(refusal) => {
					refused = true;
					leave(closeReasonOf(refusal), refusal.code);
				},
				message,
			);
			if (refused) return;
			return {
				callId: call.callId,
				media({ track, timestampMs, payload }) {
					const leg = legOf[track];
					if (!leg) throw new Malformed('media of a track that start did not name');
					call.sound(leg, payload, (timestampMs * sampleRate) / 1000);
				},
				over(how) {
					// The telephone call may go on without its stream: then its sound is lost, not over.
					if (how === 'stopped') call.ended('hung-up');
					else call.lost();
				},
			};
		},
	});
	return () => leave('draining');
}

const customerFirst = ['customer', 'agent'] as const;
const agentFirst = ['agent', 'customer'] as const;
