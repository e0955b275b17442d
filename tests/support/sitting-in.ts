import { v7 as uuidV7 } from 'uuid';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { stubbornJournal } from '#tests/support/stubborn-journal.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

export const teamNote = (text: string) =>
	({ type: 'write-note', noteId: uuidV7(), kind: 'observation', lane: 'team', text, anchorMs: 0 }) as const;

/** Resolves when the views show what is wished for, now or after a change. */
export const shown = (app: TestHouse, isSo: () => boolean) =>
	new Promise<void>((resolve) => {
		if (isSo()) return resolve();
		const stop = app.sessions.onChange(() => {
			if (!isSo()) return;
			stop();
			resolve();
		});
	});

export const listeningAt = (app: TestHouse, callId: string, listeningId: string) =>
	app.sessions.get(callId)?.listenings.get(listeningId)?.at;

/** One call with its agent, a supervisor, and an executive who hears it; the clock and the journal are in the test's hands. */
export async function sittingIn(env: Record<string, string> = {}) {
	const journal = await stubbornJournal();
	const clock = handClock();
	const app = await openHouse(env, { journal, clock });
	const call = await startCall(app);
	const [agent, executive, supervisor] = [await app.live('ann'), await app.live('eve'), await app.live('sue')];
	const listeningId = await admit(agent, executive, call.callId);
	const listener = await listenPeer(app.seat('eve'), listeningId);
	await listener.begun();
	return { app, journal, clock, call, callId: call.callId, agent, executive, supervisor, listeningId, listener };
}
