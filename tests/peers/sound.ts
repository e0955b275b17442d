import { shippedRecording, wavFrom } from '#server/telephony/rehearsal/recording.ts';
import { frameMs, sampleRate } from '#shared/audio.ts';

/** Both legs of a call: µ-law, equally long, in whole frames of 20 ms. */
export interface CallSound {
	customer: Uint8Array;
	agent: Uint8Array;
}

/** Which files a call's sound is in: one of two channels, the customer's left, or one for each leg; none, then the call that comes with Ycord. */
export interface SoundFiles {
	wav?: string | undefined;
	customer?: string | undefined;
	agent?: string | undefined;
}

/** Refuses with `wav.unreadable`, which says which file and what is wrong with it. */
export async function callSound({ wav, customer, agent }: SoundFiles, rate: number): Promise<CallSound> {
	if (wav !== undefined)
		return inFrames(await wavFrom(wav, { rate, channel: 0 }), await wavFrom(wav, { rate, channel: 1 }), rate);
	if (customer !== undefined && agent !== undefined)
		return inFrames(await wavFrom(customer, { rate }), await wavFrom(agent, { rate }), rate);
	if (rate !== sampleRate) throw new Error(`the call that comes with Ycord is not in ${rate} Hz: give your own WAVs`);
	return shippedRecording();
}

/** The shorter one ends in silence. */
function inFrames(customer: Uint8Array, agent: Uint8Array, rate: number): CallSound {
	const frame = (rate * frameMs) / 1000;
	const length = Math.ceil(Math.max(customer.length, agent.length) / frame) * frame;
	const padded = (leg: Uint8Array) => {
		const whole = new Uint8Array(length).fill(0xff);
		whole.set(leg);
		return whole;
	};
	return { customer: padded(customer), agent: padded(agent) };
}
