import { rateOf, type SoundMessage } from '#shared/audio.ts';
import { tableOf } from '#shared/g711.ts';

/** What one would write first: each message is decoded and plays at once, or right after the one before it. */
export function naivePlayer(context: AudioContext) {
	const output = context.createGain();
	output.connect(context.destination);
	let endsAt = 0;
	let lastServerMs: number | undefined;
	return {
		output,
		push({ codec, parts, serverMs }: SoundMessage) {
			const length = parts.customer?.length ?? parts.agent?.length ?? 0;
			if (length === 0) return;
			const buffer = context.createBuffer(2, length, rateOf[codec]);
			const table = tableOf[codec];
			[parts.customer, parts.agent].forEach((part, channel) => {
				if (part)
					buffer.copyToChannel(
						Float32Array.from(part, (byte) => (table[byte] as number) / 32768),
						channel,
					);
			});
			const source = context.createBufferSource();
			source.buffer = buffer;
			source.connect(output);
			const at = Math.max(context.currentTime, endsAt);
			source.start(at);
			endsAt = at + buffer.duration;
			lastServerMs = serverMs;
		},
		/** The server's stamp of the message that was scheduled last. */
		get lastServerMs() {
			return lastServerMs;
		},
		/** How much later than now its end is rendered, ms. */
		aheadMs: () => (endsAt - context.currentTime) * 1000,
	};
}
