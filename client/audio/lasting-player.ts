import type { Player, PlayerStats } from '#client/audio/player.ts';
import { store } from '#client/live/store.ts';
import { type Leg, legs } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';

/** A player that outlives its audio device. */
export interface LastingPlayer extends Player {
	/** The context that plays now. */
	readonly context: AudioContext;
	/** Asks the device for its sound again; in a click, where some browsers demand one. */
	wake(): void;
}

export interface LastingNeeds {
	/** Running: made or resumed in a click. It is not closed here. */
	context: AudioContext;
	openPlayer: (context: AudioContext) => Player;
	/** Another one, when the first plays no more: its device is gone, or the browser has given it up. */
	openContext: () => AudioContext;
	clock: Clock;
	/** Tells when the devices change; gives back its stop. */
	whenDevicesChange: (changed: () => void) => () => void;
	/** Another context plays now, or it plays again. */
	changed: () => void;
	/** The other context cannot play. */
	failed: () => void;
}

const lookEveryMs = 1000;
/** A context that says it runs and whose time stands still for so long plays nothing: first it is asked to go on, then replaced. */
const stuckMs = 2000;
const deadMs = 5000;

const countNames = ['underruns', 'missedMs', 'stretchedMs', 'lostMs', 'concealedMs'] as const;
const countsOf = (stats: PlayerStats) => {
	const { underruns, missedMs, stretchedMs, lostMs, concealedMs } = stats;
	return { underruns, missedMs, stretchedMs, lostMs, concealedMs };
};

/** Headphones that are pulled, a device that is taken away, a browser that forgets: the sound goes on as it was set. */
export function lastingPlayer(needs: LastingNeeds): LastingPlayer {
	const { openPlayer, openContext, clock, whenDevicesChange, changed, failed } = needs;
	let { context } = needs;
	let inner = openPlayer(context);
	const stats = store(inner.stats.get());
	const set = {
		volume: new Map<Leg, number>(),
		muted: new Map<Leg, boolean>(),
		balance: undefined as number | undefined,
		stereo: undefined as boolean | undefined,
	};
	/** What was not heard before the player that plays now, and where in the call that one had stopped. */
	let before = { underruns: 0, missedMs: 0, stretchedMs: 0, lostMs: 0, concealedMs: 0 };
	let stoppedAtMs: number | undefined;
	/** The counts of a player begin at nothing; those of the listening go on, and what was missed in between is among them. */
	const told = () => {
		const now = inner.stats.get();
		if (stoppedAtMs !== undefined && now.playing) {
			before.lostMs += Math.max(0, now.mediaMs - stoppedAtMs);
			stoppedAtMs = undefined;
		}
		const counts = countsOf(now);
		for (const name of countNames) counts[name] += before[name];
		stats.set({ ...now, ...counts });
	};
	let forward = inner.stats.subscribe(told);
	let movedAtMs = clock.now();
	let seenTime = context.currentTime;
	let asked = false;
	let stopped = false;

	const replace = () => {
		movedAtMs = clock.now();
		asked = false;
		const next = another();
		if (!next) return;
		const old = inner;
		const last = stats.get();
		before = countsOf(last);
		if (last.mediaMs > 0) stoppedAtMs = last.mediaMs;
		const oldContext = context;
		forward();
		old.stop();
		context.removeEventListener('statechange', changed);
		if (oldContext !== needs.context) void oldContext.close().catch(() => {});
		context = next;
		context.addEventListener('statechange', changed);
		inner = openPlayer(context);
		inner.ready.catch(failed);
		forward = inner.stats.subscribe(told);
		for (const leg of legs) {
			const [volume, muted] = [set.volume.get(leg), set.muted.get(leg)];
			if (volume !== undefined) inner.setVolume(leg, volume);
			if (muted !== undefined) inner.setMuted(leg, muted);
		}
		if (set.balance !== undefined) inner.setBalance(set.balance);
		if (set.stereo !== undefined) inner.setStereo(set.stereo);
		changed();
	};
	/** A browser gives a page only so many; then it is asked again a little later. */
	const another = () => {
		try {
			return openContext();
		} catch {
			return undefined;
		}
	};
	const look = () => {
		const nowMs = clock.now();
		if (
			context.currentTime !== seenTime ||
			context.state === 'suspended' ||
			context.state === ('interrupted' as string)
		) {
			// It plays, or it says that it does not: whoever is paused is asked to go on by whoever paused it.
			seenTime = context.currentTime;
			movedAtMs = nowMs;
			asked = false;
			return;
		}
		const stillMs = nowMs - movedAtMs;
		if (context.state === 'closed' || stillMs >= deadMs) return replace();
		if (stillMs < stuckMs || asked) return;
		asked = true;
		context.resume().catch(() => {});
	};
	const stopLooking = clock.every(lookEveryMs, look);
	// The change is told before the browser has followed it, so the next looks tell whether it did.
	const stopDevices = whenDevicesChange(() => {
		movedAtMs = Math.min(movedAtMs, clock.now() - stuckMs);
		context.resume().catch(() => {});
	});
	context.addEventListener('statechange', changed);

	return {
		ready: inner.ready,
		get context() {
			return context;
		},
		push: (message) => inner.push(message),
		hush: () => inner.hush(),
		stats,
		setVolume(leg, volume) {
			set.volume.set(leg, volume);
			inner.setVolume(leg, volume);
		},
		setMuted(leg, muted) {
			set.muted.set(leg, muted);
			inner.setMuted(leg, muted);
		},
		setBalance(balance) {
			set.balance = balance;
			inner.setBalance(balance);
		},
		setStereo(stereo) {
			set.stereo = stereo;
			inner.setStereo(stereo);
		},
		levels: () => inner.levels(),
		talk: () => inner.talk(),
		get output() {
			return inner.output;
		},
		wake() {
			if (context.state === 'closed') replace();
			context.resume().catch(() => {});
		},
		stop() {
			if (stopped) return;
			stopped = true;
			stopLooking();
			stopDevices();
			forward();
			context.removeEventListener('statechange', changed);
			inner.stop();
			if (context !== needs.context) void context.close().catch(() => {});
		},
	};
}
