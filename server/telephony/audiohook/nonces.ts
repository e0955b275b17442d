import { maxAgeMs, skewMs } from '#server/telephony/audiohook/signature.ts';
import type { Clock } from '#shared/clock.ts';

/** How long a nonce is remembered: as long as a signature made with it could still be taken. */
export const rememberedMs = maxAgeMs + 2 * skewMs;
/** How many are remembered at most: a call's session needs one, so this is thousands of new sessions a second. */
export const maxNonces = 50_000;

/** The nonces of signatures that were taken, so that none is taken twice. */
export interface Nonces {
	/** False for one that was used, and for any while as many are remembered as may be: newcomers lose, for a forgotten nonce could be played again. [B1] */
	use(keyId: string, nonce: string): boolean;
}

export function nonces({ now }: Pick<Clock, 'now'>, most = maxNonces): Nonces {
	/** Until when each is remembered, oldest first. */
	const used = new Map<string, number>();
	return {
		use(keyId, nonce) {
			for (const [one, untilMs] of used) {
				if (untilMs > now()) break;
				used.delete(one);
			}
			const name = `${keyId} ${nonce}`;
			if (used.has(name) || used.size >= most) return false;
			used.set(name, now() + rememberedMs);
			return true;
		},
	};
}
