import { onTestFinished } from 'vitest';
import { asterisk, asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import type { AsteriskConfig, MediaWay } from '#server/telephony/asterisk/settings.ts';
import type { Control } from '#server/telephony/control.ts';
import { type AsteriskPeer, type AsteriskPeerOptions, asteriskPeer } from '#tests/support/asterisk-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { hurryingClock } from '#tests/support/hurrying-clock.ts';
import { type RecordedCall, type RecordingIntake, recordingIntake } from '#tests/support/recording-intake.ts';

const key = 'key-of-the-media-section';
/** Between two tries of Ycord: to hear events again, to bring an agent back. */
const pausesMs = [500, 250];

/** Ycord's Asterisk gateway beside Asterisk, both ready. */
export async function asteriskSite(
	intake: RecordingIntake,
	{
		media = 'websocket',
		stage = () => {},
		there,
		...options
	}: Omit<AsteriskPeerOptions, 'media'> & {
		media?: MediaWay;
		stage?: (peer: AsteriskPeer) => void;
		/** An Asterisk that is running. */
		there?: AsteriskPeer;
	} = {},
) {
	let uri = '';
	const peer = there ?? (await asteriskPeer({ media: () => ({ uri, key }), ...options }));
	onTestFinished(() => peer.close());
	stage(peer);
	const asked = peer.requests.length;
	const config: NonNullable<AsteriskConfig['asterisk']> = {
		url: peer.url,
		user: 'ycord',
		password: 'secret-of-ari',
		app: 'ycord',
		media,
		client: 'ycord',
		mediaKeys: [key],
		format: media === 'audiosocket' ? 'slin' : 'ulaw',
		audioSocket: { host: '127.0.0.1', port: 0 },
	};
	const clock = handClock();
	const { address, app } = await gatewayDoor(async (door) => {
		await door.register(asterisk, { intake, clock: hurryingClock(clock, pausesMs), site: 'test', config });
	});
	uri = `${address.replace('http', 'ws')}${asteriskMediaPath}`;
	onTestFinished(() => app.close());
	// Only then does it hear what is told.
	await peer.when(() => peer.requests.slice(asked).some(({ path }) => path === '/channels'));
	return { peer, clock, app };
}

let count = 0;

/** Two parties in a bridge of somebody's application, of which nobody has been told. */
export function twoTalk(peer: AsteriskPeer) {
	count++;
	const parties = { customer: `customer-${count}`, agent: `agent-${count}`, bridge: `call-${count}` };
	for (const party of [parties.customer, parties.agent]) peer.party(party, parties.bridge);
	return parties;
}

/** A call that is listened to, and what can be asked of it. */
export async function asteriskCall(options: { withoutGuard?: boolean } = {}) {
	const intake = recordingIntake();
	const site = await asteriskSite(intake, options);
	const { peer } = site;
	const { customer, agent, bridge } = twoTalk(peer);
	peer.userEvent(customer, { agent: 'ann', agent_channel: agent, bridge });
	await intake.when(() => intake.calls.length > 0);
	const call = intake.calls[0] as RecordedCall;
	const control = call.incoming.control as Required<Control>;
	const lost: string[] = [];
	return {
		...site,
		intake,
		call,
		control,
		customer,
		agent,
		bridge,
		lost,
		take: () => control.take({ agent: 'muted', shownAs: 'a leader' }, () => lost.push('lost')),
		...whereEverybodyIs(peer, { customer, agent, bridge }),
	};
}

/** How an executive's turn shows in Asterisk. */
export const whereEverybodyIs = (
	peer: AsteriskPeer,
	{ customer, agent, bridge }: { customer: string; agent: string; bridge: string },
) => ({
	/** Who shares the call's bridge with the customer: `agent`, `executive`. */
	withCustomer: () =>
		(peer.bridges.find(({ id }) => id === bridge)?.channels ?? [])
			.filter((id) => id !== customer)
			.map((id) => (id === agent ? 'agent' : id.endsWith('-line') ? 'executive' : id)),
	/** What of ours is there that listening does not need. */
	leftOver: () => [
		...peer.channels.filter((id) => id.endsWith('-line') || id.endsWith('-guard')),
		...peer.bridges.map(({ id }) => id).filter((id) => id.includes('-waits-')),
	],
});
