import { decodeSound, frameMs, type Leg, rateOf } from '#shared/audio.ts';
import { tableOf } from '#shared/g711.ts';

const ears: readonly Leg[] = ['customer', 'agent'];

/** What a page does that thinks no further: each message becomes a buffer, and is played as soon as the last one ends. */
export function naivePlayer(context: AudioContext): { output: AudioNode; push(message: ArrayBuffer): void } {
	const output = context.createGain();
	let endsAt = 0;
	return {
		output,
		push(bytes) {
			const message = decodeSound(new Uint8Array(bytes));
			if (typeof message === 'string' || context.state !== 'running') return;
			const { codec, frames, parts } = message;
			const rate = rateOf[codec];
			const buffer = context.createBuffer(ears.length, (frames * frameMs * rate) / 1000, rate);
			ears.forEach((leg, channel) => {
				const samples = buffer.getChannelData(channel);
				parts[leg]?.forEach((byte, at) => {
					samples[at] = (tableOf[codec][byte] as number) / 32_768;
				});
			});
			const source = context.createBufferSource();
			source.buffer = buffer;
			source.connect(output);
			const startsAt = Math.max(context.currentTime, endsAt);
			endsAt = startsAt + buffer.duration;
			source.start(startsAt);
		},
	};
}
