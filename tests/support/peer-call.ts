import type { AddressInfo } from 'node:net';
import { v7 as uuidV7 } from 'uuid';
import { onTestFinished } from 'vitest';
import type { Platform } from '#tests/peers/platform.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import type { Rechunking } from '#tests/support/rechunking.ts';
import { onRecord } from '#tests/support/test-call.ts';

const key = 'a-key-for-this-platform';

/** A call of the platform's in a house of its own, on a clock of the test's, and a supervisor who hears it. */
export async function peerCall(platform: Platform, rate: number, way?: Rechunking) {
	const clock = handClock();
	const { env, reach, stop } = await platform.inHouse(key, rate);
	if (stop) onTestFinished(stop);
	const app = await openHouse({ ...env, ...(way ? { YCORD_PUBLIC_URL: way.address } : {}) }, { clock });
	way?.to((app.http.server.address() as AddressInfo).port);
	const at = way?.address ?? app.address();
	const address = reach?.(app, at) ?? at;
	const peer = await platform.start({ address, key, agent: 'ann', rate });
	await onRecord(app, peer.callId);
	const supervisor = await app.live('sue');
	const listeningId = uuidV7();
	const answer = await supervisor.ask(peer.callId, { type: 'join-call', listeningId });
	if (answer.type !== 'done') throw new Error(JSON.stringify(answer));
	const ear = await listenPeer(app.seat('sue'), listeningId);
	await ear.begun();
	return { app, clock, peer, ear, key };
}
