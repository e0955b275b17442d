import { v7 as uuidV7 } from 'uuid';
import type { IncomingCall, LiveCall } from '#server/telephony/telephony.ts';
import type { TestHouse } from '#tests/support/house.ts';
import type { LivePeer } from '#tests/support/live-peer.ts';

/** A call of ann's, as no gateway in particular brings it. */
export const testCall: Omit<IncomingCall, 'platformId'> = {
	gateway: 'test',
	agentId: 'ann',
	label: 'A test call',
	codec: 'pcmu',
	legs: ['customer', 'agent'],
	disclosure: 'notice',
	rehearsal: false,
};

/** A call brought in through the port itself, for tests that are not about a gateway. Ready when it is on record. */
export async function startCall(app: TestHouse, changes: Partial<IncomingCall> = {}): Promise<LiveCall> {
	const refused = Promise.withResolvers<never>();
	const call = app.intake.started({ ...testCall, platformId: uuidV7(), ...changes }, (refusal) =>
		refused.reject(refusal),
	);
	await Promise.race([onRecord(app, call.callId), refused.promise]);
	return call;
}

/** Resolves when there is such a call for those who may see it. */
export const onRecord = (app: TestHouse, callId: string): Promise<void> =>
	new Promise((resolve) => {
		const isThere = () => app.sessions.get(callId) !== undefined;
		if (isThere()) return resolve();
		const stop = app.sessions.onChange(() => {
			if (!isThere()) return;
			stop();
			resolve();
		});
	});

/** Invites an executive and accepts for them; gives back the listening's id. */
export async function admit(
	agent: LivePeer,
	executive: LivePeer,
	callId: string,
	executiveId = 'eve',
): Promise<string> {
	const listeningId = uuidV7();
	const invited = await agent.ask(callId, { type: 'invite', listeningId, executiveId });
	if (invited.type !== 'done') throw new Error(JSON.stringify(invited));
	const accepted = await executive.ask(callId, { type: 'accept-invitation', listeningId });
	if (accepted.type !== 'done') throw new Error(JSON.stringify(accepted));
	return listeningId;
}

/** Plays `count` frames of both legs, each marked by its number, from frame `first` of the wire's clock. */
export function play(call: LiveCall, first: number, count: number): void {
	for (let frame = first; frame < first + count; frame++) {
		call.sound('customer', new Uint8Array(160).fill(1 + (frame % 100)), frame * 160);
		call.sound('agent', new Uint8Array(160).fill(101 + (frame % 100)), frame * 160);
	}
}
