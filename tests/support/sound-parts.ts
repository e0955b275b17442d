import type { Player, PlayerStats } from '#client/audio/player.ts';
import { store, type WritableStore } from '#client/live/store.ts';

/** A context whose clock and state the test sets; nothing sounds. */
export const quietContext = (currentTime = 0) =>
	Object.assign(new EventTarget(), {
		currentTime,
		outputLatency: 0.03,
		baseLatency: 0.01,
		state: 'running' as AudioContextState,
		resume: async () => {},
		close: async () => {},
	}) as unknown as AudioContext & { currentTime: number; state: AudioContextState };

/** Stands in for the player: keeps what was pushed, and the test says what it says of itself. */
export interface StandInPlayer extends Player {
	pushed: ArrayBuffer[];
	stats: WritableStore<PlayerStats>;
	says(stats: Partial<PlayerStats>): void;
	fail(): void;
	hushed: number;
	stopped: boolean;
}

export function standInPlayer(): StandInPlayer {
	const stats = store<PlayerStats>({
		playing: false,
		bufferMs: 0,
		underruns: 0,
		missedMs: 0,
		stretchedMs: 0,
		concealedMs: 0,
		lostMs: 0,
		mediaMs: 0,
		contextMs: 0,
	});
	let fail = () => {};
	const one: StandInPlayer = {
		ready: new Promise<void>((_, reject) => {
			fail = () => reject(new Error('no worklets here'));
		}),
		pushed: [],
		push: (message) => one.pushed.push(message),
		hushed: 0,
		hush() {
			one.hushed++;
		},
		stats,
		says: (more) => stats.set({ ...stats.get(), ...more }),
		fail: () => fail(),
		stopped: false,
		setVolume() {},
		setMuted() {},
		setBalance() {},
		setStereo() {},
		talk: () => ({ talks: { customer: false, agent: false, executive: false }, overtalk: false }),
		levels: () => ({ customer: 0.25, agent: 0.75, executive: 0 }),
		output: {} as AudioNode,
		stop() {
			one.stopped = true;
		},
	};
	return one;
}
