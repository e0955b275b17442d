import { frameMs } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { Peer } from '#tests/peers/platform.ts';
import type { CallSound } from '#tests/peers/sound.ts';

export interface CallsToPlay {
	start: () => Promise<Peer>;
	sound: CallSound;
	/** Samples a second. */
	rate: number;
	calls: number;
	/** Begin again at the end. */
	loop: boolean;
	clock: Clock;
	/** Hangs all of them up. */
	signal: AbortSignal;
	say: (text: string) => void;
}

/**
 * Plays calls side by side in real time, a frame of each every 20 ms, then hangs up. Gives back whether all of them were
 * on to their end. Rejects if one could not be begun.
 */
export async function playCalls(what: CallsToPlay): Promise<boolean> {
	const { sound, rate, clock, signal, say } = what;
	const on = new Set<Peer>();
	let lost = 0;
	try {
		for (let count = 0; count < what.calls && !signal.aborted; count++) {
			const peer = await what.start();
			on.add(peer);
			say(`${peer.callId} is on`);
			void peer.closed.then((how) => {
				// Not by us: the server, or the way to it.
				if (!on.delete(peer)) return;
				lost++;
				say(`${peer.callId} was ended by the server: ${how}`);
			});
		}
		await inRealTime();
	} finally {
		const left = [...on];
		on.clear();
		await Promise.all(left.map((peer) => peer.hangUp()));
		if (left.length > 0) say(`${left.length === 1 ? (left[0] as Peer).callId : `${left.length} calls`} hung up`);
	}
	return lost === 0;

	/** Until the sound is over, nobody is left, or we are interrupted. */
	function inRealTime(): Promise<void> {
		const size = (rate * frameMs) / 1000;
		const frames = sound.customer.length / size;
		const beganMs = clock.now();
		let played = 0;
		return new Promise((resolve, reject) => {
			const stop = clock.every(frameMs / 2, () => {
				const due = Math.floor((clock.now() - beganMs) / frameMs) + 1;
				for (; played < due; played++) {
					if (signal.aborted || on.size === 0 || (played >= frames && !what.loop)) {
						stop();
						return resolve();
					}
					const from = (played % frames) * size;
					const next = [sound.customer, sound.agent].map((leg) => leg.subarray(from, from + size));
					for (const peer of on) peer.play(next[0] as Uint8Array, next[1] as Uint8Array).catch(reject);
				}
			});
		});
	}
}
