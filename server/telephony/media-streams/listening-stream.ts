import type { WebSocket } from 'ws';
import { callLabel } from '#server/telephony/call-label.ts';
import { closeReasonOf } from '#server/telephony/close-reason.ts';
import { linearSamples } from '#server/telephony/l16/samples.ts';
import { Malformed, type StreamStart, type Track } from '#server/telephony/media-streams/dialect.ts';
import {
	type Carried,
	type MediaStreamNeeds,
	mediaStream,
	startWithinMs,
} from '#server/telephony/media-streams/media-stream.ts';
import { streamPlace } from '#server/telephony/media-streams/place.ts';
import { platformIdOf } from '#server/telephony/platform-id.ts';
import type { IncomingCall, LiveCall } from '#server/telephony/telephony.ts';
import { type Leg, rateOf } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { Refusal } from '#shared/refusals.ts';

/** Platforms send silence too: a started stream that says nothing for so long is a dead connection. */
export const silentAfterMs = 30_000;

/** Who takes the calls of streams: the intake, or what stands before it. Without a call, `refused` was called. */
export interface StreamIntake {
	started(call: IncomingCall, refused: (refusal: Refusal) => void, start: StreamStart): LiveCall | undefined;
}

export interface ListeningStreamNeeds
	extends Pick<MediaStreamNeeds, 'dialect' | 'connection' | 'begun' | 'over' | 'failed'> {
	intake: StreamIntake;
	clock: Clock;
	/** Who gets the calls whose start names no agent. */
	defaultAgentId?: string | undefined;
	startWithinMs?: number | undefined;
	silentAfterMs?: number | undefined;
}

/**
 * One listening stream. We never send a message on it: it ends when the platform stops or drops it, or by a named close.
 * Gives back what lets go of the call because the server goes away.
 */
export function listeningStream(socket: WebSocket, needs: ListeningStreamNeeds): () => void {
	const { dialect } = needs;
	const { leave } = mediaStream(socket, {
		dialect,
		clock: needs.clock,
		connection: needs.connection,
		startWithinMs: needs.startWithinMs ?? startWithinMs,
		silentAfterMs: needs.silentAfterMs ?? silentAfterMs,
		begun: needs.begun,
		over: needs.over,
		failed: needs.failed,
		start(start, { leave }): Carried | undefined {
			const { parameters, codec } = start;
			const agentId = parameters.agent || needs.defaultAgentId;
			if (!agentId) {
				leave('unknownAgent', `set ${dialect.whereAgent}`);
				return;
			}
			const legOf = legsOf(start);
			let isRefused = false;
			const refused = (refusal: Refusal) => {
				isRefused = true;
				leave(closeReasonOf(refusal), refusal.code);
			};
			const incoming = incomingCall(dialect.name, start, agentId, Object.values(legOf));
			const call = needs.intake.started(incoming, refused, start);
			if (isRefused || !call) return;
			const place = streamPlace(dialect, rateOf[codec]);
			return {
				callId: call.callId,
				media(message) {
					const leg = legOf[message.track];
					if (!leg) throw new Malformed('media of a track that start did not name');
					const sound = start.isLinear ? coded(message.payload) : message.payload;
					call.sound(leg, sound, place(message, sound.length));
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

/** What the platform receives from the leg a stream hangs on is inbound, whoever called whom. (protocols.md 1.1) */
function legsOf({ tracks, parameters: { leg } }: StreamStart): Partial<Record<Track, Leg>> {
	const [inbound, outbound]: Leg[] = leg === 'agent' ? ['agent', 'customer'] : ['customer', 'agent'];
	return {
		...(tracks.includes('inbound') && inbound ? { inbound } : {}),
		...(tracks.includes('outbound') && outbound ? { outbound } : {}),
	};
}

function incomingCall(
	gateway: string,
	{ callId, codec, parameters }: StreamStart,
	agentId: string,
	legs: Leg[],
): IncomingCall {
	const { queue, from, to, language } = parameters;
	return {
		gateway,
		platformId: platformIdOf(callId),
		agentId,
		label: callLabel(parameters),
		codec,
		legs,
		disclosure: parameters.disclosure ?? 'notice',
		rehearsal: false,
		about: { queue, from, to, language },
	};
}

/** Messages are whole, and may come out of order: nothing of a sample is kept from one for the next. */
function coded(linear: Uint8Array): Uint8Array {
	if (linear.length % 2 !== 0) throw new Malformed('media.payload ends within a sample');
	return linearSamples(1)(linear)[0] as Uint8Array;
}
