import { type FromPlayout, type PlayerStats, playoutName, type ToPlayout } from '#client/audio/playout.ts';
import playoutFile from '#client/audio/playout.worklet.ts?worker&url';
import { workletNode } from '#client/audio/worklet-node.ts';
import { type Store, store } from '#client/live/store.ts';
import { type Leg, legs } from '#shared/audio.ts';

export type { PlayerStats } from '#client/audio/playout.ts';

/** Who talks, and whether customer and company do at once. */
export interface Talk {
	talks: Readonly<Record<Leg, boolean>>;
	overtalk: boolean;
}

/** What a page can do with sound that plays. */
export interface PlayerControls {
	/** 0 to 1.5, 1 is as it came. */
	setVolume(leg: Leg, volume: number): void;
	setMuted(leg: Leg, muted: boolean): void;
	/** −1 only the customer … 0 both … 1 only the company's side: the agent, and an executive who speaks. */
	setBalance(balance: number): void;
	/** Customer a bit to the left, agent a bit to the right. */
	setStereo(stereo: boolean): void;
	/** For meters, before volume and mute: 0 is silence (54 dB down), 1 the loudest, even in dB. Read it as often as you draw. */
	levels(): Record<Leg, number>;
	/** Who talks in what is heard now, as the server measured it; read as often as you draw. [A12] */
	talk(): Talk;
	/** Where the sound leaves for the speakers: for an analyser. */
	output: AudioNode;
}

export interface Player extends PlayerControls {
	/** Rejects when this browser cannot run the worklet. */
	ready: Promise<void>;
	/** A sound message as it came from the socket; the buffer is given away. */
	push(message: ArrayBuffer): void;
	/** What waits to be played is not played any more. */
	hush(): void;
	stats: Store<PlayerStats>;
	stop(): void;
}

/** The customer, and the company's side. */
const sideCount = 2;
/** Messages kept while the worklet loads: the oldest sound is lost. [B1] */
const mostEarly = 10;
const silence = (): Record<Leg, number> => ({ customer: 0, agent: 0, executive: 0 });
const asItCame = () => ({ volume: 1, muted: false });
/** A fader moves over about 60 ms, so that it does not click. */
const faderSeconds = 0.02;
/** What the far ear gets of a leg that stands aside in stereo: heard apart, and still by both ears. */
const farEar = 0.3;
/** How far a meter falls from one reading to the next, 20 a second. */
const fall = 0.06;

const nobodyTalks: Talk = { talks: { customer: false, agent: false, executive: false }, overtalk: false };

const silent: PlayerStats = {
	playing: false,
	bufferMs: 0,
	underruns: 0,
	missedMs: 0,
	stretchedMs: 0,
	concealedMs: 0,
	lostMs: 0,
	mediaMs: 0,
	contextMs: 0,
};

/** Plays sound messages: an adaptive buffer in the audio thread, where each leg has its loudness, then a place in the room for each side. */
export function player(context: AudioContext): Player {
	const stats = store<PlayerStats>(silent);
	const output = context.createGain();
	output.connect(context.destination);
	const bothEars = context.createChannelMerger(2);
	bothEars.connect(output);
	const sides = Array.from({ length: sideCount }, () => {
		const gain = context.createGain();
		// A gain for each ear, and no panner: in the middle that would take 3 dB off.
		const ears = [0, 1].map((ear) => {
			const one = context.createGain();
			gain.connect(one).connect(bothEars, 0, ear);
			return one;
		});
		return { gain, ears };
	});
	const wished = { customer: asItCame(), agent: asItCame(), executive: asItCame() };
	const shown = silence();
	let talk = nobodyTalks;
	const early: ArrayBuffer[] = [];
	let balance = 0;
	let node: AudioWorkletNode | undefined;
	let stopped = false;

	const move = () =>
		sides.forEach(({ gain }, index) => {
			const share = Math.min(1, 1 + (index === 0 ? -balance : balance));
			gain.gain.setTargetAtTime(share, context.currentTime, faderSeconds);
		});
	const say = (words: ToPlayout) => node?.port.postMessage(words);
	const weigh = () => {
		const loud = (leg: Leg) => (wished[leg].muted ? 0 : wished[leg].volume);
		say({ loudness: { customer: loud('customer'), agent: loud('agent'), executive: loud('executive') } });
	};
	const heard = ({ peaks, talks, overtalk, stats: said }: FromPlayout) => {
		talk = { talks, overtalk };
		for (const leg of legs) shown[leg] = Math.max(meter(peaks[leg]), shown[leg] - fall);
		if (said) stats.set(said);
	};
	/** A phone call or another program took the device: take it back when the browser allows. */
	const keepAwake = () => {
		if (!stopped && context.state !== 'running' && context.state !== 'closed') context.resume().catch(() => {});
	};
	context.addEventListener('statechange', keepAwake);
	const load = async () => {
		const made = await workletNode(context, playoutFile, playoutName, {
			numberOfInputs: 0,
			outputChannelCount: [sideCount],
		});
		if (stopped) return made.port.postMessage('stop');
		const sidesApart = context.createChannelSplitter(sideCount);
		made.connect(sidesApart);
		sides.forEach(({ gain }, index) => {
			sidesApart.connect(gain, index);
		});
		made.port.onmessage = ({ data }: MessageEvent<FromPlayout>) => heard(data);
		node = made;
		weigh();
		for (const message of early.splice(0)) made.port.postMessage(message, [message]);
	};

	return {
		ready: load(),
		push(message) {
			// A context that stands still reads nothing: what is sent to it would pile up.
			if (stopped || context.state !== 'running') return;
			if (node) return node.port.postMessage(message, [message]);
			early.push(message);
			if (early.length > mostEarly) early.shift();
		},
		hush() {
			early.length = 0;
			say('hush');
		},
		setVolume(leg, volume) {
			wished[leg].volume = Math.min(1.5, Math.max(0, volume));
			weigh();
		},
		setMuted(leg, muted) {
			wished[leg].muted = muted;
			weigh();
		},
		setBalance(next) {
			balance = Math.min(1, Math.max(-1, next));
			move();
		},
		setStereo(stereo) {
			sides.forEach(({ ears }, side) => {
				ears.forEach((one, ear) => {
					one.gain.setTargetAtTime(stereo && ear !== side ? farEar : 1, context.currentTime, faderSeconds);
				});
			});
		},
		levels: () => (context.state === 'running' ? { ...shown } : silence()),
		talk: () => (context.state === 'running' ? talk : nobodyTalks),
		output,
		stats,
		stop() {
			stopped = true;
			context.removeEventListener('statechange', keepAwake);
			say('stop');
			node?.disconnect();
			output.disconnect();
			Object.assign(shown, silence());
			talk = nobodyTalks;
		},
	};
}

/** A peak on a scale for the eye: 54 dB below the loudest is 0. */
export function meter(peak: number): number {
	return peak > 0 ? Math.min(1, Math.max(0, 1 + (20 * Math.log10(peak)) / 54)) : 0;
}
