import { arrivals } from '#client/audio/arrivals.ts';
import { concealment } from '#client/audio/concealment.ts';
import { drift } from '#client/audio/drift.ts';
import { isAlike, longestMs, periodAt } from '#client/audio/pitch.ts';
import { bitsOf, tracks } from '#client/audio/tracks.ts';
import { frameMs, type Level, type legs, parts, type SoundMessage, sampleRate } from '#shared/audio.ts';

/** An adaptive jitter buffer: messages in as they come, an even stream of samples out. Pure: its only clock is what is pulled. */
export interface Ring {
	push(message: SoundMessage): void;
	/** Writes the next `count` samples of each part (in the order of `parts`) into `outputs`. Always writes; silence when there is none. */
	pull(outputs: Float32Array[], count: number): void;
	/** Forgets what waits to be played, and the delay that was built up: what comes next is played as at the beginning. */
	hush(): void;
	readonly playing: boolean;
	readonly bufferMs: number;
	/** How often the buffer ran dry. */
	readonly underruns: number;
	/** Missed: jumped over, to be live again. */
	readonly missedMs: number;
	/** Left out of silence, or of speech by whole periods, to catch up; and repeated to gain time. */
	readonly droppedMs: number;
	readonly addedMs: number;
	/** Never came, or came too late. */
	readonly lostMs: number;
	/** Made up from what was before it, in place of what was not there. */
	readonly concealedMs: number;
	/** Media time of the next sample. */
	readonly mediaMs: number;
	/** What was said of the sound that is played now, while some is. */
	readonly told: Told | undefined;
	/** How much faster than the device's clock says samples should be pulled, in parts per million. */
	readonly ppm: number;
	/** What the next sample is: sound as it came, two places that are being joined, or what stands in for sound. */
	readonly made: 'as it came' | 'of two places' | 'of a stand-in';
}

/** What a message says beside its sound. */
export interface Told {
	/** Server time of the next sample, modulo 2^32. */
	serverMs: number;
	levels: Readonly<Record<(typeof legs)[number], Level>>;
	overtalk: boolean;
	frames: number;
}

/** Between the arrival that must be expected and its being played. Grows by half with each underrun, and back. */
const margin = { least: 20, most: 160, backEveryMs: 10_000, back: 0.8 };
/** How much later than the earliest arrival sound is waited for at all. */
const mostLate = 400;
/** More than this beyond what is wanted is the past: jump to live. */
const mostBehind = 800;
/** After a jump what else is in the burst says nothing about the network. */
const burst = 100;
/** Nothing is repeated to gain time above this. */
const mostStretched = 500;
/** A place further off than this is another time line, not a late or a lost message. */
const farOff = 1000;
/** That many messages in a row from before decide that the sender began anew; fewer are strays. */
const strayLimit = 5;
/** How far from the wish nothing is done about it, but by the clock's correction. */
const tolerated = { above: 20, below: 10 };
/** The piece dropped or repeated in silence, and how much silence it takes. */
const piece = 10;
const silence = 20;
/** In speech whole periods are dropped or repeated, once it has been this far off for so long. */
const inSpeech = { above: 40, below: 30, afterMs: 400 };
/** Of so many periods one is dropped or repeated: at most a fifth faster or slower. */
const oneOf = 5;
const tick = frameMs;
/** Two places of the sound are joined over this. */
const joint = 5;
/** What messages say is remembered for so many of them. */
const mostMarks = 64;

interface Mark {
	start: number;
	end: number;
	told: Told;
}

/**
 * Plays `margin` behind what `arrivals` expects: so the delay follows the measured spread. An underrun goes on with a
 * stand-in, then waits until there is enough again; nothing that came late is thrown away. Too much delay is dropped where
 * nobody speaks, then from speech by whole periods, so that no voice gets another pitch.
 */
export function ring(rate = sampleRate): Ring {
	const ms = (value: number) => (value * rate) / 1000;
	const sound = tracks(rate);
	const { msSamples } = sound;
	const late = arrivals(rate, ms(mostLate));
	const standIn = concealment(msSamples);
	const clock = drift();
	const marks: Mark[] = [];
	const last = new Float32Array(parts.length);
	/** The next sample to be played, and how many were asked for so far. */
	let at = 0;
	let pulled = 0;
	let known: { mediaMs: number; position: number } | undefined;
	let lastSequence = 0;
	let pushedAt = 0;
	let strays = 0;
	let unheardUntil = 0;
	let playing = false;
	/** After a start or a pause: begin at live, whatever has gathered. */
	let fresh = true;
	let starved = 0;
	let wish = ms(margin.least);
	let sinceUnderrun = 0;
	/** How long the delay has been off, and until when no period may be touched again. */
	let offFor = 0;
	let spliceAfter = 0;
	let untilTick = ms(tick);
	/** What is faded out after a jump: the sound from another place, or the stand-in. */
	let joinFrom = 0;
	let joinLeft = 0;
	let joinsStandIn = false;
	let standsIn = true;
	let underruns = 0;
	let missed = 0;
	let dropped = 0;
	let added = 0;
	let lost = 0;
	let concealed = 0;

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
		if (playing && !standsIn) {
			// In the middle of another such blend it is what was heard last that goes on, and fades.
			joinsStandIn = joinLeft > 0;
			if (joinsStandIn) standIn.begin(sound, at, last);
			joinFrom = at;
			joinLeft = ms(joint);
		}
		at = position;
	};
	const drop = (samples: number) => {
		dropped += samples;
		goTo(at + samples);
	};
	const repeat = (samples: number) => {
		added += samples;
		goTo(at - samples);
	};
	const jumpTo = (position: number) => {
		missed += position - at;
		goTo(position);
		unheardUntil = pulled + ms(burst);
		late.forget();
		clock.moved();
	};
	/** The first message after nothing was left: a hole, a pause of the call, or an underrun that ends. */
	const resume = (start: number, isNext: boolean) => {
		const hole = start - sound.end;
		// The call itself paused if media time went on about as long as nothing came, and no message is missing. [A3]
		if (isNext && hole > starved / 2 && starved >= ms(farOff)) return restart(start);
		if (starved > 0 && hole <= starved / 2) {
			underruns++;
			sinceUnderrun = 0;
			wish = Math.min(ms(margin.most), Math.round(wish * 1.5));
		}
		if (hole > 0) {
			lost += hole;
			at = start;
		}
		starved = 0;
	};

	/** A whole period out of speech, or one more: which voice it is does not change. */
	const splice = (toward: 1 | -1) => {
		if (pulled < spliceAfter) return;
		const period = periodAt(sound, at, toward);
		// What has no period (an s, noise) may be cut anywhere, once it has been waited for.
		if (!isAlike(period) && offFor < ms(2 * inSpeech.afterMs)) return;
		spliceAfter = pulled + (oneOf - 1) * period.lag;
		if (toward > 0) drop(period.lag);
		else repeat(period.lag);
	};
	const keepPace = () => {
		const expected = late.expected();
		if (expected === undefined) return;
		const excess = pulled - at - expected - wish;
		clock.seen(excess / msSamples);
		const ahead = sound.end - at;
		if (excess > ms(tolerated.above)) {
			offFor += ms(tick);
			if (ahead < ms(2 * silence)) return;
			if (sound.quiet(at, at + ms(silence))) drop(Math.min(ms(piece), Math.floor(excess)));
			else if (offFor >= ms(inSpeech.afterMs) && excess > ms(inSpeech.above)) splice(1);
			return;
		}
		if (excess < -ms(tolerated.below) && ahead < ms(mostStretched) && at - ms(2 * longestMs) >= sound.from) {
			offFor += ms(tick);
			if (sound.quiet(at - ms(piece), at + ms(piece))) repeat(ms(piece));
			else if (excess < -ms(inSpeech.below) && ahead > ms(2 * piece)) splice(-1);
			return;
		}
		offFor = 0;
	};

	const push = (message: SoundMessage) => {
		const length = ms(message.frames * frameMs);
		// Media time wraps at 2^32: the difference of two neighbours, as a signed number, does not care.
		let start = known ? known.position + ms((message.mediaMs - known.mediaMs) | 0) : 0;
		const before = start + length < at - ms(farOff);
		strays = before ? strays + 1 : 0;
		if (before && strays < strayLimit) return;
		const isNext = ((message.sequence - lastSequence) | 0) === 1;
		if (!known || before || start > sound.end + ms(farOff)) {
			// Messages are missing: no pause of the call, but an outage, and no longer one than nothing came.
			if (known && !before && !isNext) lost += Math.min(start - sound.end, pulled - pushedAt + ms(farOff));
			start = sound.end;
			restart(start);
		} else if (start < sound.from || sound.came(start, bitsOf(message))) return;
		known = { mediaMs: message.mediaMs, position: start };
		lastSequence = message.sequence;
		pushedAt = pulled;
		if (!playing && at >= sound.end && start >= sound.end && marks.length > 0) resume(start, isNext);
		if (pulled >= unheardUntil) late.came(pulled - start);
		if (start + length <= at) return;
		sound.write(start, message);
		const { serverMs, levels, overtalk = false, frames } = message;
		marks.push({ start, end: start + length, told: { serverMs, levels, overtalk, frames } });
		if (marks.length > mostMarks) marks.shift();
		const enough = wish + length;
		if (!playing && sound.end - at >= enough) {
			if (fresh) {
				at = Math.max(at, sound.end - enough);
				unheardUntil = pulled + ms(burst);
				late.forget();
			}
			playing = true;
			fresh = false;
		}
		const expected = late.expected();
		const wanted = expected === undefined ? wish : Math.max(wish, expected + wish - (pulled - start));
		if (sound.end - at > wanted + ms(mostBehind)) jumpTo(sound.end - enough);
	};

	const markAt = () => {
		for (let n = marks.length - 1; n >= 0; n--) {
			const mark = marks[n] as Mark;
			if (at >= mark.start && at < mark.end) return mark;
		}
		return undefined;
	};

	/** Decides for the next sample what it is made of. */
	const look = () => {
		if (playing && at >= sound.end) playing = false;
		if (playing && --untilTick <= 0) {
			untilTick = ms(tick);
			if (joinLeft === 0 && !standsIn) keepPace();
		}
		const isThere = playing && sound.came(at);
		if (playing && !isThere && at % msSamples === 0) lost += msSamples;
		if (!isThere && !standsIn) {
			standIn.begin(sound, at, last);
			standsIn = true;
			joinLeft = 0;
		} else if (isThere && standsIn) {
			standsIn = false;
			joinLeft = ms(joint);
			joinsStandIn = true;
		}
		if (!playing && at >= sound.end) starved++;
	};

	const pull = (outputs: Float32Array[], count: number) => {
		pulled += count;
		late.passed(count);
		sinceUnderrun += count;
		if (sinceUnderrun >= ms(margin.backEveryMs)) {
			sinceUnderrun = 0;
			wish = Math.max(ms(margin.least), Math.round(wish * margin.back));
		}
		for (let i = 0; i < count; i++) {
			look();
			const old = joinLeft > 0 ? joinLeft / ms(joint) : 0;
			for (let part = 0; part < last.length; part++) {
				let one = standsIn ? standIn.sample(part) : sound.sample(part, at);
				if (old > 0) one = one * (1 - old) + (joinsStandIn ? standIn.sample(part) : sound.sample(part, joinFrom)) * old;
				last[part] = one;
				(outputs[part] as Float32Array)[i] = one;
			}
			if (standsIn && !standIn.isSilent) concealed++;
			if (standsIn || (old > 0 && joinsStandIn)) standIn.step();
			if (joinLeft > 0) joinLeft--;
			joinFrom++;
			if (playing) at++;
		}
	};

	return {
		push,
		pull,
		hush() {
			restart(sound.end);
			wish = ms(margin.least);
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
		get missedMs() {
			return missed / msSamples;
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
		get concealedMs() {
			return concealed / msSamples;
		},
		get mediaMs() {
			return known ? known.mediaMs + (at - known.position) / msSamples : 0;
		},
		get told() {
			const mark = playing ? markAt() : undefined;
			return mark && { ...mark.told, serverMs: mark.told.serverMs - (mark.end - at) / msSamples };
		},
		get ppm() {
			return clock.ppm;
		},
		get made() {
			if (standsIn || (joinLeft > 0 && joinsStandIn)) return 'of a stand-in';
			return joinLeft > 0 ? 'of two places' : 'as it came';
		},
	};
}
