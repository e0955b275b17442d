import { player } from '#client/audio/player.ts';
import { playoutName } from '#client/audio/playout.ts';
import { decodeSound } from '#shared/audio.ts';
import { naivePlayer } from '#tests/bench/ear-page/naive-player.ts';
import { earTap } from '#tests/bench/ear-page/tap.ts';

/** What the benchmark asks the page for, through the window. */
export interface EarPage {
	/** Forgets what was measured, and goes on. */
	begin(): void;
	/** Ms from the server's stamp to the context's output, of both players, as often as Ycord's tells its own. */
	delays(): { ycord: number[]; naive: number[] };
	/** What both rendered since `begin`: two channels each, 16-bit, as base64. */
	rendered(): { ycord: string[]; naive: string[] };
	outputMs(): number;
	readonly rate: number;
}

/** Low, so that what was rendered can be handed over; a call has half of it. */
const rate = 16_000;

/** The node of Ycord's worklet, once there is one: there each leg is still alone on its channel, and not on both ears. */
const playoutNode = () =>
	new Promise<AudioNode>((resolve) => {
		const Original = window.AudioWorkletNode;
		window.AudioWorkletNode = class extends Original {
			constructor(context: BaseAudioContext, name: string, options?: AudioWorkletNodeOptions) {
				super(context, name, options);
				if (name === playoutName) resolve(this);
			}
		};
	});

document.querySelector('#start')?.addEventListener('click', async () => {
	const context = new AudioContext({ sampleRate: rate, latencyHint: 'interactive' });
	await context.resume();
	const rendered = playoutNode();
	const ours = player(context);
	const theirs = naivePlayer(context);
	const taps = { ycord: await earTap(context, await rendered), naive: await earTap(context, theirs.output) };
	const delays = { ycord: [] as number[], naive: [] as number[] };
	/** Modulo 2^32, as the stamps are: the difference, as a signed number, does not care. */
	const since = (serverMs: number) => (Math.round(Date.now()) - serverMs) | 0;
	await ours.ready;
	ours.stats.subscribe(() => {
		const { playing, serverMs, contextMs } = ours.stats.get();
		if (!playing || serverMs === undefined) return;
		delays.ycord.push(since(serverMs) - (context.currentTime * 1000 - contextMs));
		if (theirs.lastServerMs !== undefined) delays.naive.push(since(theirs.lastServerMs) + theirs.aheadMs());
	});
	const socket = new WebSocket(`ws://${location.host}/sound`);
	socket.binaryType = 'arraybuffer';
	socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
		const message = decodeSound(new Uint8Array(data.slice(0)));
		if (typeof message !== 'string') theirs.push(message);
		ours.push(data);
	};
	Object.assign(window, {
		page: {
			begin() {
				delays.ycord.length = 0;
				delays.naive.length = 0;
				taps.ycord.forget();
				taps.naive.forget();
			},
			delays: () => delays,
			rendered: () => ({ ycord: taps.ycord.kept(), naive: taps.naive.kept() }),
			outputMs: () => ((context.outputLatency || 0) + (context.baseLatency || 0)) * 1000,
			rate,
		} satisfies EarPage,
	});
});
