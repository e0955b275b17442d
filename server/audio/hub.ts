import { type Codec, encodeSound, frameMs, type Leg } from '#shared/audio.ts';

/** One listener's ear on a call: an outbox, or a test's stand-in. */
export interface Ear {
	send(message: Uint8Array, messageMs: number): void;
	clear(): void;
}

/** A call's way into the hub. */
export interface CallSound {
	/**
	 * One leg's 20 ms of sound at its place on the call's time line, counted in frames. The bytes are copied. Gives back
	 * by how many frames it came too late, 0 if it was taken: the caller decides when to move the leg.
	 */
	frame(leg: Leg, index: number, bytes: Uint8Array): number;
	close(): void;
}

/** One call in, many listeners out, in this process. In memory, bounded, late means dropped, never written down. */
export interface Hub {
	open(callId: string, codec: Codec): CallSound;
	/** From now on this ear hears the call. Gives back what ends it; does nothing for a call that is not here. */
	listen(callId: string, ear: Ear): () => void;
	/** While protected nothing of the call leaves, not even what was queued before. [P1] */
	protect(callId: string, on: boolean): void;
	readonly calls: number;
	readonly listeners: number;
	/** Messages handed to listeners so far, counted once for each listener. */
	readonly deliveredMessages: number;
	/** Frames that came after their message had left. */
	readonly lateFrames: number;
}

/** Frames one leg may run ahead of the other before its sound leaves alone: 40 ms, less than a tab's smallest buffer. */
const maxAhead = 2;
/** A leg that is this many frames behind the other is not waited for. */
const absentAfter = 5;

interface Slot {
	index: number;
	parts: Partial<Record<Leg, Uint8Array>>;
}

/**
 * Both legs of a call share one message where both are present, because a message written is the cost, not a byte. A
 * message is built once for all listeners of the call, and legs are put together by their place in time: a leg that is
 * a little behind is waited for, one that is absent is not.
 */
export function soundHub(now: () => number): Hub {
	const calls = new Map<string, OneCall>();
	let listeners = 0;
	let deliveredMessages = 0;
	let lateFrames = 0;

	interface OneCall {
		codec: Codec;
		ears: Set<Ear>;
		protected: boolean;
		sequence: number;
		/** Frames not yet sent, oldest first; at most `maxAhead` + 1 of them. */
		slots: Slot[];
		/** The newest frame seen of each leg. */
		newest: Partial<Record<Leg, number>>;
		/** Everything before this frame has left. */
		next: number;
		openedAtMs: number;
		/** Everything before this frame was said while the call was protected, and never leaves. [P1] */
		silencedBefore: number;
	}

	function send(call: OneCall, slot: Slot) {
		call.next = slot.index + 1;
		call.sequence++;
		if (call.ears.size === 0) return;
		const header = {
			codec: call.codec,
			frames: 1,
			sequence: call.sequence,
			mediaMs: slot.index * frameMs,
			serverMs: Math.round(now()) % 2 ** 32,
		};
		// As a Buffer once, for `ws` makes one of anything else for each listener.
		const message = Buffer.from(encodeSound(header, slot.parts).buffer);
		for (const ear of call.ears) ear.send(message, frameMs);
		deliveredMessages += call.ears.size;
	}

	function isComplete(call: OneCall, slot: Slot, lead: number) {
		for (const leg in call.newest) {
			const newest = call.newest[leg as Leg] as number;
			if (!slot.parts[leg as Leg] && newest > lead - absentAfter) return false;
		}
		return true;
	}

	return {
		open(callId, codec) {
			const call: OneCall = {
				codec,
				ears: new Set(),
				protected: false,
				sequence: 0,
				slots: [],
				newest: {},
				next: 0,
				openedAtMs: now(),
				silencedBefore: 0,
			};
			calls.set(callId, call);
			let lead = 0;
			return {
				frame(leg, index, bytes) {
					// A leg that comes too late is there all the same, and is waited for from now on.
					call.newest[leg] = Math.max(call.newest[leg] ?? 0, index);
					lead = Math.max(lead, index);
					if (call.protected) call.silencedBefore = Math.max(call.silencedBefore, index + 1);
					// Not late but kept back: the leg stays where it is.
					if (index < call.silencedBefore) return 0;
					if (index < call.next) {
						lateFrames++;
						return call.next - index;
					}
					let slot = call.slots.find((one) => one.index === index);
					if (!slot) {
						slot = { index, parts: {} };
						const place = call.slots.findLastIndex((one) => one.index < index) + 1;
						call.slots.splice(place, 0, slot);
					}
					slot.parts[leg] = bytes;
					for (;;) {
						const first = call.slots[0];
						if (!first || (!isComplete(call, first, lead) && lead - first.index < maxAhead)) break;
						call.slots.shift();
						send(call, first);
					}
					// What has to wait for the other leg is copied, for the gateway may use its buffer again. (A Buffer's slice() is none.)
					if (index >= call.next) slot.parts[leg] = Buffer.from(bytes);
					return 0;
				},
				close() {
					if (calls.get(callId) !== call) return;
					listeners -= call.ears.size;
					call.ears.clear();
					calls.delete(callId);
				},
			};
		},
		listen(callId, ear) {
			const call = calls.get(callId);
			if (!call) return () => {};
			call.ears.add(ear);
			listeners++;
			return () => {
				if (call.ears.delete(ear)) listeners--;
			};
		},
		protect(callId, on) {
			const call = calls.get(callId);
			if (!call) return;
			call.protected = on;
			if (!on) {
				// What was said until now may still be on its way to us: its place in time keeps it back.
				const until = Math.ceil((now() - call.openedAtMs) / frameMs);
				call.silencedBefore = Math.max(call.silencedBefore, until);
				return;
			}
			call.slots.length = 0;
			for (const ear of call.ears) ear.clear();
		},
		get calls() {
			return calls.size;
		},
		get listeners() {
			return listeners;
		},
		get deliveredMessages() {
			return deliveredMessages;
		},
		get lateFrames() {
			return lateFrames;
		},
	};
}
