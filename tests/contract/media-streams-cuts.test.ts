import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { keyedStreams } from '#server/telephony/media-streams/keyed-streams.ts';
import { plivoDialect } from '#server/telephony/plivo/dialect.ts';
import { telnyxDialect } from '#server/telephony/telnyx/dialect.ts';
import { twilioSignature } from '#server/telephony/twilio/signature.ts';
import { twilio } from '#server/telephony/twilio/twilio.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { maskedFrame } from '#tests/support/masked-frame.ts';
import { rawUpgrade } from '#tests/support/raw-upgrade.ts';
import { type RecordingIntake, recordingIntake } from '#tests/support/recording-intake.ts';
import { seedFor } from '#tests/support/seed.ts';
import { tone } from '#tests/support/tone.ts';

const key = 'key-of-cut-streams';
const publicUrl = 'https://ycord.example.com';
const signed = `X-Twilio-Signature: ${twilioSignature(key, 'wss://ycord.example.com/telephony/twilio')}\r\n`;
const agent = 'ann';
const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };

interface Platform {
	open: (door: FastifyInstance, intake: RecordingIntake) => Promise<unknown>;
	path: string;
	headers: string;
	greeting: object[];
	/** What every message says of itself. */
	own: object;
	firstMs: number;
}
const keyed = (dialect: typeof telnyxDialect) => ({
	open: async (door: FastifyInstance, intake: RecordingIntake) =>
		door.register(keyedStreams, { dialect, intake, clock: handClock(), keys: [key] }),
	path: `/telephony/${dialect.name}/${key}`,
	headers: '',
});
const platforms: Record<string, Platform> = {
	twilio: {
		open: async (door, intake) =>
			door.register(twilio, { intake, clock: handClock(), publicUrl: () => publicUrl, authTokens: [key] }),
		path: '/telephony/twilio',
		headers: signed,
		own: { streamSid: 'MZ1', sequenceNumber: '1' },
		greeting: [
			{ event: 'connected', protocol: 'Call', version: '1.0.0' },
			{
				event: 'start',
				start: { callSid: 'CA1', tracks: ['inbound', 'outbound'], mediaFormat, customParameters: { agent } },
			},
		],
		firstMs: 0,
	},
	telnyx: {
		...keyed(telnyxDialect),
		own: { stream_id: 'one', sequence_number: '1' },
		greeting: [
			{ event: 'connected', version: '1.0.0' },
			{
				event: 'start',
				start: {
					call_control_id: 'CA1',
					media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
					custom_parameters: { agent },
				},
			},
		],
		firstMs: 0,
	},
	plivo: {
		...keyed(plivoDialect),
		own: { streamId: 'one', sequenceNumber: 1 },
		greeting: [
			{
				event: 'start',
				start: { callId: 'CA1', streamId: 'one', tracks: ['inbound', 'outbound'], mediaFormat },
				extra_headers: `agent=${agent}`,
			},
		],
		firstMs: 1e12,
	},
};

test.each(Object.keys(platforms))('%s: any cutting of the bytes brings the same sound, byte for byte', async (name) => {
	const { open, path, headers, greeting, own, firstMs } = platforms[name] as Platform;
	const sound = { inbound: tone(440, 300), outbound: tone(880, 300) };
	const media = (['inbound', 'outbound'] as const).flatMap((track) =>
		Array.from({ length: 15 }, (_, piece) => ({
			event: 'media',
			media: {
				track,
				chunk: String(piece + 1),
				timestamp: String(firstMs + piece * 20),
				payload: Buffer.from(sound[track].subarray(piece * 160, (piece + 1) * 160)).toString('base64'),
			},
		})),
	);
	const [first, ...rest] = [...greeting, ...media, { event: 'stop' }].map((message) =>
		maskedFrame(JSON.stringify({ ...message, ...own })),
	);
	const bytes = Buffer.concat([first as Buffer, ...rest]);
	const seed = seedFor(`a stream of ${name} cut anywhere`);
	await fc.assert(
		fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 40 }), async (lengths) => {
			const intake = recordingIntake();
			const { address, app } = await gatewayDoor((door) => open(door, intake).then(() => {}));
			onTestFinished(() => app.close());
			const socket = rawUpgrade(address, path, headers).setNoDelay(true);
			let at = 0;
			for (let cut = 0; at < bytes.length; cut++) {
				const length = lengths[cut % lengths.length] as number;
				await new Promise((written) => {
					socket.write(bytes.subarray(at, at + length), written);
				});
				at += length;
			}
			await intake.when(() => intake.calls[0]?.told[0] === 'ended hung-up');
			expect(Buffer.compare(intake.calls[0]?.heard('customer') as Uint8Array, sound.inbound)).toBe(0);
			expect(Buffer.compare(intake.calls[0]?.heard('agent') as Uint8Array, sound.outbound)).toBe(0);
			socket.destroy();
			await app.close();
		}),
		{ seed, numRuns: 8 },
	);
});
