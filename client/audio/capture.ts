/** What the capture worklet and the microphone that owns it say to each other. */
export const captureName = 'ycord-capture';

/** To the worklet. */
export type ToCapture = 'mute' | 'unmute' | 'stop';

/** From the worklet, every 20 ms: a frame of µ-law at 8 kHz and the loudest sample in it. */
export interface FromCapture {
	frame: Uint8Array<ArrayBuffer>;
	peak: number;
}
