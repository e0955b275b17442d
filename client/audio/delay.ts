/** How long ago the server had the sound that leaves the speaker now. */
export interface DelaySeen {
	/** Server time of the sample that left the worklet, modulo 2^32, and the context's time when it did. */
	serverMs: number;
	contextMs: number;
	/** Now: by the server's clock, and by the context's. */
	serverNowMs: number;
	contextNowMs: number;
	/** From the context to the ear, as the browser says. */
	outputMs: number;
}

/** The measured delay in ms; undefined when the clocks cannot be right (they disagree by more than a minute). */
export function soundDelayMs({
	serverMs,
	contextMs,
	serverNowMs,
	contextNowMs,
	outputMs,
}: DelaySeen): number | undefined {
	const leftAtMs = serverNowMs - Math.max(0, contextNowMs - contextMs);
	// The server's time comes modulo 2^32: as a signed difference it is small again.
	const ms = (Math.round(leftAtMs - serverMs) | 0) + Math.round(outputMs);
	return ms > -60_000 && ms < 60_000 ? Math.max(0, ms) : undefined;
}

/** What can go wrong with sound, counted since the beginning. */
export interface Trouble {
	underruns: number;
	lostMs: number;
	missedMs: number;
}

/** A word for the last ten seconds, from what happened in them and how far behind the sound is now. */
export function qualityOf(
	before: Trouble,
	now: Trouble,
	bufferMs: number,
	delayMs: number | undefined,
): 'good' | 'fair' | 'poor' {
	const underruns = now.underruns - before.underruns;
	const lostMs = now.lostMs - before.lostMs;
	const missedMs = now.missedMs - before.missedMs;
	if (underruns > 2 || lostMs > 400 || (delayMs ?? 0) > 1500) return 'poor';
	if (underruns > 0 || lostMs > 40 || missedMs > 300 || bufferMs > 300 || (delayMs ?? 0) > 600) return 'fair';
	return 'good';
}
