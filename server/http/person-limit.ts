import { type Bucket, tokenBucket } from '#server/live/token-bucket.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** A limit for each person: `perSecond` in the long run, `burst` at once. Refuses with `request.too-many`. */
export function personLimit(perSecond: number, burst: number, now: () => number): (person: Person) => void {
	const limit = keyedLimit(perSecond, burst, now);
	return ({ id }) => limit(id);
}

/** The same for each of any names that are known here, so that there are not many. */
export function keyedLimit(perSecond: number, burst: number, now: () => number): (name: string) => void {
	const buckets = new Map<string, Bucket>();
	return (name) => {
		const bucket = buckets.get(name) ?? tokenBucket(perSecond, burst, now);
		buckets.set(name, bucket);
		if (!bucket.take()) throw new Refusal('request.too-many');
	};
}
