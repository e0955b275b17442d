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

const drawnPerSecond = 12;
const calmTurns = 6;

/**
 * Calls `look` and then `draw` twelve times a second while the page is seen, `draw` only twice a second where less motion
 * is wished; gives back what stops both. A bar stands for a fifth of a second, and a battery is somebody's.
 */
export function onFrame(look: () => void, draw: () => void): () => void {
	const calm = matchMedia('(prefers-reduced-motion: reduce)');
	let asked = 0;
	let turn = 0;
	const frame = () => {
		turn += 1;
		look();
		if (!calm.matches || turn % calmTurns === 0) draw();
	};
	// A timer, and a picture only then: one that is asked for with each of the screen's costs as much as drawing it.
	const timer = setInterval(() => {
		cancelAnimationFrame(asked);
		asked = requestAnimationFrame(frame);
	}, 1000 / drawnPerSecond);
	return () => {
		clearInterval(timer);
		cancelAnimationFrame(asked);
	};
}
