import { audiohook } from '#server/telephony/audiohook/audiohook.ts';
import type { Intake } from '#server/telephony/telephony.ts';
import { silenceByte } from '#shared/audio.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { type DrivenCall, type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import {
	type AudiohookMedia,
	type AudiohookPeer,
	type AudiohookPeerOptions,
	audiohookPeer,
} from '#tests/support/audiohook-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import type { RecordingIntake } from '#tests/support/recording-intake.ts';

const [key, secret] = ['key-of-the-contract', Buffer.from('secret of the contract').toString('base64')];

const badInput = (peer: AudiohookPeer): NonNullable<DrivenCall['bad']> => ({
	'text over 64 KiB': { send: () => peer.send('x'.repeat(65_537)), closes: 'tooLarge' },
	'sound over 64 KiB in one message': { send: () => peer.send(new Uint8Array(65_538)), closes: 'tooLarge' },
	'text that is not JSON': { send: () => peer.send('{'), closes: 'malformed' },
	'a message without its envelope': { send: () => peer.send('{"type":"ping"}'), closes: 'malformed' },
	'another version': { send: () => peer.say('ping', {}, { version: '3' }), closes: 'malformed' },
	'the id of another session': {
		send: () => peer.say('ping', {}, { id: '1ecd72ad-0000-4000-8000-000000000000' }),
		closes: 'malformed',
	},
	'a gap in seq': { send: () => peer.say('ping', {}, { seq: 7 }), closes: 'malformed' },
	'a seq that was there': { send: () => peer.say('ping', {}, { seq: 1 }), closes: 'malformed' },
	'a serverseq of nothing': { send: () => peer.say('ping', {}, { serverseq: 99 }), closes: 'malformed' },
	'a position that is none': { send: () => peer.say('ping', {}, { position: '1.2' }), closes: 'malformed' },
	'a position ahead of time': { send: () => peer.say('ping', {}, { position: 'PT3600S' }), closes: 'malformed' },
	'an hour thrown away at once': {
		send: () => peer.say('discarded', { start: 'PT0S', discarded: 'PT3600S' }),
		closes: 'malformed',
	},
	'a second open': { send: () => void peer.begin(), closes: 'malformed' },
	'half a sample': { send: () => peer.send(new Uint8Array(3)), closes: 'malformed' },
	'the parameters of another message': { send: () => peer.say('close', { reason: 'bored' }), closes: 'malformed' },
});
const kinds = Object.keys(badInput({} as AudiohookPeer));

/** How a connection was closed: by the name in our `disconnect`, after which the client closes by itself. */
const byName = async (peer: AudiohookPeer) => {
	const { code, reason, asked } = await peer.closed;
	const said = asked?.info ?? '';
	const named = Object.values(closeCodes).find(({ text }) => said.startsWith(text));
	return named ? { code: named.code, reason: said } : { code, reason };
};

const start =
	(media: AudiohookMedia[]) =>
	async (intake: RecordingIntake): Promise<GatewayTrial> => {
		const clock = handClock();
		const connectors: AudiohookPeer[] = [];
		let pressed: Promise<unknown> = Promise.resolve();
		/** The agent presses the transfer as soon as an executive takes the line. */
		let press = (_conversationId: string) => {};
		const pressing: Intake = {
			started(call, refused) {
				const { control } = call;
				if (control?.take) {
					const take = control.take.bind(control);
					Object.assign(control, {
						take(...asked: Parameters<typeof take>) {
							const taking = take(...asked);
							press(call.platformId);
							return taking;
						},
					});
				}
				return intake.started(call, refused);
			},
		};
		const { address, app } = await gatewayDoor(async (door) => {
			await door.register(audiohook, {
				intake: pressing,
				clock,
				publicUrl: () => 'https://ycord.example.com',
				keys: [{ key, secret }],
				transfer: 'Transfer → Ycord survey',
			});
		});
		const common = { address, key, secret, authority: 'ycord.example.com', now: clock.now };
		press = (conversationId) => {
			const peer = audiohookPeer({ ...common, kind: 'connector', conversationId });
			// Pressed too late, when the gateway is closing: then nobody is there.
			const begun = peer.then((one) => one.begin().then(() => one));
			begun.then((one) => connectors.push(one)).catch(() => {});
			pressed = begun.catch(() => undefined);
		};

		async function drive(
			options: AudiohookPeerOptions,
			sound: { customer: Uint8Array; agent: Uint8Array },
		): Promise<DrivenCall> {
			const peer = await audiohookPeer(options);
			await peer.begin();
			await peer.settled();
			return {
				closed: byName(peer).then((one) => [one]),
				wrongClosed: byName(peer),
				bad: badInput(peer),
				async play() {
					await peer.play(sound.customer, sound.agent);
					await peer.settled();
				},
				hangUp: () => peer.hangUp(),
				async lose() {
					peer.drop();
				},
				comeBack: () => drive({ ...options, conversationId: peer.conversationId }, sound),
				async executiveHeard() {
					// What is said is gathered to messages of 200 ms.
					clock.advance(200);
					await pressed;
					let frames = 0;
					for (const connected of connectors) {
						await connected.settled();
						const heard = Buffer.concat(connected.received);
						for (let at = 0; at < heard.length; at += 160)
							if (heard.subarray(at, at + 160).some((byte) => byte !== silenceByte.pcmu)) frames++;
					}
					return frames;
				},
			};
		}
		return {
			call: ({ agentId, customer, agent }) =>
				drive({ ...common, media, customConfig: { agent: agentId } }, { customer, agent }),
			async close() {
				await pressed;
				await app.close();
			},
		};
	};

const forms: [string, string[]][] = [
	['PCMU', ['external', 'internal']],
	['L16', ['internal', 'external']],
];
for (const [format, channels] of forms)
	gatewayContract(
		'audiohook',
		{ lose: true, hold: false, control: true, badInput: kinds },
		start([{ type: 'audio', format, channels, rate: 8000 }]),
	);
