import { type Microphone, openMicrophone } from '#client/audio/microphone.ts';
import { type Player, player } from '#client/audio/player.ts';
import { tabClock } from '#client/live/clock.ts';
import { type Codec, encodeSound, frameMs, frameSamples } from '#shared/audio.ts';
import { encodeUlaw } from '#shared/g711.ts';

/** What the test asks the page, through the window. */
export interface SoundPage {
	state(): AudioContextState;
	rate(): number;
	stats(): ReturnType<Player['stats']['get']>;
	levels(): ReturnType<Player['levels']>;
	/** The last third of a second of each output channel, as the worklet and the faders rendered it. */
	heard(): number[][];
	play: Player;
	/** The next message the network brings: `ms` later than it should, or never. */
	delay(ms: number): void;
	/** Frames that the microphone gave in one codec, as one piece. */
	spoken(codec: Codec): number[];
	mic(): Microphone | undefined;
	/** Alarms set with the tab's clock when the page began, as they rang. */
	rang(): string[];
}

/** Peaks of the two tones: 440 Hz customer, 880 Hz agent. */
const peaks = { customer: 12_000, agent: 6_000 };
const hertz = { customer: 440, agent: 880 };

// Made by the page itself, before anybody clicked: the browser must refuse to let it run.
const asked = new URLSearchParams(location.search).get('rate');
const context = new AudioContext(asked ? { sampleRate: Number(asked) } : {});
const sound = player(context);
const apart = context.createChannelSplitter(2);
sound.output.connect(apart);
const ears = [0, 1].map((channel) => {
	const ear = context.createAnalyser();
	ear.fftSize = 16_384;
	apart.connect(ear, channel);
	return ear;
});
const frames = new Map<Codec, number[]>();
const spokenIn = (codec: Codec) => frames.get(codec) ?? frames.set(codec, []).get(codec) ?? [];
let mic: Microphone | undefined;
let delayedUntil = 0;
const rang: string[] = [];
tabClock.after(40, () => rang.push('second'));
tabClock.after(20, () => rang.push('first'));
tabClock.after(30, () => rang.push('never'))();
const stopTicking = tabClock.every(50, () => {
	rang.push('tick');
	if (rang.length >= 5) stopTicking();
});

const toneFrame = (leg: 'customer' | 'agent', index: number) =>
	Uint8Array.from({ length: frameSamples }, (_, i) =>
		encodeUlaw(Math.round(peaks[leg] * Math.sin((2 * Math.PI * hertz[leg] * (index * frameSamples + i)) / 8000))),
	);
const began = performance.now();
let sent = 0;
setInterval(() => {
	if (performance.now() < delayedUntil) return;
	for (; sent * frameMs < performance.now() - began; sent++) {
		const header = {
			codec: 'pcmu',
			frames: 1,
			sequence: sent,
			mediaMs: sent * frameMs,
			serverMs: sent * frameMs + 20,
		} as const;
		const parts = { customer: toneFrame('customer', sent), agent: toneFrame('agent', sent) };
		sound.push(encodeSound(header, parts).buffer);
	}
}, 10);

document.querySelector('#start')?.addEventListener('click', async () => {
	await context.resume();
	if (!new URLSearchParams(location.search).has('microphone')) return;
	mic = await openMicrophone(context, { onFrame: (frame, codec) => spokenIn(codec).push(...frame) });
});

Object.assign(window, {
	page: {
		state: () => context.state,
		rate: () => context.sampleRate,
		stats: () => sound.stats.get(),
		levels: () => sound.levels(),
		heard: () =>
			ears.map((ear) => {
				const samples = new Float32Array(ear.fftSize);
				ear.getFloatTimeDomainData(samples);
				return [...samples];
			}),
		play: sound,
		delay(ms) {
			delayedUntil = performance.now() + ms;
		},
		spoken: spokenIn,
		mic: () => mic,
		rang: () => rang,
	} satisfies SoundPage,
});
