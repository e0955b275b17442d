import type { WebSocket } from 'ws';
import {
	type Carried,
	type HookLine,
	type HookSocketNeeds,
	hookSocket,
} from '#server/telephony/audiohook/hook-socket.ts';
import { legsOf } from '#server/telephony/audiohook/media.ts';
import type { Media, Open } from '#server/telephony/audiohook/protocol.ts';
import { voiceOut } from '#server/telephony/audiohook/voice-out.ts';

/** An Audio Connector session as whoever has the line holds it. */
export interface SurveyLine {
	/** The next frame for the customer, µ-law, due now. Nothing after `close`. */
	say(frame: Uint8Array): void;
	/** What was not played yet is forgotten, and the flow goes on; these are its variables. Resolves when Genesys has let go. */
	close(outputVariables: Readonly<Record<string, string>>): Promise<void>;
}

/** What comes in on it. */
export interface FromSurvey {
	/** For the log. */
	callId: string;
	/** The customer's sound as µ-law, at its position since the session's start, in samples. */
	heard(payload: Uint8Array, at: number): void;
	/** The customer pressed the key by which they take their consent back. */
	withdrew(): void;
	/** The session is over; `asked` if it was closed from here. */
	over(asked: boolean): void;
}

export interface ConnectorNeeds extends Omit<HookSocketNeeds, 'begin' | 'takes'> {
	/** Whose conversation this is; undefined if no executive is taking its line now. */
	claim: (conversationId: string) => ((line: SurveyLine) => FromSurvey) | undefined;
}

/** What the Architect flow reads: whether a survey was held, or nobody had asked for this customer. */
export const notAwaited = { ycord: 'not-awaited' } as const;

/**
 * One Audio Connector session: the only place that can send sound toward a Genesys call, and only to whoever holds the line
 * it was opened for. [S2] If nobody awaits it, the flow goes on at once, back to the agent.
 */
export function connector(socket: WebSocket, { claim, ...needs }: ConnectorNeeds) {
	return hookSocket(socket, { ...needs, takes, begin });

	function begin(open: Open, media: Media, line: HookLine): Carried | undefined {
		const opened = claim(open.conversationId.toLowerCase());
		if (!opened) {
			line.finish(notAwaited);
			return;
		}
		const voice = voiceOut(
			{
				send: (bytes) => socket.send(bytes),
				get bufferedAmount() {
					return socket.bufferedAmount;
				},
			},
			needs.clock,
			line.bargeIn,
		);
		const released = Promise.withResolvers<void>();
		const customer = legsOf(media).indexOf('customer');
		const withdrawKey = open.inputVariables?.withdraw;
		const from = opened({
			say: voice.say,
			close(outputVariables) {
				voice.stop();
				line.bargeIn();
				line.finish(outputVariables);
				return released.promise;
			},
		});
		socket.once('close', () => released.resolve());
		return {
			callId: from.callId,
			heard: (channels, at) => from.heard(channels[customer] as Uint8Array, at),
			pressed(digit) {
				if (digit === withdrawKey) from.withdrew();
			},
			slowDown: voice.slowDown,
			over(how) {
				voice.stop();
				from.over(how === 'done');
			},
		};
	}
}

/** The executive answers in the form in which the customer comes, and that is µ-law. */
const takes = ({ format, channels }: Media) => format === 'PCMU' && channels.includes('external');
