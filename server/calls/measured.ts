import { dbfsOf, peakAt } from '#server/audio/tone.ts';
import {
	type SignalLeg,
	signalFrames,
	signalHz,
	signalLegs,
	signalPeak,
	signalSounds,
} from '#server/calls/known-signal.ts';
import { frameBytes, frameMs, rateOf, type SoundMessage } from '#shared/audio.ts';
import { tableOf } from '#shared/g711.ts';
import type { TestCallResult } from '#shared/gateways.ts';

export interface MeasuredNeeds {
	/** When each frame of the signal was sent, as far as it was. */
	sentAtMs: readonly number[];
	frames: HeardFrames;
	/** One sound with everybody in it is all this platform has. */
	isMix: boolean;
}

/** A tone this much weaker than it was sent is not there: 30 dB. */
const audiblePeak = signalPeak / 10 ** (30 / 20);
/** How far a level may be from what was sent. µ-law, A-law and 16-bit samples stay within one. */
const toleranceDb = 3;
/** Of the signal’s frames, how many must be heard for the test to pass, and to know the signal at all. */
const mostFrames = 0.97;
const knownFrames = 0.7;

type Peaks = Record<SignalLeg, number>;
/** 20 ms of sound as a listener got them. */
interface HeardFrame {
	atMs: number;
	/** By the leg it was heard on, how strong each voice's tone was. */
	on: Partial<Record<SignalLeg, Peaks>>;
	/** Whether either tone sounds on any leg. */
	sounds: boolean;
}

/** Every frame that was heard, by its place on the call's time line. */
export type HeardFrames = Map<number, HeardFrame>;

/** What came of a test call, from what was sent when and what was heard when. */
export function measured({ sentAtMs, frames, isMix }: MeasuredNeeds): Omit<TestCallResult, 'tookMs'> {
	const sentMs = sentAtMs.length * frameMs;
	const sentDbfs = rounded(dbfsOf(signalPeak));
	const none = signalLegs.map((leg) => ({ leg, sentDbfs }));
	if (frames.size === 0)
		return { passed: false, why: 'Nothing was heard.', legs: none, order: 'missing', sentMs, heardMs: 0 };
	const place = placeOf(frames);
	if (place === undefined)
		return {
			passed: false,
			why: 'Something was heard, but not the sound that was sent.',
			legs: none,
			order: 'missing',
			sentMs,
			heardMs: frames.size * frameMs,
		};

	const delays: number[] = [];
	for (const [index, atMs] of sentAtMs.entries()) {
		const frame = frames.get(place + index);
		if (frame) delays.push(frame.atMs - atMs);
	}
	const heardMs = delays.length * frameMs;
	const peaks = steadyPeaks(frames, place);
	const isHeard = (leg: SignalLeg, on: SignalLeg) => (peaks[on]?.[leg] ?? 0) > audiblePeak;
	const order = orderOf(isHeard);
	const legs = signalLegs.map((leg) => {
		const strongest = Math.max(...signalLegs.map((on) => peaks[on]?.[leg] ?? 0));
		return strongest > audiblePeak ? { leg, sentDbfs, heardDbfs: rounded(dbfsOf(strongest)) } : { leg, sentDbfs };
	});
	const delayMs = rounded(delays.toSorted((one, other) => one - other)[Math.floor(delays.length / 2)] ?? 0);
	const why = whyNot({ legs, order, isMix, heardMs, sentMs });
	return { passed: why === undefined, ...(why ? { why } : {}), legs, order, delayMs, sentMs, heardMs };
}

/**
 * Takes down a message as it is heard. What costs is done here, a little with each, so that nobody's sound waits for it at
 * the end.
 */
export function takeDown(frames: HeardFrames, atMs: number, message: SoundMessage): void {
	const { codec, parts } = message;
	const size = frameBytes(codec);
	const table = tableOf[codec];
	for (let place = 0; place < message.frames; place++) {
		const frame: HeardFrame = { atMs, on: {}, sounds: false };
		for (const leg of signalLegs) {
			const bytes = parts[leg]?.subarray(place * size, (place + 1) * size);
			if (!bytes) continue;
			const samples = Int16Array.from(bytes, (byte) => table[byte] as number);
			const peaks = {
				customer: peakAt(samples, signalHz.customer, rateOf[codec]),
				agent: peakAt(samples, signalHz.agent, rateOf[codec]),
			};
			frame.on[leg] = peaks;
			frame.sounds ||= Math.max(peaks.customer, peaks.agent) > signalPeak / 2;
		}
		frames.set(Math.round(message.mediaMs / frameMs) + place, frame);
	}
}

/** On which frame the signal's first fell: where its pattern fits best. Undefined where it fits nowhere. */
function placeOf(frames: Readonly<HeardFrames>): number | undefined {
	const places = [...frames.keys()];
	let best: { place: number; fits: number } | undefined;
	for (let place = Math.min(...places) - signalFrames; place <= Math.max(...places); place++) {
		let fits = 0;
		for (const [index, sounds] of signalSounds.entries()) {
			const frame = frames.get(place + index);
			if (frame?.sounds === sounds) fits++;
		}
		if (fits > (best?.fits ?? 0)) best = { place, fits };
	}
	return best && best.fits >= signalFrames * knownFrames ? best.place : undefined;
}

/** How strong each tone was on each leg, in frames that sound from one end to the other wherever they were cut: the median. */
function steadyPeaks(frames: Readonly<HeardFrames>, place: number): Partial<Record<SignalLeg, Peaks>> {
	const found: Partial<Record<SignalLeg, Peaks>> = {};
	for (const on of signalLegs) {
		const steady: Peaks[] = [];
		for (const [index, sounds] of signalSounds.entries()) {
			if (!sounds || !signalSounds[index - 1] || !signalSounds[index + 1]) continue;
			const peaks = frames.get(place + index)?.on[on];
			if (peaks) steady.push(peaks);
		}
		if (steady.length > 0)
			found[on] = {
				customer: median(steady.map((one) => one.customer)),
				agent: median(steady.map((one) => one.agent)),
			};
	}
	return found;
}

function orderOf(isHeard: (leg: SignalLeg, on: SignalLeg) => boolean): TestCallResult['order'] {
	const [own, other] = [isHeard('customer', 'customer'), isHeard('agent', 'agent')];
	const [crossed, crossedToo] = [isHeard('customer', 'agent'), isHeard('agent', 'customer')];
	if (own && other && !crossed && !crossedToo) return 'right';
	if (crossed && crossedToo && !own && !other) return 'swapped';
	if ((own && crossedToo) || (other && crossed)) return 'mixed';
	return 'missing';
}

interface Found extends Pick<TestCallResult, 'legs' | 'order' | 'heardMs' | 'sentMs'> {
	isMix: boolean;
}

function whyNot({ legs, order, isMix, heardMs, sentMs }: Found): string | undefined {
	const lost = legs.find(({ heardDbfs }) => heardDbfs === undefined);
	if (lost) return `The ${lost.leg} was not heard.`;
	if (order === 'swapped') return 'Customer and agent change places.';
	if (order === 'mixed' && !isMix) return 'Customer and agent are in one sound, and should be apart.';
	if (order === 'missing') return 'One of the voices is not on its own leg.';
	const off = legs.find(({ heardDbfs = 0, sentDbfs }) => Math.abs(heardDbfs - sentDbfs) > toleranceDb);
	if (off && !isMix) return `The ${off.leg} is heard ${off.heardDbfs} dBFS loud, and was sent with ${off.sentDbfs}.`;
	if (heardMs < sentMs * mostFrames) return `${sentMs - heardMs} ms of ${sentMs} are missing.`;
	return undefined;
}

const median = (values: readonly number[]) =>
	values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
const rounded = (value: number) => Math.round(value * 10) / 10;
