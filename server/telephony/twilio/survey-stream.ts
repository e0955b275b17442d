import type { WebSocket } from 'ws';
import { Malformed, type StreamStart } from '#server/telephony/media-streams/dialect.ts';
import {
	type Carried,
	type MediaStream,
	type MediaStreamNeeds,
	mediaStream,
	startWithinMs,
} from '#server/telephony/media-streams/media-stream.ts';
import { twilioDialect } from '#server/telephony/twilio/dialect.ts';
import { clearMessage, markMessage, mediaMessage } from '#server/telephony/twilio/messages.ts';
import { playoutLag } from '#server/telephony/twilio/playout-lag.ts';
import { frameMs, sampleRate } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';

/** Twilio sends the customer's silence too. Nothing for so long, and the executive speaks to nobody: 10 s. */
export const surveySilentAfterMs = 10_000;
/** How much of what is said may wait for the network. Beyond it the newest is dropped: late words would only get later. */
export const maxUnsentMs = 200;

/** A survey stream that is open, as its control holds it. */
export interface SurveyLine {
	/** 20 ms for the customer. Dropped when the network does not take it in time. [B1] */
	say(frame: Uint8Array): void;
	/** What was not played yet is forgotten, and the customer goes on with the next verb: back to the agent. */
	close(): void;
}

/** What comes in on a survey stream. */
export interface FromSurvey {
	/** The customer's sound, at its position since the stream's start; in samples. */
	heard(payload: Uint8Array, at: number): void;
	/** The customer pressed this key of their telephone. */
	pressed(digit: string): void;
	/** The stream is over; `asked` if it was closed from here. */
	over(asked: boolean): void;
}

export interface SurveyStreamNeeds extends Pick<MediaStreamNeeds, 'connection' | 'begun' | 'over' | 'failed'> {
	clock: Clock;
	/** Whose stream this is, by its token; undefined if nobody waits for it. */
	claim: (start: StreamStart) => ((line: SurveyLine) => FromSurvey) | undefined;
	startWithinMs?: number | undefined;
	silentAfterMs?: number | undefined;
}

/**
 * One bidirectional stream's life: the only place that can send sound toward a Twilio call, and only to whoever holds the
 * line it was opened for. [S2] If it is not claimed it is closed, and the customer is with the agent again.
 */
export function surveyStream(socket: WebSocket, needs: SurveyStreamNeeds): MediaStream {
	return mediaStream(socket, {
		dialect: twilioDialect,
		clock: needs.clock,
		connection: needs.connection,
		startWithinMs: needs.startWithinMs ?? startWithinMs,
		silentAfterMs: needs.silentAfterMs ?? surveySilentAfterMs,
		begun: needs.begun,
		over: needs.over,
		failed: needs.failed,
		start(start, { leave, close }): Carried | undefined {
			const opened = needs.claim(start);
			if (!opened) {
				leave('forbidden', 'no survey waits for this stream');
				return;
			}
			const { streamId, callId } = start;
			let isOver = false;
			let isBehind = false;
			const lag = playoutLag(needs.clock);
			const forget = () => {
				socket.send(clearMessage(streamId));
				lag.cleared();
			};
			const from = opened({
				say(frame) {
					if (isOver) return;
					const text = mediaMessage(streamId, frame);
					const wasBehind = isBehind;
					isBehind = socket.bufferedAmount > (text.length * maxUnsentMs) / frameMs;
					// Once for each time: what reaches Twilio in a late burst is not played either.
					if (isBehind) return wasBehind ? undefined : forget();
					if (lag.isTooLong()) forget();
					socket.send(text);
					const mark = lag.said();
					if (mark !== undefined) socket.send(markMessage(streamId, mark));
				},
				close() {
					if (isOver) return;
					forget();
					close();
				},
			});
			return {
				callId: `twilio-${callId}`,
				media({ track, timestampMs, payload }) {
					if (track !== 'inbound') throw new Malformed('media of a track that a bidirectional stream has not');
					from.heard(payload, (timestampMs * sampleRate) / 1000);
				},
				played: lag.played,
				pressed: from.pressed,
				over(how) {
					isOver = true;
					from.over(how === 'done');
				},
			};
		},
	});
}
