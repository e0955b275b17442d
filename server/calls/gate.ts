import type { Outcome } from '#server/ask.ts';
import type { Hub } from '#server/audio/hub.ts';
import type { SessionEvent } from '#server/domain/session.ts';

/** Shuts and opens the sound of calls. */
export interface ProtectionGate {
	/**
	 * Somebody who may asks for protection: shut now, before it is on record. Gives back what is told how that came out.
	 * What did not get on record stays shut until a later protection does, and is ended: it fails closed. [P2]
	 */
	shut(callId: string): (outcome: Outcome) => void;
	/** What was recorded, in order. Nothing but the recorded end of the protection opens the sound again. [P2] */
	recorded(records: readonly { stream: string; event: SessionEvent }[]): void;
}

/** From the press of the key on nothing of the call leaves: not when it is confirmed, and not when it is on record. [P1] */
export function protectionGate(hub: Hub): ProtectionGate {
	/** How often a call's protection was asked for and is on its way: an end that is recorded meanwhile opens nothing. */
	const onTheWay = new Map<string, number>();
	/** Calls whose protection did not get on record. */
	const unrecorded = new Set<string>();
	const count = (callId: string, by: number) => {
		const now = (onTheWay.get(callId) ?? 0) + by;
		if (now > 0) onTheWay.set(callId, now);
		else onTheWay.delete(callId);
	};
	return {
		shut(callId) {
			count(callId, 1);
			hub.protect(callId, true);
			return (outcome) => {
				count(callId, -1);
				if (outcome === 'unrecorded') unrecorded.add(callId);
			};
		},
		recorded(records) {
			for (const { stream, event } of records) {
				if (event.type === 'call-protected') {
					unrecorded.delete(stream);
					hub.protect(stream, true);
				}
				const isWanted = onTheWay.has(stream) || unrecorded.has(stream);
				if (event.type === 'call-unprotected' && !isWanted) hub.protect(stream, false);
				if (event.type === 'call-ended') unrecorded.delete(stream);
			}
		},
	};
}
