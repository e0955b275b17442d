import type { TestCall, TestSignal } from '#server/telephony/desk.ts';
import { keyedPath } from '#server/telephony/media-streams/keyed-streams.ts';
import { streamTestCall } from '#server/telephony/media-streams/test-call.ts';
import { telnyxDialect } from '#server/telephony/telnyx/dialect.ts';
import { sampleRate } from '#shared/audio.ts';

/** Plays Telnyx against our own door, with the key at the end of the address. */
export const telnyxTestCall = (key: string, signal: TestSignal): Promise<TestCall> =>
	streamTestCall(
		{
			dialect: telnyxDialect,
			path: `${keyedPath(telnyxDialect)}/${key}`,
			start: ({ callId, agent }) => ({
				start: {
					call_control_id: callId,
					media_format: { encoding: 'PCMU', sample_rate: sampleRate, channels: 1 },
					custom_parameters: { agent },
				},
			}),
		},
		signal,
	);
