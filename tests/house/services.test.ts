import { expect, test } from 'vitest';
import { shown, sittingIn } from '#tests/support/sitting-in.ts';
import { play } from '#tests/support/test-call.ts';

/** A call that is listened to, and what a payment page sends. */
async function withPaymentPage() {
	const seat = await sittingIn();
	const { app, clock } = seat;
	const key = app.access.services.make('payments', ['protection'], clock.now());
	const send = async (body: unknown, { callId = seat.callId, shows = `Bearer ${key}`, more = {} } = {}) => {
		const answer = await fetch(`${app.address()}/v1/sessions/${callId}/protection`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...(shows ? { authorization: shows } : {}), ...more },
			body: JSON.stringify(body),
		});
		return { status: answer.status, ...((await answer.json()) as { protected?: boolean; code?: string }) };
	};
	return { ...seat, key, send };
}

test('a payment page protects a call and ends it; what is said meanwhile reaches no listener [P1]', async () => {
	const { call, callId, listener, send, app, agent } = await withPaymentPage();
	const isProtected = (is: boolean) => shown(app, () => app.sessions.get(callId)?.call.protected === is);
	play(call, 0, 3);
	await listener.heard.when(({ parts }) => parts.customer?.[0] === 3);
	expect(await send({ protected: true })).toEqual({ status: 200, protected: true });
	for (const leg of ['customer', 'agent'] as const) call.sound(leg, new Uint8Array(160).fill(77), 3 * 160);
	await isProtected(true);
	expect(await send({ protected: true })).toEqual({ status: 200, protected: true });
	expect(await send({ protected: false })).toEqual({ status: 200, protected: false });
	await isProtected(false);
	play(call, 4, 5);
	await listener.heard.when(({ parts }) => parts.customer?.[0] === 8);
	expect(listener.heard.all.filter(({ parts }) => parts.customer?.includes(77))).toEqual([]);
	// What the agent asks for is not the page's to end.
	expect(await agent.ask(callId, { type: 'protect-call' })).toMatchObject({ type: 'done' });
	await isProtected(true);
	expect(await send({ protected: false })).toEqual({ status: 200, protected: true });
});

test('whoever shows no key, a wrong one, one that was taken away, or asks wrongly, is refused by name', async () => {
	const { send, key, app } = await withPaymentPage();
	expect(await send({ protected: true }, { shows: '' })).toMatchObject({ status: 401, code: 'access.service-key' });
	expect(await send({ protected: true }, { shows: `Bearer ycord_${'A'.repeat(43)}` })).toMatchObject({ status: 401 });
	expect(await send({ protected: true }, { callId: 'rehearsal-none' })).toMatchObject({
		status: 404,
		code: 'call.unknown',
	});
	expect(await send({ protected: 'yes' })).toMatchObject({ status: 400, code: 'request.malformed' });
	expect(await send({ protected: true, more: 1 })).toMatchObject({ status: 400, code: 'request.malformed' });
	// A person's cookie is no key: a page of another site has that, and nothing to show here.
	const cookie = app.seat('ann').cookie;
	expect(await send({ protected: true }, { shows: '', more: { cookie } })).toMatchObject({ status: 401 });
	app.access.services.remove(1);
	expect(await send({ protected: true })).toMatchObject({ status: 401, code: 'access.service-key' });
	expect(app.log()).not.toContain(key);
});

test('a key that asks again and again is told to wait [B2]', async () => {
	const { send } = await withPaymentPage();
	const answers = await Promise.all(Array.from({ length: 25 }, () => send({ protected: true })));
	expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
	expect(answers.filter(({ code }) => code === 'request.too-many')).toHaveLength(5);
});

test('what is counted is told to this machine itself, and beyond it by a key for just that', async () => {
	const { app, key } = await withPaymentPage();
	const ask = async (headers: Record<string, string> = {}) =>
		(await fetch(`${app.address()}/metrics`, { headers })).status;
	// As a proxy on this machine passes it on.
	const passedOn = { 'x-forwarded-for': '203.0.113.9' };
	const forMetrics = app.access.services.make('prometheus', ['metrics'], app.clock.now());
	expect(await Promise.all([ask(), ask(passedOn), ask({ ...passedOn, authorization: `Bearer ${key}` })])).toEqual([
		200, 401, 403,
	]);
	expect(await ask({ ...passedOn, authorization: `Bearer ${forMetrics}` })).toBe(200);
});

test('an agent learns whom they can invite, and no other names', async () => {
	const { app } = await withPaymentPage();
	const list = async (role: string, as = 'agent', who = 'ann') => {
		const answer = await fetch(`${app.address()}/api/people?role=${role}&as=${as}`, {
			headers: { cookie: app.seat(who).cookie },
		});
		return [answer.status, JSON.stringify(await answer.json())] as const;
	};
	expect(await list('executive')).toEqual([200, expect.stringContaining('Eve Executive')]);
	for (const role of ['agent', 'supervisor', 'administrator']) {
		const [status, text] = await list(role);
		expect([status, text]).toEqual([400, expect.not.stringContaining('Sue')]);
	}
	expect((await list('executive', 'supervisor', 'sue'))[0]).toBe(403);
	expect((await list('executive', 'executive', 'eve'))[0]).toBe(403);
});

test('a card number is no name for a line, nor is it repeated [P1]', async () => {
	const { app } = await withPaymentPage();
	const answer = await fetch(`${app.address()}/api/lines?as=agent`, {
		method: 'POST',
		headers: { cookie: app.seat('ann').cookie, 'content-type': 'application/json' },
		body: JSON.stringify({ label: 'card 4111 1111 1111 1111' }),
	});
	const text = await answer.text();
	expect([answer.status, text]).toEqual([422, expect.stringContaining('text.card-number')]);
	expect(`${text}${app.log()}`).not.toContain('4111');
});
