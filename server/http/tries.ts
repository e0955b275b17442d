import { isIPv6 } from 'node:net';
import { type Bucket, tokenBucket } from '#server/live/token-bucket.ts';
import { Refusal } from '#shared/refusals.ts';

/** How often one key may try: `burst` at once, then `perSecond`. */
interface Rate {
	perSecond: number;
	burst: number;
}

/** A person's name, known or not: ten tries, then one a minute. That many guesses find no password that is let through. */
const ofPerson: Rate = { perSecond: 1 / 60, burst: 10 };
/** An address: a whole team may be behind it when the day begins. */
const ofAddress: Rate = { perSecond: 1, burst: 60 };
/** Names and addresses remembered, each; beyond, the one that tried longest ago is forgotten. [B1] */
const mostKept = 10_000;

/** Counts tries to get in. Each refuses with `access.too-many-tries`. [I3] */
export interface Tries {
	byPerson(name: string): void;
	/** `address` as the socket tells it: an IPv6 network counts as one. */
	byAddress(address: string): void;
}

export function tries(now: () => number): Tries {
	const limit = ({ perSecond, burst }: Rate) => {
		const buckets = new Map<string, Bucket>();
		return (key: string) => {
			const bucket = buckets.get(key) ?? tokenBucket(perSecond, burst, now);
			// Put in again, so that the first is always the one that tried longest ago.
			buckets.delete(key);
			buckets.set(key, bucket);
			const [oldest] = buckets.keys();
			if (buckets.size > mostKept && oldest !== undefined) buckets.delete(oldest);
			if (!bucket.take()) throw new Refusal('access.too-many-tries');
		};
	};
	const byAddress = limit(ofAddress);
	return { byPerson: limit(ofPerson), byAddress: (address) => byAddress(networkOf(address)) };
}

/** The first 64 bits of an IPv6 address, which is what one household or host has; any other address whole. */
function networkOf(address: string): string {
	if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
	const [before = '', after] = address.split('::');
	const [head, tail] = [before.split(':'), after === undefined ? [] : after.split(':')];
	const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
	return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}
