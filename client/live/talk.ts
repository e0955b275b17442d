import type { Leg } from '#shared/audio.ts';
import type { TalkMessage, ToServer } from '#shared/live.ts';

/** Who talks on the calls that are on screen. */
export interface TalkSeen {
	/** These calls are on screen, and no others; at most `mostLooked` of them are told of. [W14] */
	look(callIds: readonly string[]): void;
	/** Who talks on a call; the same list until that changes. */
	who(callId: string): readonly Leg[];
	subscribe(onChange: () => void): () => void;
}

/** As many as the server takes; nobody looks at more rows at once. */
export const mostLooked = 200;
const nobody: readonly Leg[] = [];

/** The client's end of "who talks": what is looked at is said once a link is there, and again on each new one. */
export function talkSeen(send: (message: ToServer) => boolean) {
	const listeners = new Set<() => void>();
	const talks = new Map<string, readonly Leg[]>();
	let looked: readonly string[] = [];
	const changed = () => {
		for (const listener of [...listeners]) listener();
	};
	const seen: TalkSeen = {
		look(callIds) {
			const next = callIds.slice(0, mostLooked);
			if (next.length === looked.length && next.every((callId, place) => callId === looked[place])) return;
			looked = next;
			for (const callId of talks.keys()) if (!next.includes(callId)) talks.delete(callId);
			send({ type: 'look', callIds: [...next] });
			changed();
		},
		who: (callId) => talks.get(callId) ?? nobody,
		subscribe(onChange) {
			listeners.add(onChange);
			return () => listeners.delete(onChange);
		},
	};
	return {
		seen,
		greeted() {
			if (looked.length > 0) send({ type: 'look', callIds: [...looked] });
		},
		told({ talk }: TalkMessage) {
			for (const { callId, who } of talk) {
				if (!looked.includes(callId)) continue;
				if (who.length > 0) talks.set(callId, who);
				else talks.delete(callId);
			}
			changed();
		},
		/** Nobody tells us any more: nobody is shown as talking. */
		lost() {
			if (talks.size === 0) return;
			talks.clear();
			changed();
		},
	};
}
