import { audioFork } from '#server/telephony/audio-fork/audio-fork.ts';
import type { Codec } from '#shared/audio.ts';
import { type DrivenCall, type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import { type AudioForkPeer, type AudioForkPeerOptions, audioForkPeer } from '#tests/support/audio-fork-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import type { RecordingIntake } from '#tests/support/recording-intake.ts';

const key = 'key-of-the-contract';

const badInput = (peer: AudioForkPeer): NonNullable<DrivenCall['bad']> => ({
	'text over 64 KiB': { send: () => peer.send('x'.repeat(65_537)), closes: 'tooLarge' },
	'sound over 64 KiB in one message': { send: () => peer.send(new Uint8Array(65_537)), closes: 'tooLarge' },
});
const kinds = Object.keys(badInput({} as AudioForkPeer));

const start =
	(rate: 8000 | 16_000) =>
	async (intake: RecordingIntake): Promise<GatewayTrial> => {
		const { address, app } = await gatewayDoor(async (door) => {
			await door.register(audioFork, { intake, clock: handClock(), keys: [key] });
		});
		async function drive(
			options: AudioForkPeerOptions,
			sound: { customer: Uint8Array; agent: Uint8Array },
		): Promise<DrivenCall> {
			const peer = await audioForkPeer(options);
			peer.begin();
			await peer.settled();
			return {
				closed: peer.closed.then((one) => [one]),
				wrongClosed: peer.closed,
				bad: badInput(peer),
				async play() {
					await peer.play(sound.customer, sound.agent);
					await peer.settled();
				},
				hangUp: () => peer.stop(),
				async lose() {
					peer.drop();
				},
				comeBack: () => drive({ ...options, callSid: peer.callSid }, sound),
			};
		}
		return {
			call: ({ agentId, customer, agent }) =>
				drive({ address, key, rate, metadata: { agent: agentId } }, { customer, agent }),
			close: () => app.close(),
		};
	};

const codecs: [8000 | 16_000, Codec][] = [
	[8000, 'pcmu'],
	[16_000, 'pcmu16'],
];
for (const [rate, codec] of codecs)
	gatewayContract('audiofork', { lose: true, hold: false, hasClock: false, codec, badInput: kinds }, start(rate));
