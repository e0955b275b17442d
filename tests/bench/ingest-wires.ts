import { randomBytes, randomUUID } from 'node:crypto';
import { asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import { audioForkPath } from '#server/telephony/audio-fork/audio-fork.ts';
import { audiohookPath } from '#server/telephony/audiohook/audiohook.ts';
import { twilioPath } from '#server/telephony/twilio/twilio.ts';
import { vonagePath } from '#server/telephony/vonage/vonage.ts';
import { frameMs, frameSamples } from '#shared/audio.ts';
import { asteriskToIngest } from '#tests/bench/ingest-asterisk.ts';
import { rtpengineToIngest } from '#tests/bench/ingest-rtpengine.ts';
import { siprecToIngest } from '#tests/bench/ingest-siprec.ts';
import { masked } from '#tests/bench/raw-socket.ts';
import { rtpPacket } from '#tests/support/rtp-packet.ts';

/** A gateway's wire as the generator speaks it: as little work a frame as can be, both legs at once. */
export interface IngestWire {
	/** The gateway's name in Ycord. */
	name: string;
	path: string;
	/** What Ycord needs set, and what is shown to it; Twilio's signature is the server's own to make. */
	env: Readonly<Record<string, string>>;
	headers: Readonly<Record<string, string>>;
	begin(callId: string, agent: string): readonly string[];
	/** What both legs' next 20 ms are as client messages, or datagrams; one for each socket, where each leg has its own. */
	frames(callId: string): (frame: number) => readonly Buffer[];
	/** Each leg has a socket of its own. */
	apart?: true;
	/** It is RTP: what a platform gives back are ports, the customer's leg first. */
	byPackets?: true;
	/** What Ycord has to find before its calls can come; for the others there is nothing but their sockets. */
	platform?: () => Promise<IngestPlatform>;
	/** It has everybody in one sound. */
	isMix?: true;
	/** Its server answers in texts; on every other wire it says nothing. */
	isAnswered?: true;
}

/** A platform that Ycord comes to. */
export interface IngestPlatform {
	env: Readonly<Record<string, string>>;
	/** Tells Ycord, at this port of this machine, of a call, and gives back where its sockets go; soon, for they are not waited for long. */
	announce(callId: string, agent: string, port: number): Promise<readonly string[]>;
	stop(): Promise<void>;
}

const key = 'bench-key-of-one-platform';
/** The same in every process that speaks of them. */
const sessionId = '00000000-0000-4000-8000-5e5510000000';
const organizationId = '00000000-0000-4000-8000-0123456789ab';

/** A media stream's sound, in its platform's words. */
function mediaFrames(words: { sequence: string; streamId: string }, firstMs = 0): IngestWire['frames'] {
	return (callId) => {
		const payload = randomBytes(frameSamples).toString('base64');
		let sequence = 1;
		return (frame) =>
			['inbound', 'outbound'].map((track) =>
				masked(
					`{"event":"media","${words.sequence}":"${++sequence}","media":{"track":"${track}","chunk":"${frame + 1}","timestamp":"${firstMs + frame * frameMs}","payload":"${payload}"},"${words.streamId}":"${callId}"}`,
				),
			);
	};
}
/** Samples of 16 bits at 16 kHz. */
const linearFrames = (channels: 1 | 2) => () => {
	const message = masked(randomBytes((16_000 / 50) * 2 * channels));
	return () => [message];
};

/** A packet of each leg; the timestamp goes on with the time where nothing was sent, the sequence number does not. (RFC 3550, 5.1) */
const rtpFrames = () => {
	const packets = [0, 1].map((leg) =>
		rtpPacket({ sequence: 0, timestamp: 0, ssrc: 0xc0 + leg, payload: randomBytes(frameSamples) }),
	);
	let sequence = 0;
	return (frame: number) => {
		sequence++;
		for (const packet of packets) {
			packet.writeUInt16BE(sequence & 0xffff, 2);
			packet.writeUInt32BE((frame * frameSamples) >>> 0, 4);
		}
		return packets;
	};
};
const byPackets = {
	path: '',
	env: {},
	headers: {},
	begin: () => [],
	frames: rtpFrames,
	apart: true,
	byPackets: true,
} as const;

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
		frames: mediaFrames({ sequence: 'sequenceNumber', streamId: 'streamSid' }),
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
		frames: linearFrames(2),
	},
	{
		name: 'telnyx',
		path: `/telephony/telnyx/${key}`,
		env: { YCORD_TELNYX_KEY: key },
		headers: {},
		begin: (callId, agent) => [
			'{"event":"connected","version":"1.0.0"}',
			JSON.stringify({
				event: 'start',
				sequence_number: '1',
				stream_id: callId,
				start: {
					call_control_id: callId,
					media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
					custom_parameters: { agent },
				},
			}),
		],
		frames: mediaFrames({ sequence: 'sequence_number', streamId: 'stream_id' }),
	},
	{
		name: 'plivo',
		path: `/telephony/plivo/${key}`,
		env: { YCORD_PLIVO_KEY: key },
		headers: {},
		begin: (callId, agent) => [
			JSON.stringify({
				event: 'start',
				sequenceNumber: 1,
				start: {
					callId,
					streamId: callId,
					tracks: ['inbound', 'outbound'],
					mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 },
				},
				extra_headers: `agent=${agent}`,
			}),
		],
		frames: mediaFrames({ sequence: 'sequenceNumber', streamId: 'streamId' }, Date.UTC(2026, 0, 1)),
	},
	{
		name: 'audiohook',
		path: audiohookPath,
		env: { YCORD_AUDIOHOOK_KEY: key },
		headers: {
			'x-api-key': key,
			'audiohook-session-id': sessionId,
			'audiohook-organization-id': organizationId,
		},
		begin: (conversationId, agent) => [
			JSON.stringify({
				version: '2',
				type: 'open',
				id: sessionId,
				seq: 1,
				serverseq: 0,
				position: 'PT0S',
				parameters: {
					organizationId,
					conversationId,
					participant: { id: randomUUID(), ani: '', aniName: '', dnis: '' },
					media: [{ type: 'audio', format: 'PCMU', channels: ['external', 'internal'], rate: 8000 }],
					customConfig: { agent },
				},
			}),
		],
		frames() {
			const message = masked(randomBytes(2 * frameSamples));
			return () => [message];
		},
		isAnswered: true,
	},
	{
		name: 'vonage',
		path: vonagePath,
		env: { YCORD_VONAGE_KEY: key, YCORD_ALLOW_AUDIBLE: 'true' },
		headers: { authorization: `Bearer ${key}` },
		begin: (uuid, agent) => [
			JSON.stringify({ event: 'websocket:connected', 'content-type': 'audio/l16;rate=16000', uuid, agent }),
		],
		frames: linearFrames(1),
		isMix: true,
	},
	{
		name: 'asterisk',
		path: asteriskMediaPath,
		env: { YCORD_ASTERISK_MEDIA_KEY: key },
		headers: { authorization: `Basic ${Buffer.from(`bench:${key}`).toString('base64')}` },
		begin: () => ['{"event":"MEDIA_START","format":"ulaw","optimal_frame_size":160,"ptime":20}'],
		frames() {
			const messages = [masked(randomBytes(frameSamples)), masked(randomBytes(frameSamples))];
			return () => messages;
		},
		apart: true,
		platform: asteriskToIngest,
	},
	{ name: 'siprec', ...byPackets, platform: siprecToIngest },
	{ name: 'rtpengine', ...byPackets, platform: rtpengineToIngest },
];
