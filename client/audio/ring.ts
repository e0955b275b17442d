import { spread } from '#client/audio/spread.ts';
import { bitsOf, msSamples, tracks } from '#client/audio/tracks.ts';
import { frameSamples, legs, type SoundMessage, sampleRate } from '#shared/audio.ts';

/** An adaptive jitter buffer: messages in as they come, an even stream of samples out. Pure: its only clock is what is pulled. */
export interface Ring {
	push(message: SoundMessage): void;
	/** Writes the next `count` samples of each leg (in the order of `legs`) into `outputs`. Always writes; silence when there is none. */
	pull(outputs: Float32Array[], count: number): void;
	/** Forgets what waits to be played, and the delay that was built up: what comes next is played as at the beginning. */
	hush(): void;
	readonly playing: boolean;
	readonly bufferMs: number;
	readonly underruns: number;
	/** Skipped to catch up. */
	readonly droppedMs: number;
	/** Repeated to gain time. */
	readonly addedMs: number;
	/** Played as silence because it never came, or came too late. */
	readonly lostMs: number;
	/** Media time of the next sample. */
	readonly mediaMs: number;
	/** Server time of the next sample, modulo 2^32, while one is there. */
	readonly serverMs: number | undefined;
}

const ms = (value: number) => value * msSamples;
/** Between the latest arrival of the last twenty seconds and its being played. Grows by half with each underrun, and back. */
const margin = { least: ms(40), most: ms(160), backEvery: ms(10_000), back: 0.8 };
/** More than this waiting is delay without use: jump to live. */
const mostBuffered = ms(500);
/** After a jump what else is in the burst says nothing about the network. */
const burst = ms(100);
/** Nothing is repeated to gain time above this. */
const mostStretched = ms(300);
/** A place further off than this is another time line, not a late or a lost message. */
const farOff = sampleRate;
/** That many messages in a row from before decide that the sender began anew; fewer are strays. */
const strayLimit = 5;
/** How far from the wish nothing is done about it. */
const slackTolerated = { above: ms(20), below: ms(10) };
/** The piece dropped or repeated in silence, and how much silence it takes. */
const piece = ms(10);
const silence = ms(20);
/** This long behind without any silence: drop a piece of this size from speech, one every half second. */
const impatient = { after: ms(4_000), every: ms(500), behind: ms(40), piece: ms(20) };
const tick = ms(20);
/** Two places of the sound are joined over 5 ms. */
const joint = ms(5);
/** What is left of the last sample one sample later, when the sound stops short: out within 10 ms, without a click. */
const dying = 0.94;

/**
 * Plays `margin` behind the latest arrival of the last twenty seconds: so the delay follows the measured spread. An
 * underrun waits until there is enough again; too much delay is dropped where nobody speaks, too little is made up there.
 */
export function ring(): Ring {
	const sound = tracks();
	const late = spread(20, sampleRate);
	const marks: { start: number; end: number; serverMs: number }[] = [];
	const last = legs.map(() => 0);
	/** The next sample to be played, and how many were asked for so far. */
	let at = 0;
	let pulled = 0;
	let known: { mediaMs: number; position: number } | undefined;
	let strays = 0;
	let unheardUntil = 0;
	let playing = false;
	/** After a start or a pause: begin at live, whatever has gathered. */
	let fresh = true;
	let starved = 0;
	let wish = margin.least;
	let sinceUnderrun = 0;
	let behind = 0;
	let untilTick = tick;
	let joinFrom = 0;
	let joinLeft = 0;
	let rise = 0;
	let underruns = 0;
	let dropped = 0;
	let added = 0;
	let lost = 0;

	const restart = (position: number) => {
		sound.restart(position);
		at = position;
		marks.length = 0;
		late.forget();
		playing = false;
		fresh = true;
		starved = 0;
	};
	/** Goes on at another place; the two are blended so that it does not click. */
	const goTo = (position: number) => {
		if (position > at) dropped += position - at;
		else added += at - position;
		joinFrom = at;
		joinLeft = playing ? joint : 0;
		at = position;
	};
	/** The first message after nothing was left: a hole, a pause of the call, or an underrun that ends. */
	const resume = (start: number) => {
		const hole = start - sound.end;
		// The call itself paused if media time went on about as long as nothing came.
		if (hole > starved / 2 && starved >= farOff) return restart(start);
		if (starved > 0 && hole <= starved / 2) {
			underruns++;
			sinceUnderrun = 0;
			wish = Math.min(margin.most, Math.round(wish * 1.5));
		}
		if (hole > 0) {
			lost += hole;
			sound.restart(start);
			at = start;
		}
		starved = 0;
	};

	const keepPace = () => {
		const latest = late.latest();
		if (latest === undefined) return;
		const excess = pulled - at - latest - wish;
		if (excess > slackTolerated.above) {
			behind += tick;
			const skip = Math.min(piece, Math.floor(excess));
			const inSpeech = behind >= impatient.after && excess > impatient.behind && behind % impatient.every < tick;
			if (sound.end - at < 2 * silence) return;
			if (sound.quiet(at, at + silence)) goTo(at + skip);
			else if (inSpeech) goTo(at + impatient.piece);
			return;
		}
		behind = 0;
		const room = sound.end - at < mostStretched && at - piece >= sound.from;
		if (excess < -slackTolerated.below && room && sound.quiet(at - piece, at + piece)) goTo(at - piece);
	};

	const push = (message: SoundMessage) => {
		const length = message.frames * frameSamples;
		// Media time wraps at 2^32: the difference of two neighbours, as a signed number, does not care.
		let start = known ? known.position + ms((message.mediaMs - known.mediaMs) | 0) : 0;
		const before = start + length < at - farOff;
		strays = before ? strays + 1 : 0;
		if (before && strays < strayLimit) return;
		if (!known || before || start > sound.end + farOff) {
			start = sound.end;
			restart(start);
		} else if (start < sound.from || sound.came(start, bitsOf(message))) return;
		known = { mediaMs: message.mediaMs, position: start };
		if (!playing && at >= sound.end && start >= sound.end && marks.length > 0) resume(start);
		if (pulled >= unheardUntil) late.arrived(pulled - start);
		if (start + length <= at) return;
		sound.write(start, message);
		marks.push({ start, end: start + length, serverMs: message.serverMs });
		if (marks.length > 64) marks.shift();
		const enough = wish + length;
		if (!playing && sound.end - at >= enough) {
			if (fresh) {
				at = Math.max(at, sound.end - enough);
				unheardUntil = pulled + burst;
				late.forget();
			}
			playing = true;
			fresh = false;
			rise = joint;
		}
		if (sound.end - at > mostBuffered) {
			goTo(sound.end - enough);
			unheardUntil = pulled + burst;
			late.forget();
		}
	};

	const pull = (outputs: Float32Array[], count: number) => {
		pulled += count;
		late.passed(count);
		sinceUnderrun += count;
		if (sinceUnderrun >= margin.backEvery) {
			sinceUnderrun = 0;
			wish = Math.max(margin.least, Math.round(wish * margin.back));
		}
		for (let i = 0; i < count; i++) {
			if (playing && at >= sound.end) {
				playing = false;
				joinLeft = 0;
			}
			if (!playing) {
				if (at >= sound.end) starved++;
				for (let leg = 0; leg < last.length; leg++) {
					last[leg] = (last[leg] as number) * dying;
					(outputs[leg] as Float32Array)[i] = last[leg] as number;
				}
				continue;
			}
			if (--untilTick <= 0) {
				untilTick = tick;
				if (joinLeft === 0) keepPace();
			}
			if (at % msSamples === 0 && !sound.came(at)) lost += msSamples;
			const gain = rise > 0 ? 1 - rise-- / joint : 1;
			const old = joinLeft > 0 ? joinLeft-- / joint : 0;
			for (let leg = 0; leg < last.length; leg++) {
				const one = sound.sample(leg, at) * (1 - old) + (old > 0 ? sound.sample(leg, joinFrom) * old : 0);
				last[leg] = one * gain;
				(outputs[leg] as Float32Array)[i] = last[leg] as number;
			}
			at++;
			joinFrom++;
		}
	};

	return {
		push,
		pull,
		hush() {
			restart(sound.end);
			wish = margin.least;
		},
		get playing() {
			return playing;
		},
		get bufferMs() {
			return Math.max(0, sound.end - at) / msSamples;
		},
		get underruns() {
			return underruns;
		},
		get droppedMs() {
			return dropped / msSamples;
		},
		get addedMs() {
			return added / msSamples;
		},
		get lostMs() {
			return lost / msSamples;
		},
		get mediaMs() {
			return known ? known.mediaMs + (at - known.position) / msSamples : 0;
		},
		get serverMs() {
			const mark = playing ? marks.find((one) => at >= one.start && at < one.end) : undefined;
			return mark && mark.serverMs - (mark.end - at) / msSamples;
		},
	};
}
