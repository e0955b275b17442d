import { expect, test } from 'vitest';
import { talkTold } from '#server/live/talk.ts';
import type { SessionView } from '#server/projections/session-view.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import type { TalkMessage } from '#shared/live.ts';

test('[W14] what a peer has not read is not piled up: it is told what is true once it reads again', () => {
	const told: TalkMessage[] = [];
	const now = { bits: 0, behind: false };
	const call = { at: 'live', protected: false, team: 'Orders' };
	const session = { callId: 'a', call, state: { call: { ...call, facts: call }, listenings: new Map() } };
	const talk = talkTold({
		talking: () => ({ bits: now.bits, overtalk: false }),
		sessions: { get: () => session as unknown as SessionView } as unknown as Sessions,
		person: { id: 'sue', name: 'Sue', role: 'supervisor', team: 'Orders' },
		say: (message) => told.push(message),
		isBehind: () => now.behind,
	});
	talk.look(['a']);
	now.behind = true;
	for (const bits of [1, 2, 3, 1, 2]) {
		now.bits = bits;
		talk.tell();
	}
	expect(told).toEqual([]);
	now.behind = false;
	talk.tell();
	talk.tell();
	expect(told).toEqual([{ type: 'talk', talk: [{ callId: 'a', who: ['agent'] }] }]);
});
