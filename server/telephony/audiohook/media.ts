import type { Media } from '#server/telephony/audiohook/protocol.ts';
import { linearSamples } from '#server/telephony/l16/samples.ts';
import type { Leg } from '#shared/audio.ts';

/**
 * The entry we want of what is offered: both voices apart before one, µ-law before linear samples, the customer before the
 * agent; none if nothing fits. It goes back to the client as it is. (protocols.md 2.4)
 */
export function chosenMedia(offered: readonly Media[]): Media | undefined {
	const worth = ({ channels, format }: Media) =>
		4 * channels.length + (channels.includes('external') ? 2 : 0) + (format === 'PCMU' ? 1 : 0);
	return [...offered].sort((a, b) => worth(b) - worth(a))[0];
}

/** The leg of each channel, in the order in which they are interleaved. */
export const legsOf = ({ channels }: Media): Leg[] =>
	channels.map((channel) => (channel === 'external' ? 'customer' : 'agent'));

/** The bytes of one moment: a sample of each channel. */
export const widthOf = ({ channels, format }: Media) => channels.length * (format === 'PCMU' ? 1 : 2);

/**
 * Takes the channels of a message of sound apart, as µ-law: `L16` is read in the order of the vendor's own code, the low byte
 * first. (app/audiohook/src/audio/audioframe.ts) The message must hold whole samples.
 */
export function channelsOf(media: Media): (bytes: Uint8Array) => readonly Uint8Array[] {
	const count = media.channels.length as 1 | 2;
	if (media.format === 'L16') return linearSamples(count);
	if (count === 1) return (bytes) => [bytes];
	return (bytes) =>
		[0, 1].map((channel) => {
			const samples = new Uint8Array(bytes.length / 2);
			for (let sample = 0; sample < samples.length; sample++) samples[sample] = bytes[2 * sample + channel] as number;
			return samples;
		});
}
