import { createHash, timingSafeEqual } from 'node:crypto';
import { type Media, mediaWithinMs } from '#server/telephony/asterisk/media.ts';
import type { MediaFormat } from '#server/telephony/asterisk/settings.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** Legs that were asked for and have not come: each is good once, and not for long. At most a few for each call. [B1] */
export interface AwaitedLegs {
	expect(secret: string, format: MediaFormat): { opened: Promise<Media>; forget(): void };
	claim(secret: string): { format: MediaFormat; started: (media: Media) => void } | undefined;
}

export function awaitedLegs(clock: Clock): AwaitedLegs {
	const awaited = new Set<{ hash: Buffer; format: MediaFormat; started: (media: Media) => void }>();
	return {
		expect(secret, format) {
			const { promise: opened, resolve, reject } = Promise.withResolvers<Media>();
			// Who gives up does not look any more.
			opened.catch(() => {});
			const one = { hash: hashOf(secret), format, started: resolve };
			awaited.add(one);
			const forget = () => {
				stop();
				awaited.delete(one);
				reject(new Refusal('platform.no-line'));
			};
			const stop = clock.after(mediaWithinMs, forget);
			opened.finally(stop).catch(() => {});
			return { opened, forget };
		},
		claim(secret) {
			const hash = hashOf(secret);
			for (const one of awaited) {
				if (!timingSafeEqual(one.hash, hash)) continue;
				awaited.delete(one);
				return one;
			}
			return undefined;
		},
	};
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest();
