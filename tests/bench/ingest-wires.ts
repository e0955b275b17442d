import { randomBytes } from 'node:crypto';
import { audioForkPath } from '#server/telephony/audio-fork/audio-fork.ts';
import { twilioPath } from '#server/telephony/twilio/twilio.ts';
import { frameMs, frameSamples } from '#shared/audio.ts';
import { masked } from '#tests/bench/raw-socket.ts';

/** A gateway's wire as the generator speaks it: as little work a frame as can be, both legs at once. */
export interface IngestWire {
	/** The gateway's name in Ycord. */
	name: string;
	path: string;
	/** What Ycord needs set, and what is shown to it; Twilio's signature is the server's own to make. */
	env: Readonly<Record<string, string>>;
	headers: Readonly<Record<string, string>>;
	begin(callId: string, agent: string): readonly string[];
	/** What both legs' next 20 ms are as client messages. */
	frames(callId: string): (frame: number) => readonly Buffer[];
}

const key = 'bench-key-for-audio-forks';

export const ingestWires: readonly IngestWire[] = [
	{
		name: 'twilio',
		path: twilioPath,
		env: {},
		headers: {},
		begin: (callId, agent) => [
			'{"event":"connected","protocol":"Call","version":"1.0.0"}',
			JSON.stringify({
				event: 'start',
				sequenceNumber: '1',
				streamSid: callId,
				start: {
					accountSid: 'AC0',
					streamSid: callId,
					callSid: callId,
					tracks: ['inbound', 'outbound'],
					mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
					customParameters: { agent },
				},
			}),
		],
		frames(callId) {
			const payload = randomBytes(frameSamples).toString('base64');
			let sequence = 1;
			return (frame) =>
				['inbound', 'outbound'].map((track) =>
					masked(
						`{"event":"media","sequenceNumber":"${++sequence}","media":{"track":"${track}","chunk":"${frame + 1}","timestamp":"${frame * frameMs}","payload":"${payload}"},"streamSid":"${callId}"}`,
					),
				);
		},
	},
	{
		name: 'audiofork',
		path: audioForkPath,
		env: { YCORD_AUDIO_FORK_KEY: key },
		headers: { authorization: `Basic ${Buffer.from(`bench:${key}`).toString('base64')}` },
		begin: (callSid, agent) => [
			JSON.stringify({
				callSid,
				callStatus: 'in-progress',
				sampleRate: 16_000,
				mixType: 'stereo',
				metadata: { agent },
			}),
		],
		frames() {
			// 20 ms of two channels of L16 at 16 kHz.
			const message = masked(randomBytes((16_000 / 50) * 2 * 2));
			return () => [message];
		},
	},
];
