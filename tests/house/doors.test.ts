import { v7 as uuidV7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { startCall } from '#tests/support/test-call.ts';

const post = (app: TestHouse, path: string, body: unknown, headers: Record<string, string> = {}) =>
	fetch(`${app.address()}${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});

async function invitation(app: TestHouse, executiveId = 'eve') {
	const call = await startCall(app);
	const agent = await app.live('ann');
	const listeningId = uuidV7();
	const asked = await agent.ask(call.callId, { type: 'invite', listeningId, executiveId });
	if (asked.type !== 'done') throw new Error(JSON.stringify(asked));
	return { call, agent, listeningId, secret: asked.result?.invitationPath?.replace('/listen/', '') ?? '' };
}

describe('an invitation link', () => {
	test('signs the invited executive in and leads to the seat; the agent sees it was opened', async () => {
		const app = await openHouse();
		const { call, agent, listeningId, secret } = await invitation(app);
		await agent.watch({ watch: 'm', view: 'mine' });
		const answer = await post(app, '/api/invitations/open', { secret });
		expect(await answer.json()).toMatchObject({ person: { id: 'eve' }, listeningId, callId: call.callId });
		expect(answer.headers.get('set-cookie')).toMatch(/^ycord-executive=.*HttpOnly.*SameSite=Lax/);
		await agent.listening((one) => one.at === 'admitted');
	});
	test('is good once: another browser is refused, the same one comes back to the seat', async () => {
		const app = await openHouse();
		const { secret, listeningId } = await invitation(app);
		const first = await post(app, '/api/invitations/open', { secret });
		const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
		const elsewhere = await post(app, '/api/invitations/open', { secret });
		expect([elsewhere.status, (await elsewhere.json()).code]).toEqual([409, 'invitation.used']);
		const again = await post(app, '/api/invitations/open', { secret }, { cookie });
		expect(await again.json()).toMatchObject({ listeningId });
	});
	test('opened by two browsers at once lets one in', async () => {
		const app = await openHouse();
		const { secret } = await invitation(app);
		const answers = await Promise.all([1, 2, 3].map(() => post(app, '/api/invitations/open', { secret })));
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
	});
	test('withdrawn, or never made, says so', async () => {
		const app = await openHouse();
		const { call, agent, listeningId, secret } = await invitation(app);
		await agent.ask(call.callId, { type: 'withdraw-invitation', listeningId });
		const answer = await post(app, '/api/invitations/open', { secret });
		expect([answer.status, (await answer.json()).code]).toEqual([410, 'invitation.withdrawn']);
		const forged = await post(app, '/api/invitations/open', { secret: 'A'.repeat(43) });
		expect([forged.status, (await forged.json()).code]).toEqual([404, 'invitation.unknown']);
	});
	test('names one executive once; nobody is invited who is not known here', async () => {
		const app = await openHouse();
		const { call, agent } = await invitation(app);
		const twice = await agent.ask(call.callId, { type: 'invite', listeningId: uuidV7(), executiveId: 'eve' });
		expect(twice).toMatchObject({ type: 'refused', refusal: { code: 'invitation.exists' } });
		const nobody = await agent.ask(call.callId, { type: 'invite', listeningId: uuidV7(), executiveId: 'sue' });
		expect(nobody).toMatchObject({ type: 'refused', refusal: { code: 'invitation.unknown-executive' } });
	});
});

describe('the HTTP door', () => {
	test('a sign-in link signs in, an unknown one says so', async () => {
		const app = await openHouse();
		const nowMs = app.clock.now();
		const secret = app.access.mintLink('ann', { nowMs, expiresAtMs: nowMs + 1000 });
		expect(await (await post(app, '/api/sign-in', { secret })).json()).toMatchObject({ person: { id: 'ann' } });
		const unknown = await post(app, '/api/sign-in', { secret: 'B'.repeat(43) });
		expect([unknown.status, (await unknown.json()).code]).toEqual([401, 'access.link-unknown']);
	});
	test.each([
		['not JSON', '{', 400, 'request.malformed'],
		['a wrong type', { secret: 7 }, 400, 'request.malformed'],
		['an unknown field', { secret: 'A'.repeat(43), admin: true }, 400, 'request.malformed'],
		['an oversized body', { secret: 'A'.repeat(50_000) }, 413, 'request.too-large'],
	])('%s is refused by name', async (_, body, status, code) => {
		const app = await openHouse();
		const answer = await post(app, '/api/sign-in', body);
		expect([answer.status, (await answer.json()).code]).toEqual([status, code]);
	});
	test('what is not there, what is not signed in, what is not allowed, what comes from elsewhere', async () => {
		const app = await openHouse();
		const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${app.address()}${path}`, { headers });
		const codes = await Promise.all(
			[
				ask('/api/nothing'),
				ask('/api/people?as=agent&role=executive'),
				ask('/api/people?as=executive&role=executive', { cookie: app.seat('eve').cookie }),
				ask('/api/people?as=agent&role=executive', {
					cookie: app.seat('ann').cookie,
					origin: 'https://elsewhere.example',
				}),
			].map(async (answer) => (await (await answer).json()).code),
		);
		expect(codes).toEqual(['request.not-found', 'access.sign-in', 'access.denied', 'request.wrong-origin']);
	});
	test('healthy, ready, measured; and not ready once it drains', async () => {
		const app = await openHouse();
		const status = async (path: string) => (await fetch(`${app.address()}${path}`)).status;
		expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200]);
		const metrics = await (await fetch(`${app.address()}/metrics`)).text();
		expect(metrics).toMatch(/^ycord_calls 0$/m);
		expect(metrics).toMatch(/^# TYPE ycord_sound_messages_total counter$/m);
		app.drain();
		expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
		await expect(startCall(app)).rejects.toThrow('restart');
	});
	test('leaving tells every open page to come back', async () => {
		const app = await openHouse();
		const peer = await app.live('sue');
		await app.close();
		expect((await peer.closed).code).toBe(closeCodes.draining.code);
	});
});
