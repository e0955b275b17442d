import { randomUUID } from 'node:crypto';
import { vonagePath } from '#server/telephony/vonage/vonage.ts';
import { type L16Peer, l16Peer, mixedLinear, type PlayOptions } from '#tests/support/l16-peer.ts';

export interface VonagePeerOptions {
	/** The server, such as http://127.0.0.1:1234. */
	address: string;
	/** Shown as the custom `authorization` of the endpoint says. */
	key: string;
	/** Sent in place of the right headers of the upgrade. */
	upgradeHeaders?: Record<string, string>;
	/** The call's id there; given along as a header of the endpoint, as an answer webhook would. */
	uuid?: string;
	rate?: number;
	/** What the NCCO gave along beside it, at most 512 bytes there. */
	headers?: Record<string, unknown>;
}

/**
 * A peer that behaves on the wire as Vonage's Voice API does: a token in Authorization, `websocket:connected` with the
 * endpoint's headers at its top, then messages of exactly 20 ms of what a participant hears: everybody in one sound.
 */
export interface VonagePeer extends L16Peer {
	readonly uuid: string;
	/** The first message. */
	begin(): void;
	/** Plays µ-law of the peer's rate, both voices in one sound. Resolves when all is sent. */
	play(customer: Uint8Array, agent?: Uint8Array, options?: PlayOptions): Promise<void>;
	/** Somebody pressed a key. */
	press(digit: string): void;
}

/** Rejects with `UpgradeRefused`. */
export async function vonagePeer(options: VonagePeerOptions): Promise<VonagePeer> {
	const { rate = 16_000, uuid = randomUUID(), headers = {} } = options;
	const peer = await l16Peer(
		`${options.address.replace(/^http/, 'ws')}${vonagePath}`,
		options.upgradeHeaders ?? { authorization: `Bearer ${options.key}` },
	);
	return {
		...peer,
		uuid,
		begin: () =>
			peer.send({ event: 'websocket:connected', 'content-type': `audio/l16;rate=${rate}`, uuid, ...headers }),
		play: (customer, agent, playing) =>
			peer.playLinear(mixedLinear(agent ? [customer, agent] : [customer]), (rate / 50) * 2, playing),
		press: (digit) => peer.send({ event: 'websocket:dtmf', digit, duration: 260 }),
	};
}
