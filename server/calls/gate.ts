import type { Hub } from '#server/audio/hub.ts';
import type { SessionEvent } from '#server/domain/session.ts';

/**
 * Shuts a call's sound in the moment its protection is on record, before whoever asked is told so. [P1] Nothing but the
 * recorded end of the protection opens it again: not a hold, not a lost and restored call. [P2]
 */
export const protectionGate =
	(hub: Hub) =>
	(records: readonly { stream: string; event: SessionEvent }[]): void => {
		for (const { stream, event } of records) {
			if (event.type === 'call-protected') hub.protect(stream, true);
			if (event.type === 'call-unprotected') hub.protect(stream, false);
		}
	};
