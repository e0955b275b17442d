import { randomUUID } from 'node:crypto';
import { audioForkPath } from '#server/telephony/audio-fork/audio-fork.ts';
import { interleaved, type L16Peer, l16Peer, type PlayOptions } from '#tests/support/l16-peer.ts';

export interface AudioForkPeerOptions {
	/** The server, such as http://127.0.0.1:1234. */
	address: string;
	key: string;
	/** Sent in place of the right headers. */
	headers?: Record<string, string>;
	/** After the path, such as `?rate=8000&mix=stereo`. */
	query?: string;
	protocol?: string;
	callSid?: string;
	rate?: number;
	mixType?: string;
	/** What the application gave along. */
	metadata?: Record<string, string>;
}

/** A peer that behaves on the wire as jambonz' `listen` does: Basic authentication, one text, then L16 of both channels. */
export interface AudioForkPeer extends L16Peer {
	readonly callSid: string;
	/** The first message. */
	begin(): void;
	/** Plays µ-law of the peer's rate, the channels side by side. Resolves when all is sent. */
	play(first: Uint8Array, second?: Uint8Array, options?: PlayOptions): Promise<void>;
}

/** Rejects with `UpgradeRefused`. */
export async function audioForkPeer(options: AudioForkPeerOptions): Promise<AudioForkPeer> {
	const { rate = 8000, mixType = 'stereo', callSid = randomUUID(), metadata = {} } = options;
	const url = `${options.address.replace(/^http/, 'ws')}${audioForkPath}${options.query ?? ''}`;
	const basic = Buffer.from(`ycord:${options.key}`).toString('base64');
	const headers = options.headers ?? { authorization: `Basic ${basic}` };
	const peer = await l16Peer(url, headers, options.protocol ?? 'audio.jambonz.org');
	const frameBytes = (rate / 50) * 2 * (mixType === 'stereo' ? 2 : 1);
	return {
		...peer,
		callSid,
		begin: () =>
			peer.send({
				callSid,
				direction: 'inbound',
				callStatus: 'in-progress',
				sampleRate: rate,
				mixType,
				metadata,
			}),
		play: (first, second, playing) =>
			peer.playLinear(interleaved(second && mixType === 'stereo' ? [first, second] : [first]), frameBytes, playing),
	};
}
