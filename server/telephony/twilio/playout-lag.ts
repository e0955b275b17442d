import type { Clock } from '#shared/clock.ts';

/** How often it is asked how far Twilio has come: after every half second of sound. */
export const markEveryFrames = 25;
/** How late the customer may hear what is said, the way there and the mark's way back included. */
export const maxLagMs = 1000;

/**
 * How late Twilio plays what it is sent. It plays everything, in order: what the network once held up makes all that
 * comes after it late, until it is told to forget. Where marks never come back nothing is known, and nothing is forgotten.
 */
export interface PlayoutLag {
	/** A frame was sent; gives back the mark to be sent after it, where one is due. */
	said(): string | undefined;
	played(mark: string): void;
	/** Twilio was told to forget: what it has not played will never be late. */
	cleared(): void;
	/** Whether what is sent now would be heard too late. */
	isTooLong(): boolean;
}

export function playoutLag(clock: Clock): PlayoutLag {
	/** Marks that are out, oldest first; at most four, for no more are sent meanwhile. [B1] */
	const out = new Map<string, number>();
	let frames = 0;
	let hasComeBack = false;
	return {
		said() {
			frames++;
			if (frames % markEveryFrames !== 0 || out.size >= maxOut) return undefined;
			const mark = String(frames);
			out.set(mark, clock.now());
			return mark;
		},
		played(mark) {
			hasComeBack = out.delete(mark) || hasComeBack;
		},
		cleared: () => out.clear(),
		isTooLong() {
			const [oldestMs] = out.values();
			return hasComeBack && oldestMs !== undefined && clock.now() - oldestMs > maxLagMs;
		},
	};
}

const maxOut = 4;
