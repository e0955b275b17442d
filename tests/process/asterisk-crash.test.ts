import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { asteriskSite, twoTalk, whereEverybodyIs } from '#tests/support/asterisk-call.ts';
import { asteriskPeer } from '#tests/support/asterisk-peer.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { spawned } from '#tests/support/spawned.ts';

const program = fileURLToPath(import.meta.resolve('#tests/support/take-until-killed.ts'));

/** Ycord is killed while an executive has the line and the agent waits. */
async function killedInMidSegment() {
	const peer = await asteriskPeer();
	onTestFinished(() => peer.close());
	const ycord = spawned([program, peer.url], {});
	onTestFinished(() => void ycord.process.kill('SIGKILL'));
	const listening = peer.when(() => peer.requests.some(({ path }) => path === '/bridges'));
	await Promise.race([listening, ycord.ended.then(({ err }) => Promise.reject(new Error(err)))]);
	const parties = twoTalk(peer);
	const { customer, agent, bridge } = parties;
	peer.userEvent(customer, { agent: 'ann', agent_channel: agent, bridge });
	await ycord.says('taken');
	const where = whereEverybodyIs(peer, parties);
	expect(where.withCustomer()).toEqual(['executive']);
	ycord.process.kill('SIGKILL');
	expect((await ycord.ended).signal).toBe('SIGKILL');
	// The executive's channel has lost its sound, and nobody asks for anything any more.
	await peer.when(() => where.withCustomer().length === 0);
	expect(peer.channels.some((id) => id.endsWith('-guard'))).toBe(true);
	return { peer, ...parties, ...where };
}

test('Ycord is killed in the middle of a segment: the guard in the dialplan brings the agent back', async () => {
	const { peer, withCustomer, leftOver, bridge, customer, agent } = await killedInMidSegment();
	peer.guardLooks();
	expect(withCustomer()).toEqual(['agent']);
	// And Ycord, when it is there again, leaves the two alone.
	await asteriskSite(recordingIntake(), { there: peer });
	await peer.when(() => leftOver().length === 0);
	expect(peer.bridges.find(({ id }) => id === bridge)?.channels).toEqual([customer, agent]);
});

test('Ycord is killed in the middle of a segment and there again before the guard looks: it brings the agent back itself', async () => {
	const { peer, withCustomer, leftOver } = await killedInMidSegment();
	await asteriskSite(recordingIntake(), { there: peer });
	await peer.when(() => leftOver().length === 0);
	expect(withCustomer()).toEqual(['agent']);
	expect(peer.channels.filter((id) => id.startsWith('ycord-'))).toEqual([]);
});
