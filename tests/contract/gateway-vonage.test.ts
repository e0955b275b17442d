import { vonage } from '#server/telephony/vonage/vonage.ts';
import type { Codec } from '#shared/audio.ts';
import { encodeUlaw } from '#shared/g711.ts';
import { type DrivenCall, type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { mixedLinear } from '#tests/support/l16-peer.ts';
import type { RecordingIntake } from '#tests/support/recording-intake.ts';
import { type VonagePeer, type VonagePeerOptions, vonagePeer } from '#tests/support/vonage-peer.ts';

const key = 'key-of-the-contract';

const badInput = (peer: VonagePeer): NonNullable<DrivenCall['bad']> => ({
	'text over 64 KiB': { send: () => peer.send('x'.repeat(65_537)), closes: 'tooLarge' },
	'sound over 64 KiB in one message': { send: () => peer.send(new Uint8Array(65_537)), closes: 'tooLarge' },
});
const kinds = Object.keys(badInput({} as VonagePeer));

function mix(customer: Uint8Array, agent: Uint8Array): Uint8Array {
	const linear = mixedLinear([customer, agent]);
	return Uint8Array.from({ length: linear.length / 2 }, (_, at) => encodeUlaw(linear.readInt16LE(at * 2)));
}

const start =
	(rate: 8000 | 16_000) =>
	async (intake: RecordingIntake): Promise<GatewayTrial> => {
		const { address, app } = await gatewayDoor(async (door) => {
			await door.register(vonage, { intake, clock: handClock(), keys: [key], mayBeAudible: true });
		});
		async function drive(
			options: VonagePeerOptions,
			sound: { customer: Uint8Array; agent: Uint8Array },
		): Promise<DrivenCall> {
			const peer = await vonagePeer(options);
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
				comeBack: () => drive({ ...options, uuid: peer.uuid }, sound),
			};
		}
		return {
			call: ({ agentId, customer, agent }) =>
				drive({ address, key, rate, headers: { agent: agentId } }, { customer, agent }),
			close: () => app.close(),
		};
	};

const codecs: [8000 | 16_000, Codec][] = [
	[8000, 'pcmu'],
	[16_000, 'pcmu16'],
];
for (const [rate, codec] of codecs)
	gatewayContract('vonage', { lose: true, hold: false, hasClock: false, mix, codec, badInput: kinds }, start(rate));
