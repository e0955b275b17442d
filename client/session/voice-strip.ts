import { onFrame } from '#client/ui/ticker.ts';

/** How much of the past a strip shows, and in how many bars. */
export const stripMs = 20_000;
const barCount = 100;
const barMs = stripMs / barCount;

/** The loudest moment of each bar's time, for the last twenty seconds of one voice. */
export interface VoiceHistory {
	/** Notes a level from 0 to 1 at a time that never runs backwards. */
	note(level: number, atMs: number): void;
	/** The bar that was `back` bars ago at `atMs`: 0 to 1. */
	bar(back: number, atMs: number): number;
}

export function voiceHistory(): VoiceHistory {
	const peaks = new Float32Array(barCount + 2);
	let newest = -1;
	const place = (index: number) => index % peaks.length;
	return {
		note(level, atMs) {
			const index = Math.floor(atMs / barMs);
			// A hidden tab draws nothing: what it did not look at stays empty.
			if (newest < 0 || index - newest >= peaks.length) peaks.fill(0);
			else for (let gap = newest + 1; gap <= index; gap++) peaks[place(gap)] = 0;
			newest = Math.max(newest, index);
			peaks[place(newest)] = Math.max(peaks[place(newest)] ?? 0, level);
		},
		bar(back, atMs) {
			const index = Math.floor(atMs / barMs) - back;
			return index < 0 || index > newest || newest - index >= peaks.length ? 0 : (peaks[place(index)] ?? 0);
		},
	};
}

/** The level under which a voice has no height: the noise of a quiet room on a telephone line. */
const floor = 0.2;
/** How tall a bar is, 0 to 1. Levels are even in decibels already; the curve keeps speech from filling the strip. */
export const heightOf = (level: number) => (Math.max(0, Math.min(1, level) - floor) / (1 - floor)) ** 1.7;

/** Draws a voice's last twenty seconds on a canvas, newest at the right, until the function it gives back is called. */
export function drawStrip(canvas: HTMLCanvasElement, level: () => number): () => void {
	const pen = canvas.getContext('2d');
	const history = voiceHistory();
	if (!pen) return () => {};
	const resized = new ResizeObserver(() => {
		canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
		canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
	});
	resized.observe(canvas);
	// Asked once a second, not per picture: the theme may change, and asking costs a style calculation.
	let colour = '';
	let colourAtMs = 0;
	const look = () => history.note(level(), performance.now());
	const draw = () => {
		const nowMs = performance.now();
		if (nowMs - colourAtMs > 1000) {
			colour = getComputedStyle(canvas).color;
			colourAtMs = nowMs;
		}
		const { width, height } = canvas;
		const pitch = width / barCount;
		const thick = Math.max(1, pitch * 0.55);
		const shift = ((nowMs % barMs) / barMs) * pitch;
		pen.clearRect(0, 0, width, height);
		pen.fillStyle = colour;
		for (let back = 0; back <= barCount; back++) {
			const tall = heightOf(history.bar(back, nowMs));
			const size = Math.max(thick, tall * height * 0.94);
			const x = width - (back + 1) * pitch + (pitch - shift);
			pen.globalAlpha = tall === 0 ? 0.28 : 0.55 + 0.45 * (1 - back / barCount);
			pen.beginPath();
			pen.roundRect(x, (height - size) / 2, thick, size, thick / 2);
			pen.fill();
		}
	};
	const stop = onFrame(look, draw);
	return () => {
		stop();
		resized.disconnect();
	};
}
