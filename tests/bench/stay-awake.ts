/** A turn of the event loop that does nothing takes a few µs; one that takes longer has read or sent something. */
const idleTurnMs = 0.01;

/** Keeps the event loop turning and tells how long it was at work; gives back what ends that. */
export function stayAwake(worked: (ms: number) => void): () => void {
	let on = true;
	let beforeMs = performance.now();
	const turn = () => {
		const nowMs = performance.now();
		if (nowMs - beforeMs > idleTurnMs) worked(nowMs - beforeMs);
		beforeMs = nowMs;
		if (on) setImmediate(turn);
	};
	turn();
	return () => {
		on = false;
	};
}
