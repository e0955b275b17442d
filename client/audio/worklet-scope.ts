/** What an audio worklet finds around it; TypeScript's library has no types for it. (Web Audio API, 1.32) */
export interface WorkletScope {
	readonly sampleRate: number;
	/** Seconds of the context's time at the start of the quantum being rendered. */
	readonly currentTime: number;
	readonly AudioWorkletProcessor: new () => { readonly port: MessagePort };
	registerProcessor(name: string, processor: new (options: AudioWorkletNodeOptions) => Processor): void;
}

export interface Processor {
	/** Renders one quantum. The node lives as long as true is returned. */
	process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

export const scope = globalThis as unknown as WorkletScope;
