import { type FromPlayout, type PlayerStats, playoutName } from '#client/audio/playout.ts';
import playoutFile from '#client/audio/playout.worklet.ts?worker&url';
import { workletNode } from '#client/audio/worklet-node.ts';
import { type Store, store } from '#client/live/store.ts';

export type { PlayerStats } from '#client/audio/playout.ts';

/** The legs a listener has a fader for. The executive's leg, in a survey segment, sounds with the agent's. */
export type PlayedLeg = 'customer' | 'agent';

/** What a page can do with sound that plays. */
export interface PlayerControls {
	/** 0 to 1.5, 1 is as it came. */
	setVolume(leg: PlayedLeg, volume: number): void;
	setMuted(leg: PlayedLeg, muted: boolean): void;
	/** −1 only the customer … 0 both … 1 only the agent. */
	setBalance(balance: number): void;
	/** Customer a bit to the left, agent a bit to the right. */
	setStereo(stereo: boolean): void;
	/** For meters, before volume and mute: 0 is silence (54 dB down), 1 the loudest, even in dB. Read it as often as you draw. */
	levels(): { customer: number; agent: number };
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

const legNames = ['customer', 'agent'] as const;
/** Messages kept while the worklet loads: the oldest sound is lost. [B1] */
const mostEarly = 10;
/** A fader moves over about 60 ms, so that it does not click. */
const faderSeconds = 0.02;
/** What the far ear gets of a leg that stands aside in stereo: heard apart, and still by both ears. */
const farEar = 0.3;
/** How far a meter falls from one reading to the next, 20 a second. */
const fall = 0.06;

const silent: PlayerStats = {
	playing: false,
	bufferMs: 0,
	underruns: 0,
	droppedMs: 0,
	lostMs: 0,
	mediaMs: 0,
	contextMs: 0,
};

/** Plays sound messages: an adaptive buffer in the audio thread, then a fader and a place in the room for each leg. */
export function player(context: AudioContext): Player {
	const stats = store<PlayerStats>(silent);
	const output = context.createGain();
	output.connect(context.destination);
	const bothEars = context.createChannelMerger(2);
	bothEars.connect(output);
	const faders = legNames.map(() => {
		const gain = context.createGain();
		// A gain for each ear, and no panner: in the middle that would take 3 dB off.
		const ears = [0, 1].map((ear) => {
			const one = context.createGain();
			gain.connect(one).connect(bothEars, 0, ear);
			return one;
		});
		return { gain, ears, volume: 1, muted: false };
	});
	const shown = { customer: 0, agent: 0 };
	const early: ArrayBuffer[] = [];
	let balance = 0;
	let node: AudioWorkletNode | undefined;
	let stopped = false;

	const move = () =>
		faders.forEach(({ gain, volume, muted }, index) => {
			const share = Math.min(1, 1 + (index === 0 ? -balance : balance));
			gain.gain.setTargetAtTime(muted ? 0 : volume * share, context.currentTime, faderSeconds);
		});
	const fader = (leg: PlayedLeg) => faders[legNames.indexOf(leg)] as (typeof faders)[number];
	const heard = ({ peaks, stats: said }: FromPlayout) => {
		legNames.forEach((leg, index) => {
			shown[leg] = Math.max(meter(peaks[index] as number), shown[leg] - fall);
		});
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
			outputChannelCount: [faders.length],
		});
		if (stopped) return made.port.postMessage('stop');
		const legsApart = context.createChannelSplitter(faders.length);
		made.connect(legsApart);
		faders.forEach(({ gain }, index) => {
			legsApart.connect(gain, index);
		});
		made.port.onmessage = ({ data }: MessageEvent<FromPlayout>) => heard(data);
		node = made;
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
			node?.port.postMessage('hush');
		},
		setVolume(leg, volume) {
			fader(leg).volume = Math.min(1.5, Math.max(0, volume));
			move();
		},
		setMuted(leg, muted) {
			fader(leg).muted = muted;
			move();
		},
		setBalance(next) {
			balance = Math.min(1, Math.max(-1, next));
			move();
		},
		setStereo(stereo) {
			faders.forEach(({ ears }, leg) => {
				ears.forEach((one, ear) => {
					one.gain.setTargetAtTime(stereo && ear !== leg ? farEar : 1, context.currentTime, faderSeconds);
				});
			});
		},
		levels: () => (context.state === 'running' ? { ...shown } : { customer: 0, agent: 0 }),
		output,
		stats,
		stop() {
			stopped = true;
			context.removeEventListener('statechange', keepAwake);
			node?.port.postMessage('stop');
			node?.disconnect();
			output.disconnect();
			Object.assign(shown, { customer: 0, agent: 0 });
		},
	};
}

/** A peak on a scale for the eye: 54 dB below the loudest is 0. */
export function meter(peak: number): number {
	return peak > 0 ? Math.min(1, Math.max(0, 1 + (20 * Math.log10(peak)) / 54)) : 0;
}
