import type { Dialect } from '#server/telephony/media-streams/dialect.ts';
import { keyedStreams } from '#server/telephony/media-streams/keyed-streams.ts';
import { plivoDialect } from '#server/telephony/plivo/dialect.ts';
import { telnyxDialect } from '#server/telephony/telnyx/dialect.ts';
import type { Codec } from '#shared/audio.ts';
import { type DrivenCall, type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import {
	type KeyedStreamPeer,
	type KeyedStreamPeerOptions,
	keyedStreamPeer,
	type StreamFormat,
} from '#tests/support/keyed-stream-peer.ts';
import type { RecordingIntake } from '#tests/support/recording-intake.ts';

const key = 'key-of-the-contract';

function badInput(peer: KeyedStreamPeer, isPlivo: boolean): NonNullable<DrivenCall['bad']> {
	const wrong = (message: object | string | Uint8Array) =>
		({ send: () => peer.send(message), closes: 'malformed' }) as const;
	const media = (change: object) => {
		const right = peer.media('inbound', 0, new Uint8Array(160)) as { media: object };
		return { ...right, media: { ...right.media, ...change } };
	};
	const impossible = isPlivo ? '5102444800000' : '172800001';
	return {
		'text that is not JSON': wrong('{"event":"media"'),
		'JSON that is nothing': wrong('null'),
		'a binary message': wrong(new Uint8Array(160)),
		'a second start': { send: () => peer.begin(), closes: 'malformed' },
		'media on no track': wrong(media({ track: 'both' })),
		'a timestamp that is no number': wrong(media({ timestamp: 'soon' })),
		'an impossible timestamp': wrong(media({ timestamp: impossible })),
		'a payload that is not base64': wrong(media({ payload: 'not base64!!' })),
		'a sequence number that is no number': wrong({ ...media({}), sequenceNumber: 'x', sequence_number: 'x' }),
		'media of another stream': wrong({ ...media({}), streamId: 'other', stream_id: 'other' }),
		'a message over 64 KiB': { send: () => peer.send('x'.repeat(65_537)), closes: 'tooLarge' },
	};
}
const kinds = Object.keys(badInput({ media: () => ({ media: {} }) } as unknown as KeyedStreamPeer, false));

const start =
	(dialect: Dialect, format: StreamFormat) =>
	async (intake: RecordingIntake): Promise<GatewayTrial> => {
		const { address, app } = await gatewayDoor(async (door) => {
			await door.register(keyedStreams, { dialect, intake, clock: handClock(), keys: [key] });
		});
		const platform = dialect.name as 'telnyx' | 'plivo';
		async function drive(
			options: KeyedStreamPeerOptions,
			sound: { inbound: Uint8Array; outbound: Uint8Array },
		): Promise<DrivenCall> {
			const peer = await keyedStreamPeer(options);
			peer.begin();
			await peer.settled();
			return {
				closed: peer.closed.then((one) => [one]),
				wrongClosed: peer.closed,
				bad: badInput(peer, platform === 'plivo'),
				async play() {
					await peer.play(sound);
					await peer.settled();
				},
				hangUp: () => peer.stop(),
				async lose() {
					peer.drop();
				},
				comeBack: () => drive({ ...options, callId: peer.callId }, sound),
			};
		}
		return {
			call: ({ agentId, customer, agent }) =>
				drive(
					{ platform, address, key, format, parameters: { agent: agentId } },
					{ inbound: customer, outbound: agent },
				),
			close: () => app.close(),
		};
	};

const formats: [Dialect, StreamFormat, Codec][] = [
	[telnyxDialect, 'PCMU', 'pcmu'],
	[plivoDialect, 'PCMU', 'pcmu'],
	[plivoDialect, 'L16/8000', 'pcmu'],
	[plivoDialect, 'L16/16000', 'pcmu16'],
];
for (const [dialect, format, codec] of formats)
	gatewayContract(dialect.name, { lose: true, hold: false, codec, badInput: kinds }, start(dialect, format));
