import { twilio } from '#server/telephony/twilio/twilio.ts';
import { type DrivenCall, type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { type TwilioPeer, type TwilioPeerOptions, twilioPeer } from '#tests/support/twilio-peer.ts';

const authToken = 'token-of-the-contract';

const badInput = (peer: TwilioPeer): NonNullable<DrivenCall['bad']> => {
	const media = (change: object, mediaChange: object = {}) => {
		const right = peer.media('inbound', 0, new Uint8Array(160)) as { media: object };
		return { ...right, media: { ...right.media, ...mediaChange }, ...change };
	};
	const wrong = (message: object | string | Uint8Array) =>
		({ send: () => peer.send(message), closes: 'malformed' }) as const;
	return {
		'text that is not JSON': wrong('{"event":"media"'),
		'JSON that is not an object': wrong('[1,2]'),
		'JSON that is nothing': wrong('null'),
		'a message without event': wrong({ sequenceNumber: '3' }),
		'an event that is a number': wrong({ event: 7 }),
		'a binary message': wrong(new Uint8Array(160)),
		'a second connected': wrong({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
		'a second start': { send: () => peer.begin(), closes: 'malformed' },
		'media without its media': wrong({ event: 'media', sequenceNumber: '3' }),
		'media on no track': wrong(media({}, { track: 'both' })),
		'a timestamp that is no number': wrong(media({}, { timestamp: 'soon' })),
		'a negative timestamp': wrong(media({}, { timestamp: '-20' })),
		'a timestamp years ahead': wrong(media({}, { timestamp: '99999999999' })),
		'no timestamp': wrong(media({}, { timestamp: undefined })),
		'a payload that is not base64': wrong(media({}, { payload: 'not base64!!' })),
		'a payload cut short': wrong(media({}, { payload: 'AAAAA' })),
		'no payload': wrong(media({}, { payload: undefined })),
		'a sequence number that is no number': wrong(media({ sequenceNumber: 'three' })),
		'media of another stream': wrong(media({ streamSid: 'MZ0' })),
		'a message over 64 KiB': {
			send: () => peer.send(peer.media('inbound', 0, new Uint8Array(50_000))),
			closes: 'tooLarge',
		},
	};
};

const kinds = Object.keys(badInput({ media: () => ({ media: {} }) } as unknown as TwilioPeer));

gatewayContract('twilio', { lose: true, hold: false, badInput: kinds }, async (intake): Promise<GatewayTrial> => {
	let publicUrl = '';
	const { address, app } = await gatewayDoor(async (door) => {
		await door.register(twilio, {
			intake,
			clock: handClock(),
			publicUrl: () => publicUrl,
			authTokens: [authToken],
		});
	});
	publicUrl = address;

	async function drive(
		options: TwilioPeerOptions,
		sound: { inbound: Uint8Array; outbound: Uint8Array },
	): Promise<DrivenCall> {
		const peer = await twilioPeer(options);
		peer.begin();
		await peer.settled();
		return {
			closed: peer.closed.then((one) => [one]),
			wrongClosed: peer.closed,
			bad: badInput(peer),
			async play() {
				await peer.play(sound);
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
			drive({ address, authToken, parameters: { agent: agentId } }, { inbound: customer, outbound: agent }),
		close: () => app.close(),
	};
});
