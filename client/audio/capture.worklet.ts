import { type CaptureOptions, captureName, type FromCapture, type ToCapture } from '#client/audio/capture.ts';
import { framer } from '#client/audio/framer.ts';
import { scope } from '#client/audio/worklet-scope.ts';

/** Takes the microphone at the device's own rate, in the audio thread, and gives frames for the line. */
class Capture extends scope.AudioWorkletProcessor {
	#muted = false;
	#running = true;
	readonly #framer;

	constructor({ processorOptions }: AudioWorkletNodeOptions) {
		super();
		this.#framer = framer(scope.sampleRate, (processorOptions as CaptureOptions).codec, (frame, peak, codec) => {
			const message: FromCapture = { codec, frame, peak };
			this.port.postMessage(message, [frame.buffer]);
		});
		this.port.onmessage = ({ data }: MessageEvent<ToCapture>) => {
			if (data === 'stop') this.#running = false;
			else if (data === 'mute' || data === 'unmute') this.#muted = data === 'mute';
			else this.#framer.speak(data);
		};
	}

	process(inputs: Float32Array[][]): boolean {
		const heard = inputs[0]?.[0];
		if (heard) this.#framer.take(heard, this.#muted);
		return this.#running;
	}
}

scope.registerProcessor(captureName, Capture);
