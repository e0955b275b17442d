import type { TestCall, TestSignal } from '#server/telephony/desk.ts';
import { keyedPath } from '#server/telephony/media-streams/keyed-streams.ts';
import { streamTestCall } from '#server/telephony/media-streams/test-call.ts';
import { plivoDialect } from '#server/telephony/plivo/dialect.ts';
import { sampleRate } from '#shared/audio.ts';

/** Plays Plivo against our own door, with the key at the end of the address. */
export const plivoTestCall = (key: string, signal: TestSignal): Promise<TestCall> =>
	streamTestCall(
		{
			dialect: plivoDialect,
			path: `${keyedPath(plivoDialect)}/${key}`,
			start: ({ streamId, callId, agent }) => ({
				start: {
					callId,
					streamId,
					tracks: ['inbound', 'outbound'],
					mediaFormat: { encoding: 'audio/x-mulaw', sampleRate },
				},
				extra_headers: `agent=${agent}`,
			}),
		},
		signal,
	);
