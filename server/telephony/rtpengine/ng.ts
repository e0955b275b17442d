import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { bencode, type Dictionary, isDictionary, readBencode } from '#server/telephony/rtpengine/bencode.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** Where an rtpengine listens for control (`listen-ng`). */
export interface NgAddress {
	host: string;
	port: number;
}

/** When a request is sent again, counted from its first sending, and when its answer is no longer waited for. */
export const sentAgainMs = [250, 750, 1750];
export const answerWithinMs = 3500;
/** Requests under way at once; who comes beyond is told that the platform is busy. [B1] */
const maxWaiting = 1000;

/** What is asked of one rtpengine. */
export interface Ng {
	/**
	 * Rejects with a refusal: `platform.call-over` (it does not know the call), `.refused`, `.busy`, or `.unreachable`, and then it
	 * may have been done or not. Nothing of what was said is in them.
	 */
	ask(request: Dictionary & { command: string }): Promise<Dictionary>;
	/** What was asked and is not answered yet rejects. */
	close(): void;
}

/**
 * rtpengine's control protocol over UDP: a cookie, a space, a dictionary. The same cookie sent again is the same request: rtpengine
 * answers it as before and does nothing twice. Only who was asked knows the cookie: what comes with another one is not read.
 */
export function ng({ host, port }: NgAddress, clock: Clock): Ng {
	const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
	const waiting = new Map<string, { answered(answer: Dictionary): void; failed(refusal: Refusal): void }>();
	let isClosed = false;
	// An rtpengine that is away may be back before the request is sent again.
	socket.on('error', () => {});
	socket.on('message', (bytes) => {
		const space = bytes.indexOf(0x20);
		const one = waiting.get(bytes.toString('latin1', 0, Math.max(space, 0)));
		if (!one) return;
		const answer = readBencode(bytes.subarray(space + 1));
		if (isDictionary(answer)) one.answered(answer);
	});

	async function sending(request: Dictionary & { command: string }): Promise<Dictionary> {
		if (waiting.size >= maxWaiting) throw new Refusal('platform.busy');
		const cookie = randomBytes(8).toString('hex');
		const bytes = Buffer.from(`${cookie} ${bencode(request)}`);
		const stops: (() => void)[] = [];
		try {
			return await new Promise<Dictionary>((resolve, reject) => {
				waiting.set(cookie, { answered: resolve, failed: reject });
				const send = () => isClosed || socket.send(bytes, port, host, () => {});
				send();
				stops.push(...sentAgainMs.map((ms) => clock.after(ms, send)));
				stops.push(clock.after(answerWithinMs, () => reject(new Refusal('platform.unreachable'))));
			});
		} finally {
			waiting.delete(cookie);
			for (const stop of stops) stop();
		}
	}

	return {
		async ask(request) {
			if (isClosed) throw new Refusal('platform.unreachable');
			const answer = await sending(request);
			const { result, 'error-reason': reason } = answer;
			if (result === 'ok' || result === 'pong') return answer;
			// In words only; «call-id» in one command's, «call-ID» in another's.
			if (/^unknown call-?id$/i.test(String(reason))) throw new Refusal('platform.call-over');
			throw new Refusal('platform.refused', `rtpengine, “${request.command}”`);
		},
		close() {
			if (isClosed) return;
			isClosed = true;
			for (const one of waiting.values()) one.failed(new Refusal('platform.unreachable'));
			socket.close();
		},
	};
}
