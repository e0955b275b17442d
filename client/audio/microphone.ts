import { type CaptureOptions, captureName, type FromCapture, type ToCapture } from '#client/audio/capture.ts';
import captureFile from '#client/audio/capture.worklet.ts?worker&url';
import { meter } from '#client/audio/player.ts';
import { workletNode } from '#client/audio/worklet-node.ts';
import type { Codec } from '#shared/audio.ts';

/** Why there is no microphone, with words for people. */
export class MicrophoneRefused extends Error {
	readonly reason: 'denied' | 'missing' | 'busy' | 'unsupported';
	constructor(reason: MicrophoneRefused['reason']) {
		super(refusedBecause[reason]);
		this.name = 'MicrophoneRefused';
		this.reason = reason;
	}
}

const refusedBecause = {
	denied: 'The browser did not allow the microphone. Allow it in the address bar, then try again.',
	missing: 'No microphone was found. Plug one in, then try again.',
	busy: 'The microphone could not be opened. Another program may be using it.',
	unsupported: 'This browser gives pages the microphone only over https or on this computer itself.',
} as const;

/** The names of getUserMedia's errors (Media Capture and Streams, 10.3.1), in our words. */
const reasons: Record<string, MicrophoneRefused['reason']> = {
	NotAllowedError: 'denied',
	SecurityError: 'denied',
	NotFoundError: 'missing',
	OverconstrainedError: 'missing',
	NotReadableError: 'busy',
	AbortError: 'busy',
	TypeError: 'unsupported',
};

export interface Microphone {
	/** For a meter, on the player's scale; 0 while muted. */
	level(): number;
	mute(muted: boolean): void;
	/** What frames are in from the next one on: the call's codec may be known only once the microphone is open. */
	speak(codec: Codec): void;
	/** Lets go of the device. */
	stop(): void;
}

export interface MicrophoneNeeds {
	deviceId?: string;
	/** What frames are in until `speak`; PCMU unless said. */
	codec?: Codec;
	/** 20 ms, silence while muted. */
	onFrame?: (frame: Uint8Array<ArrayBuffer>, codec: Codec) => void;
	/** The device went away. */
	onEnded?: () => void;
}

/** How far a meter falls from one frame to the next, 50 a second. */
const fall = 0.03;

/**
 * Asks for the microphone, at the device's own rate: Firefox refuses one at another rate than its context has
 * (mdn/browser-compat-data#16213). Rejects with `MicrophoneRefused`.
 */
export async function openMicrophone(context: AudioContext, needs: MicrophoneNeeds = {}): Promise<Microphone> {
	const { deviceId, codec = 'pcmu', onFrame, onEnded } = needs;
	if (!navigator.mediaDevices) throw new MicrophoneRefused('unsupported');
	const audio = {
		echoCancellation: true,
		noiseSuppression: true,
		autoGainControl: true,
		channelCount: 1,
		...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
	};
	const stream = await navigator.mediaDevices.getUserMedia({ audio }).catch((error: Error) => {
		throw new MicrophoneRefused(reasons[error.name] ?? 'busy');
	});
	const letGo = () => {
		for (const track of stream.getTracks()) track.stop();
	};
	try {
		const source = context.createMediaStreamSource(stream);
		// One channel in, mixed down by the node; no output: what is captured is never played here.
		const node = await workletNode(context, captureFile, captureName, {
			numberOfOutputs: 0,
			channelCount: 1,
			channelCountMode: 'explicit',
			processorOptions: { codec } satisfies CaptureOptions,
		});
		source.connect(node);
		const say = (word: ToCapture) => node.port.postMessage(word);
		let level = 0;
		let stopped = false;
		node.port.onmessage = ({ data }: MessageEvent<FromCapture>) => {
			if (stopped) return;
			level = Math.max(meter(data.peak), level - fall);
			onFrame?.(data.frame, data.codec);
		};
		for (const track of stream.getTracks()) track.onended = () => !stopped && onEnded?.();
		return {
			level: () => level,
			mute: (muted) => say(muted ? 'mute' : 'unmute'),
			speak: say,
			stop() {
				stopped = true;
				level = 0;
				say('stop');
				source.disconnect();
				letGo();
			},
		};
	} catch {
		letGo();
		throw new MicrophoneRefused('busy');
	}
}
