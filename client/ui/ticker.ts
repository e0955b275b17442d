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

/**
 * Calls `look` with each picture the screen shows and `draw` after it, or only twice a second where less motion is
 * wished; gives back what stops both.
 */
export function onFrame(look: () => void, draw: () => void): () => void {
	const calm = matchMedia('(prefers-reduced-motion: reduce)');
	let asked = 0;
	let turn = 0;
	const frame = () => {
		turn += 1;
		look();
		if (!calm.matches || turn % 30 === 0) draw();
		asked = requestAnimationFrame(frame);
	};
	asked = requestAnimationFrame(frame);
	return () => cancelAnimationFrame(asked);
}
