import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidV7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import type { PolicyFile } from '#server/policy/policy.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

async function houseWith(rules: PolicyFile['rules']) {
	const folder = await temporaryFolder();
	onTestFinished(() => folder.remove());
	const path = join(folder.path, 'policy.json');
	writeFileSync(path, JSON.stringify({ rules }));
	const app = await openHouse({ YCORD_POLICY: path });
	const [agent, executive, supervisor] = [await app.live('ann'), await app.live('eve'), await app.live('sue')];
	const invite = (callId: string) => agent.ask(callId, { type: 'invite', listeningId: uuidV7(), executiveId: 'eve' });
	const join_ = (callId: string) => supervisor.ask(callId, { type: 'join-call', listeningId: uuidV7() });
	return { app, path, agent, executive, supervisor, invite, join: join_ };
}

test('whoever the policy does not let listen is refused by name, before anything is on record [C4]', async () => {
	const { app, invite, join } = await houseWith([
		{ name: 'payments', when: { queue: 'Payments*' }, listeners: { roles: ['supervisor'] } },
		{ name: 'private', when: { queue: 'Works council' }, listeners: 'nobody' },
	]);
	const { callId: payments } = await startCall(app, { about: { queue: 'Payments EU' } });
	expect(await invite(payments)).toMatchObject({ type: 'refused', refusal: { code: 'policy.listener' } });
	expect(app.sessions.get(payments)?.listenings.size).toBe(0);
	expect(await join(payments)).toMatchObject({ type: 'done' });
	const { callId: council } = await startCall(app, { about: { queue: 'Works council' } });
	expect(await join(council)).toMatchObject({ type: 'refused', refusal: { code: 'policy.nobody' } });
	const { callId: other } = await startCall(app);
	expect(await invite(other)).toMatchObject({ type: 'done' });
});

test('as many listen at once as the policy lets; who comes later is let in when somebody has left [C4] [B2]', async () => {
	const { app, agent, executive, join } = await houseWith([{ name: 'one', mostListeners: 1 }]);
	const { callId } = await startCall(app);
	const listeningId = await admit(agent, executive, callId);
	const ear = await listenPeer(app.seat('eve'), listeningId);
	await ear.begun();
	expect(await join(callId)).toMatchObject({ type: 'refused', refusal: { code: 'policy.full' } });
	ear.leave();
	await ear.closed;
	await expect.poll(async () => (await join(callId)).type).toBe('done');
});

test('nobody hears a call whose customer was told less than the policy needs; a call keeps the policy it began with [C1] [C4]', async () => {
	const { app, agent, executive, path } = await houseWith([{ name: 'asked', disclosure: 'asked' }]);
	const { callId } = await startCall(app);
	const listeningId = await admit(agent, executive, callId);
	const ear = await listenPeer(app.seat('eve'), listeningId);
	await Promise.race([ear.begun(), ear.closed]);
	expect(ear.heard.all).toEqual([]);
	expect(await ear.closed).toMatchObject({ code: expect.any(Number) });
	const { callId: asked } = await startCall(app, { disclosure: 'asked' });
	const second = await listenPeer(app.seat('eve'), await admit(agent, executive, asked));
	await second.begun();
	// Another file changes nothing for a call that is on.
	writeFileSync(path, JSON.stringify({ rules: [{ name: 'nobody', listeners: 'nobody' }] }));
	expect(app.sessions.get(asked)?.state.call).toMatchObject({
		facts: { terms: { rules: ['asked'], disclosure: 'asked', version: expect.stringMatching(/^[0-9a-f]{12}$/) } },
	});
});
