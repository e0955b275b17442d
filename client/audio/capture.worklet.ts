import { captureName, type FromCapture, type ToCapture } from '#client/audio/capture.ts';
import { framer } from '#client/audio/framer.ts';
import { scope } from '#client/audio/worklet-scope.ts';

/** Takes the microphone at the device's own rate, in the audio thread, and gives frames for the line. */
class Capture extends scope.AudioWorkletProcessor {
	#muted = false;
	#running = true;
	#framer = framer(scope.sampleRate, (frame, peak) => {
		const message: FromCapture = { frame, peak };
		this.port.postMessage(message, [frame.buffer]);
	});

	constructor() {
		super();
		this.port.onmessage = ({ data }: MessageEvent<ToCapture>) => {
			if (data === 'stop') this.#running = false;
			else this.#muted = data === 'mute';
		};
	}

	process(inputs: Float32Array[][]): boolean {
		const heard = inputs[0]?.[0];
		if (heard) this.#framer(heard, this.#muted);
		return this.#running;
	}
}

scope.registerProcessor(captureName, Capture);
