import tapFile from '#tests/bench/ear-page/tap.worklet.ts?worker&url';

/** Keeps what a node renders: two channels, as 16-bit samples. */
export async function earTap(context: AudioContext, source: AudioNode) {
	await context.audioWorklet.addModule(tapFile);
	const node = new AudioWorkletNode(context, 'ear-tap', {
		numberOfOutputs: 0,
		channelCount: 2,
		channelCountMode: 'explicit',
	});
	source.connect(node);
	let pieces: Int16Array[][] = [];
	node.port.onmessage = ({ data }: MessageEvent<Int16Array[]>) => pieces.push(data);
	return {
		forget() {
			pieces = [];
		},
		kept: () => [0, 1].map((channel) => base64(pieces.map((piece) => piece[channel] as Int16Array))),
	};
}

function base64(pieces: readonly Int16Array[]): string {
	let text = '';
	for (const piece of pieces) text += String.fromCharCode(...new Uint8Array(piece.buffer));
	return btoa(text);
}
