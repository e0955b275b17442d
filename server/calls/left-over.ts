import type { Ask } from '#server/ask.ts';
import { isOn } from '#server/domain/call.ts';
import type { Session } from '#server/domain/session.ts';

/**
 * Ends what a server that was killed left open: its calls are no longer here, and nobody hears them. How much was heard
 * before the end is not known, so the record says zero rather than a guess. Runs before any gateway opens.
 */
export async function endLeftOver(ask: Ask, sessions: Iterable<[string, Session]>): Promise<number> {
	let ended = 0;
	for (const [callId, session] of [...sessions]) {
		for (const [listeningId, listening] of session.listenings)
			if (listening.at === 'listening')
				await ask.house('ycord', callId, {
					of: 'listening',
					listeningId,
					command: { type: 'stop-listening', reason: 'server-stopped', audibleMs: 0, lostMs: 0 },
				});
		if (!isOn(session.call)) continue;
		await ask.house('ycord', callId, { of: 'call', command: { type: 'end-call', reason: 'server-stopped' } });
		ended++;
	}
	return ended;
}
