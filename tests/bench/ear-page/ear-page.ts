import type { HeardSide, Piece, ToHear } from '#tests/bench/ear-page/listen.worker.ts';
import ListenWorker from '#tests/bench/ear-page/listen.worker.ts?worker&inline';
import { naivePlayer } from '#tests/bench/ear-page/naive-player.ts';

/** What the benchmark asks of the page, through the window. */
export interface EarPage {
	/** True once both players' sound is tapped. */
	ready(): boolean;
	/** Both players at once, from now on for so long. `chirpsBeganMs` is the wall clock's time at the call's first sample. */
	hear(forMs: number, chirpsBeganMs: number): Promise<HeardBoth>;
}

export interface HeardBoth {
	ycord: HeardSide;
	naive: HeardSide;
	/** From the context's output to the device, as the browser says. */
	outputMs: number;
}

/** A message for each quantum would keep the page from doing anything else. */
const tapText = `registerProcessor('tap', class extends AudioWorkletProcessor {
	begin() {
		this.at = 0;
		this.piece = { contextMs: currentTime * 1000, channels: [new Float32Array(8192), new Float32Array(8192)] };
	}
	process([input]) {
		if (!this.piece) this.begin();
		for (const channel of [0, 1]) if (input[channel]) this.piece.channels[channel].set(input[channel], this.at);
		this.at += 128;
		if (this.at < 8192) return true;
		this.port.postMessage(this.piece, this.piece.channels.map(({ buffer }) => buffer));
		this.begin();
		return true;
	}
})`;
/** How often the context's clock is read beside the wall clock. */
const lookEveryMs = 50;

const Node = window.AudioWorkletNode;
const Socket = window.WebSocket;
const taps: { ycord?: MessagePort; naive?: MessagePort } = {};
let context: AudioContext | undefined;
let naive: ReturnType<typeof naivePlayer> | undefined;

const tapped = (from: AudioNode, of: BaseAudioContext) => {
	const tap = new Node(of, 'tap', { channelCount: 2, channelCountMode: 'explicit' });
	from.connect(tap).connect(of.destination);
	return tap.port;
};
// The page's own player is the only one without inputs; the naive one plays in the same context, to nobody but its tap.
window.AudioWorkletNode = class extends Node {
	constructor(of: AudioContext, name: string, options?: AudioWorkletNodeOptions) {
		super(of, name, options);
		if (options?.numberOfInputs !== 0) return;
		context = of;
		const address = URL.createObjectURL(new Blob([tapText], { type: 'text/javascript' }));
		void of.audioWorklet.addModule(address).then(() => {
			naive = naivePlayer(of);
			taps.ycord = tapped(this, of);
			taps.naive = tapped(naive.output, of);
		});
	}
} as typeof AudioWorkletNode;
window.WebSocket = class extends Socket {
	constructor(url: string | URL, protocols?: string | string[]) {
		super(url, protocols);
		// Before the page's own handler, which gives the buffer away.
		if (String(url).includes('/sound/'))
			this.addEventListener('message', ({ data }) => {
				if (data instanceof ArrayBuffer) naive?.push(data);
			});
	}
};

const middle = (values: number[]) => values.sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

const kept = (port: MessagePort) => {
	const pieces: Piece[] = [];
	port.onmessage = ({ data }) => pieces.push(data);
	return () => {
		port.onmessage = null;
		return pieces;
	};
};

/** In a thread of its own: both players go on meanwhile. */
const heard = (worker: Worker, words: ToHear) =>
	new Promise<HeardSide>((resolve, reject) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = ({ data }) => resolve(data);
		worker.onerror = ({ message }) => reject(new Error(message));
		const buffers = words.pieces.flatMap(({ channels }) => channels.map(({ buffer }) => buffer));
		worker.postMessage(words, [port2, ...buffers]);
	});

const ear: EarPage = {
	ready: () => taps.naive !== undefined,
	async hear(forMs, chirpsBeganMs) {
		if (!context || !taps.ycord || !taps.naive) throw new Error('nothing plays yet');
		const { sampleRate: rate } = context;
		const stops = [kept(taps.ycord), kept(taps.naive)] as const;
		const apart: number[] = [];
		const look = () => apart.push(performance.timeOrigin + performance.now() - (context?.currentTime ?? 0) * 1000);
		const looking = setInterval(look, lookEveryMs);
		await new Promise((over) => setTimeout(over, forMs));
		clearInterval(looking);
		const [ycordPieces, naivePieces] = stops.map((stop) => stop()) as [Piece[], Piece[]];
		const common = { rate, contextBeganMs: middle(apart), chirpsBeganMs };
		const worker = new ListenWorker();
		const ycord = await heard(worker, { pieces: ycordPieces, ...common });
		const other = await heard(worker, { pieces: naivePieces, ...common });
		worker.terminate();
		const outputMs = ((context.outputLatency || 0) + (context.baseLatency || 0)) * 1000;
		return { ycord, naive: other, outputMs };
	},
};
Object.assign(window, { ear });
