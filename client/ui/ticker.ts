const ticks = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Calls `tick` four times a second, all clocks of the page together; gives back what stops it. */
export function onTick(tick: () => void): () => void {
	ticks.add(tick);
	timer ??= setInterval(() => {
		for (const each of ticks) each();
	}, 250);
	return () => {
		ticks.delete(tick);
		if (ticks.size > 0) return;
		clearInterval(timer);
		timer = undefined;
	};
}

const drawnPerSecond = 20;
const calmTurns = 10;

/**
 * Calls `look` and then `draw` twenty times a second while the page is seen, `draw` only twice a second where less motion
 * is wished; gives back what stops both. A voice is measured no oftener, and a battery is somebody's.
 */
export function onFrame(look: () => void, draw: () => void): () => void {
	const calm = matchMedia('(prefers-reduced-motion: reduce)');
	let asked = 0;
	let turn = 0;
	let drawnAtMs = 0;
	const frame = (nowMs: number) => {
		asked = requestAnimationFrame(frame);
		// A little early rather than a picture late: screens do not keep our time.
		if (nowMs - drawnAtMs < 1000 / drawnPerSecond - 4) return;
		drawnAtMs = nowMs;
		turn += 1;
		look();
		if (!calm.matches || turn % calmTurns === 0) draw();
	};
	asked = requestAnimationFrame(frame);
	return () => cancelAnimationFrame(asked);
}
