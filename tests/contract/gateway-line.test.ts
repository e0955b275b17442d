import { randomBytes } from 'node:crypto';
import { line } from '#server/telephony/line/line.ts';
import { lines } from '#server/telephony/line/lines.ts';
import { encodeSound, frameBytes, lineCodec } from '#shared/audio.ts';
import type { CloseReason } from '#shared/close-codes.ts';
import { type DrivenCall, type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { type LinePeer, linePeer } from '#tests/support/line-peer.ts';

const frame = new Uint8Array(frameBytes(lineCodec)).fill(0x42);
const header = { codec: lineCodec, frames: 1, sequence: 0, mediaMs: 0, serverMs: 0 } as const;
const changed = (at: number, byte: number) => {
	const message = encodeSound(header, { customer: frame });
	message[at] = byte;
	return message;
};

const badInput = (customer: LinePeer): NonNullable<DrivenCall['bad']> => {
	const wrong = (message: object | string | Uint8Array, closes: CloseReason = 'malformed') => ({
		send: () => customer.send(message),
		closes,
	});
	return {
		'sound of the other leg': wrong(encodeSound(header, { agent: frame }), 'forbidden'),
		'sound of both legs': wrong(encodeSound(header, { customer: frame, agent: frame }), 'forbidden'),
		'sound of the executive': wrong(encodeSound(header, { executive: frame }), 'forbidden'),
		'a version of tomorrow': wrong(changed(0, 3), 'version'),
		'A-law': wrong(encodeSound({ ...header, codec: 'pcma' }, { customer: frame.subarray(160) })),
		'the narrow band of a telephone': wrong(
			encodeSound({ ...header, codec: 'pcmu' }, { customer: frame.subarray(160) }),
		),
		'a codec that is none': wrong(changed(2, 9)),
		'no frames': wrong(changed(3, 0)),
		'four frames': wrong(
			encodeSound({ ...header, frames: 4 }, { customer: new Uint8Array(4 * frameBytes(lineCodec)) }),
		),
		'a message cut short': wrong(changed(1, 1).subarray(0, 100)),
		'an empty message': wrong(new Uint8Array()),
		'text that is not JSON': wrong('hang up'),
		'a message nobody knows': wrong({ type: 'listen' }),
		'a message with more in it': wrong({ type: 'hang-up', why: 'bored' }),
		'a long text': wrong({ type: 'ping', at: 'x'.repeat(2000) }, 'tooLarge'),
		'a hold by the customer': wrong({ type: 'hold' }, 'forbidden'),
		'a flood of pings': {
			send: () => {
				for (let count = 0; count < 400; count++) customer.send({ type: 'ping', at: count });
			},
			closes: 'tooMany',
		},
	};
};

const kinds = Object.keys(badInput(undefined as never));

gatewayContract(
	'line',
	{ lose: true, hold: true, control: true, codec: lineCodec, badInput: kinds },
	async (intake): Promise<GatewayTrial> => {
		let count = 0;
		const open = lines({
			intake,
			clock: handClock(),
			newSecret: () => randomBytes(32).toString('base64url'),
			newId: () => `l${count++}`,
			failed: (_callId, error) => {
				throw error;
			},
		});
		const { address, app } = await gatewayDoor(async (door) => {
			await door.register(line, { lines: open });
		});
		return {
			async call({ agentId, ...sound }) {
				const { agentSecret, customerSecret } = open.open({ agentId, agentName: 'Ann Agent', label: 'A call' });
				const join = async (end: 'customer' | 'agent') =>
					linePeer({ address, secret: end === 'agent' ? agentSecret : customerSecret, end });
				const agent = await join('agent');
				const both = async (customer: LinePeer): Promise<DrivenCall> => {
					await Promise.all([customer.settled(), agent.settled()]);
					return {
						closed: Promise.all([customer.closed, agent.closed]),
						wrongClosed: customer.closed,
						bad: badInput(customer),
						async executiveHeard() {
							await Promise.all([customer.settled(), agent.settled()]);
							return customer.heard.all.filter(({ parts }) => parts.executive).length;
						},
						async play() {
							await Promise.all([customer.talk(sound.customer), agent.talk(sound.agent)]);
							await Promise.all([customer.settled(), agent.settled()]);
						},
						async hold() {
							agent.hold();
							await agent.settled();
							await Promise.all([
								customer.talk(sound.customer.subarray(0, 3200)),
								agent.talk(sound.agent.subarray(0, 3200)),
							]);
							await Promise.all([customer.settled(), agent.settled()]);
						},
						async resume() {
							agent.resume();
							await agent.settled();
						},
						async hangUp() {
							customer.hangUp();
						},
						async lose() {
							customer.drop();
						},
						comeBack: async () => both(await join('customer')),
					};
				};
				return both(await join('customer'));
			},
			close: () => app.close(),
		};
	},
);
