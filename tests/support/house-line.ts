import type { TestHouse } from '#tests/support/house.ts';
import { linePeer } from '#tests/support/line-peer.ts';
import { onRecord } from '#tests/support/test-call.ts';

/** A browser line that ann opened, with both ends on it, talking; on record. */
export async function houseLine(app: TestHouse, { cookie } = app.seat('ann')) {
	const opened = await fetch(`${app.address()}/api/lines?as=agent`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', cookie },
		body: JSON.stringify({ label: 'A line' }),
	});
	const { callId, agentPath, customerPath } = (await opened.json()) as Record<string, string>;
	const end = (path = '', which: 'agent' | 'customer') =>
		linePeer({ address: app.address(), secret: path.replace('/line/', ''), end: which });
	const [agent, customer] = [await end(agentPath, 'agent'), await end(customerPath, 'customer')];
	await Promise.all([agent.state('talking'), customer.state('talking')]);
	await onRecord(app, callId as string);
	return { callId: callId as string, agent, customer, agentAgain: () => end(agentPath, 'agent') };
}
