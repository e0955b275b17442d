import { v7 as uuidV7 } from 'uuid';
import type { Person } from '#shared/people.ts';
import { linked, type Troupe } from '#tests/chaos/cast.ts';
import { until } from '#tests/chaos/until.ts';
import type { Installation } from '#tests/chaos/victim.ts';
import { twilioPeer } from '#tests/support/twilio-peer.ts';

/** Puts calls of one agent on the line, with these executives invited; gives back their ids. */
export async function calls(
	{ address, twilioToken: authToken }: Installation,
	stage: Troupe,
	agent: Person,
	executives: readonly Person[],
	count: number,
): Promise<string[]> {
	const connection = stage.connect(agent);
	await linked(connection);
	const mine = connection.watch({ view: 'mine' });
	const unwatch = mine.subscribe(() => {});
	const callIds: string[] = [];
	for (let number = 1; number <= count; number++) {
		const platform = await twilioPeer({ address, authToken, parameters: { agent: agent.id } });
		platform.begin();
		await platform.settled();
		platform.socket.on('error', () => {});
		const callId = `twilio-${platform.callSid}`;
		await until(() => mine.get().calls.some((call) => call.callId === callId), 'a call was on record');
		for (const { id } of executives)
			await connection.ask(callId, { type: 'invite', listeningId: uuidV7(), executiveId: id });
		callIds.push(callId);
	}
	unwatch();
	return callIds;
}
