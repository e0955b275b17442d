import { type Dialect, Malformed, maxTimestampMs, type Track } from '#server/telephony/media-streams/dialect.ts';
import type { Media } from '#server/telephony/media-streams/messages.ts';

/** As long as stamps are no further than this from where the pieces' numbers put them, they are jitter. (protocols.md 7.2) */
const toleranceMs = 40;

/** Where a piece of this many samples begins, in samples since the call's start. Throws `Malformed` for an impossible time. */
export type Place = (message: Media, samples: number) => number;

/**
 * The one time line of a stream's two tracks. Platforms that promise no order, or stamp what they send with the time of day,
 * number their pieces: then a piece belongs right behind the one before it in number, and the stamps say where sound goes on
 * when pieces are missing. What comes out of order is put in order behind the port, by this place.
 */
export function streamPlace({ placedBy }: Pick<Dialect, 'placedBy'>, rate: number): Place {
	if (placedBy === 'start') return ({ timestampMs }) => (timestampMs * rate) / 1000;
	let originMs = placedBy === 'chunk' ? 0 : undefined;
	const last: Partial<Record<Track, { chunk: number; at: number; samples: number }>> = {};
	const tolerance = (toleranceMs * rate) / 1000;

	return ({ track, timestampMs, chunk }, samples) => {
		originMs ??= timestampMs;
		if (Math.abs(timestampMs - originMs) > maxTimestampMs) throw new Malformed('media.timestamp is impossible');
		const stamped = ((timestampMs - originMs) * rate) / 1000;
		if (chunk === undefined) return stamped;
		const known = last[track];
		const numbered = known && known.at + (chunk - known.chunk) * (chunk > known.chunk ? known.samples : samples);
		const at = numbered !== undefined && Math.abs(numbered - stamped) <= tolerance ? numbered : stamped;
		if (!known || chunk > known.chunk) last[track] = { chunk, at, samples };
		return at;
	};
}
