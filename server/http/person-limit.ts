import { type Bucket, tokenBucket } from '#server/live/token-bucket.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** A limit for each person: `perSecond` in the long run, `burst` at once. Refuses with `request.too-many`. */
export function personLimit(perSecond: number, burst: number, now: () => number): (person: Person) => void {
	/** One a person, so at most as many as are known here. */
	const buckets = new Map<string, Bucket>();
	return ({ id }) => {
		const bucket = buckets.get(id) ?? tokenBucket(perSecond, burst, now);
		buckets.set(id, bucket);
		if (!bucket.take()) throw new Refusal('request.too-many');
	};
}
