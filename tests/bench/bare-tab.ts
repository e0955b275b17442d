import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { frameMs, frameSamples, headerBytes } from '#shared/audio.ts';

const worklet = `
	registerProcessor('bare', class extends AudioWorkletProcessor {
		constructor() {
			super();
			this.frames = [];
			this.at = 0;
			this.port.onmessage = ({ data }) => this.frames.push(new Uint8Array(data, ${headerBytes})) > 5 && this.frames.shift();
		}
		process(_, [legs]) {
			const [frame] = this.frames;
			if (!frame) return true;
			legs.forEach((leg, place) => {
				for (let i = 0; i < leg.length; i++) leg[i] = (frame[place * ${frameSamples} + ((this.at + i) >> 1)] - 128) / 256;
			});
			this.at += 128;
			if (this.at >= ${2 * frameSamples - 128}) {
				this.at = 0;
				this.frames.shift();
			}
			return true;
		}
	});`;

const page = `<!doctype html><title>bare</title><button>Listen</button><script type="module">
	document.querySelector('button').onclick = async () => {
		const context = new AudioContext({ sampleRate: 16000 });
		await context.audioWorklet.addModule('/worklet.js');
		const node = new AudioWorkletNode(context, 'bare', { outputChannelCount: [2] });
		node.connect(context.destination);
		const socket = new WebSocket(location.href.replace('http', 'ws'));
		socket.binaryType = 'arraybuffer';
		socket.onmessage = ({ data }) => node.port.postMessage(data, [data]);
	};
</script>`;

/**
 * The least that a tab does to play two legs: every 20 ms a message comes to the page and goes on to a worklet, which plays
 * the bytes as they are. No buffer, no picture, nothing else on the page. What it costs the browser nobody can go below.
 */
export async function bareTab(): Promise<{ address: string; stop(): Promise<void> }> {
	const http = createServer((request, response) => {
		const isPage = request.url === '/';
		response.setHeader('content-type', isPage ? 'text/html' : 'text/javascript').end(isPage ? page : worklet);
	});
	const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
	const message = Buffer.alloc(headerBytes + 2 * frameSamples, 0xff);
	const timer = setInterval(() => {
		for (const socket of sockets.clients) socket.send(message);
	}, frameMs);
	await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
	return {
		address: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
		async stop() {
			clearInterval(timer);
			for (const socket of sockets.clients) socket.terminate();
			await new Promise((resolve) => http.close(resolve));
		},
	};
}
