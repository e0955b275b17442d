import { expect, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, testPeople } from '#tests/support/house.ts';
import { houseLine } from '#tests/support/house-line.ts';
import { listenPeer, livePeer, type Seat } from '#tests/support/live-peer.ts';
import { agreedCall, fakeControl, segmentShown, talkPeer } from '#tests/support/survey.ts';

const lastsMs = 2000;

/** Eve with every kind of socket an executive has, and ann with hers and a line, each signed in once. */
async function everybodyOn() {
	const clock = handClock();
	const app = await openHouse({}, { clock });
	const signedIn = (personId: string): Seat => {
		const role = testPeople.find(({ id }) => id === personId)?.role ?? 'agent';
		const secret = app.access.openSession(personId, { nowMs: clock.now(), expiresAtMs: clock.now() + lastsMs });
		return { address: app.address(), cookie: `ycord-${role}=${secret}`, role };
	};
	const [eve, ann, sue] = [signedIn('eve'), signedIn('ann'), signedIn('sue')];
	const { take, listeningId, agent: watching } = await agreedCall(app, fakeControl());
	const lives = await Promise.all([eve, ann, sue].map((seat) => livePeer(seat)));
	const [live, annLive, sueLive] = lives as [(typeof lives)[0], (typeof lives)[0], (typeof lives)[0]];
	await Promise.all(lives.map((one) => one.hello()));
	const listener = await listenPeer(eve, listeningId);
	await listener.begun();
	const talk = await talkPeer(eve, await take());
	await talk.state('live');
	const line = await houseLine(app, ann);
	return { app, clock, eve, ann, live, listener, talk, annLive, sueLive, line, watching };
}

const signOut = ({ address, cookie, role }: Seat) =>
	fetch(`${address}/api/sign-out?as=${role}`, { method: 'POST', headers: { cookie } });
const codes = (sockets: { closed: Promise<{ code: number }> }[]) =>
	Promise.all(sockets.map(async ({ closed }) => (await closed).code));

test.each(['on their browser', 'everywhere'])(
	'whoever signs out %s is off every socket at once [I1]',
	async (where) => {
		const { app, eve, ann, live, listener, talk, annLive, sueLive, line, watching } = await everybodyOn();
		if (where === 'everywhere') for (const id of ['eve', 'ann']) app.access.endSessions(id);
		else for (const seat of [eve, ann]) expect((await signOut(seat)).status).toBe(204);
		const off = closeCodes.signInNeeded.code;
		expect(await codes([live, listener, talk, annLive, line.agent])).toEqual([off, off, off, off, off]);
		expect((await line.customer.closed).code).toBe(closeCodes.callEnded.code);
		// Nobody else notices, but for the customer being brought back.
		sueLive.say({ type: 'ping', at: 1 });
		await sueLive.told.when((one) => one.type === 'pong');
		if (where === 'on their browser')
			await segmentShown(watching, ({ at, over }) => at === 'returned' && over?.how === 'executive-lost');
	},
);

test('a session whose time is over takes every socket with it within 5 s, whether or not the other side says a word [I1]', async () => {
	const { clock, live, listener, talk, annLive, sueLive, line } = await everybodyOn();
	clock.advance(lastsMs + 1000);
	const all = [live, listener, talk, annLive, sueLive, line.agent];
	expect(await codes(all)).toEqual(all.map(() => closeCodes.signInNeeded.code));
});

test('the agent’s end of a line that was opened before a sign-out opens for nobody after it [I1]', async () => {
	const { app, ann, line } = await everybodyOn();
	await signOut(ann);
	await line.agent.closed;
	const again = await line.agentAgain();
	expect((await again.closed).code).toBe(closeCodes.unknown.code);
	expect(app.intake.countOf('line')).toBe(0);
});

test('whoever signs in where somebody else was signed in in the same role takes their place; the same person does not [I1]', async () => {
	const app = await openHouse();
	const sue = app.seat('sue');
	const live = await livePeer(sue);
	await live.hello();
	const signIn = (personId: string) => {
		const secret = app.access.mintLink(personId, { nowMs: app.clock.now(), expiresAtMs: app.clock.now() + 60_000 });
		const headers = { 'content-type': 'application/json', cookie: sue.cookie };
		return fetch(`${app.address()}/api/sign-in`, { method: 'POST', headers, body: JSON.stringify({ secret }) });
	};
	await signIn('sue');
	await signIn('ann');
	live.say({ type: 'ping', at: 1 });
	await live.told.when((one) => one.type === 'pong');
	await signIn('sid');
	expect((await live.closed).code).toBe(closeCodes.signInNeeded.code);
});

test('under https the cookie is this host’s alone, and is out of reach of scripts and other sites [I2]', async () => {
	const app = await openHouse({ YCORD_PUBLIC_URL: 'https://ycord.example.com' });
	const secret = app.access.mintLink('eve', { nowMs: app.clock.now(), expiresAtMs: app.clock.now() + 60_000 });
	const asked = await app.http.inject({ method: 'POST', url: '/api/sign-in', payload: { secret } });
	const cookie = String(asked.headers['set-cookie']);
	expect(cookie).toMatch(/^__Host-ycord-executive=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
	const value = cookie.split(';')[0]?.split('=')[1] ?? '';
	const asEve = (name: string) =>
		app.http.inject({ url: '/api/notes?as=executive&q=anything', headers: { cookie: `${name}=${value}` } });
	expect((await asEve('__Host-ycord-executive')).statusCode).toBe(200);
	// A host beside ours could have set this one.
	expect((await asEve('ycord-executive')).statusCode).toBe(401);
	const out = await app.http.inject({
		method: 'POST',
		url: '/api/sign-out?as=executive',
		headers: { cookie: `__Host-ycord-executive=${value}` },
	});
	expect(String(out.headers['set-cookie'])).toMatch(/^__Host-ycord-executive=;.*Path=\/;.*Secure/);
	expect((await asEve('__Host-ycord-executive')).statusCode).toBe(401);
});
