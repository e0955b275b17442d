import type { Codec } from '#shared/audio.ts';

/** What the capture worklet and the microphone that owns it say to each other. */
export const captureName = 'ycord-capture';

/** What it begins with. */
export interface CaptureOptions {
	codec: Codec;
}

/** To the worklet. A codec is what all frames that begin from now on are in. */
export type ToCapture = 'mute' | 'unmute' | 'stop' | Codec;

/** From the worklet, every 20 ms: a frame and the loudest sample in it. */
export interface FromCapture {
	codec: Codec;
	frame: Uint8Array<ArrayBuffer>;
	peak: number;
}
