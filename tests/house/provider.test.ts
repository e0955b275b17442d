import { describe, expect, test } from 'vitest';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { livePeer } from '#tests/support/live-peer.ts';
import { type Forge, oidcClient, oidcPeer, wanderer } from '#tests/support/oidc-peer.ts';

const roles = 'groups:ycord-admins=administrator,groups:line-leads=supervisor,groups:agents=agent';

async function opened(claims: Record<string, unknown> = {}, env: Record<string, string> = {}) {
	// The provider has the machine's clock: ours starts where it stands.
	const clock = handClock(Date.now());
	const peer = await oidcPeer(claims);
	const app = await openHouse(
		{
			YCORD_OIDC_ISSUER: peer.issuer,
			YCORD_OIDC_CLIENT_ID: oidcClient.clientId,
			YCORD_OIDC_CLIENT_SECRET: oidcClient.clientSecret,
			YCORD_OIDC_ROLES: roles,
			...env,
		},
		{ clock },
	);
	peer.peerOf(app.address());
	const signIn = (browser = wanderer()) => browser.go(`${app.address()}/sign-in/provider`);
	/** The page at the end of the way, without the house's address. */
	const endOf = async (way: Promise<string>) => (await way).replace(app.address(), '');
	return { app, peer, clock, signIn, endOf };
}
const isBack = (address: string) => address.includes('/sign-in/provider/back');

describe('signing in at an identity provider', () => {
	test('there and back: somebody new is who the claims say, and known again by issuer and subject [I5]', async () => {
		const { app, peer, signIn, endOf } = await opened();
		const browser = wanderer();
		expect(await endOf(signIn(browser))).toBe('/sign-in?as=supervisor');
		const cookie = `ycord-supervisor=${browser.cookieOf(app.address(), 'ycord-supervisor')}`;
		const live = await livePeer({ address: app.address(), cookie, role: 'supervisor' });
		const { person } = await live.hello();
		expect(person).toMatchObject({ name: 'Olga Orders', role: 'supervisor', team: 'Orders' });
		expect(person.id).toMatch(/^sso-[0-9a-f]{36}$/);
		expect(browser.cookieOf(app.address(), 'ycord-provider')).toBeUndefined();
		peer.claims = { ...peer.claims, name: 'Olga Olsen' };
		expect(await endOf(signIn())).toBe('/sign-in?as=supervisor');
		expect(app.people.find(person.id)?.name).toBe('Olga Olsen');
		expect(app.peopleDesk.list().people).toMatchObject([{ id: person.id, byProvider: true, hasPassword: false }]);
		peer.sub = 'subject-2';
		await signIn();
		expect(app.peopleDesk.list().people.length).toBe(2);
		live.close();
	});

	test('the first rule that fits says what somebody is, and another role at the next sign-in ends what is open as the one before [I1] [I5]', async () => {
		const { app, peer, signIn, endOf } = await opened({ groups: ['agents', 'line-leads'] });
		const browser = wanderer();
		expect(await endOf(signIn(browser))).toBe('/sign-in?as=supervisor');
		const cookie = `ycord-supervisor=${browser.cookieOf(app.address(), 'ycord-supervisor')}`;
		const live = await livePeer({ address: app.address(), cookie, role: 'supervisor' });
		await live.hello();
		peer.claims = { ...peer.claims, groups: ['agents'] };
		expect(await endOf(signIn())).toBe('/sign-in?as=agent');
		expect((await live.closed).code).toBe(closeCodes.signInNeeded.code);
	});

	test('whoever has no role, or no team, is told so, and what they had open from before is over [I1] [I5]', async () => {
		const { app, peer, signIn, endOf } = await opened();
		const browser = wanderer();
		await signIn(browser);
		const cookie = `ycord-supervisor=${browser.cookieOf(app.address(), 'ycord-supervisor')}`;
		const live = await livePeer({ address: app.address(), cookie, role: 'supervisor' });
		await live.hello();
		peer.claims = { ...peer.claims, groups: ['everybody'] };
		expect(await endOf(signIn())).toBe('/sign-in?refused=access.no-role');
		expect((await live.closed).code).toBe(closeCodes.signInNeeded.code);
		peer.claims = { name: 'Olga', groups: 'line-leads' };
		expect(await endOf(signIn())).toBe('/sign-in?refused=access.no-team');
	});

	test('whoever is disabled here stays out, whatever the provider says, and is changed and reset there only', async () => {
		const { app, signIn, endOf } = await opened();
		await signIn();
		const id = app.peopleDesk.list().people[0]?.id ?? '';
		app.peopleDesk.disable(id);
		expect(await endOf(signIn())).toBe('/sign-in?refused=access.shut-out');
		expect(() => app.peopleDesk.reset(id)).toThrow('signs in at the identity provider');
		expect(() => app.peopleDesk.change({ id, role: 'agent' })).toThrow('signs in at the identity provider');
		app.peopleDesk.enable(id);
		expect(await endOf(signIn())).toBe('/sign-in?as=supervisor');
	});

	test('signing out leads to the provider’s own, and back to the sign-in page', async () => {
		const { app, peer, signIn } = await opened();
		const browser = wanderer();
		await signIn(browser);
		const cookie = `ycord-supervisor=${browser.cookieOf(app.address(), 'ycord-supervisor')}`;
		const out = () => fetch(`${app.address()}/api/sign-out?as=supervisor`, { method: 'POST', headers: { cookie } });
		const { onwards } = (await (await out()).json()) as { onwards: string };
		const to = new URL(onwards);
		expect(to.origin).toBe(peer.issuer);
		expect(to.searchParams.get('post_logout_redirect_uri')).toBe(`${app.address()}/sign-in`);
		expect(to.searchParams.get('id_token_hint')).toBeTruthy();
		expect((await fetch(onwards)).status).toBe(200);
		// Signed out already: there is nothing to do any more.
		expect((await out()).status).toBe(204);
	});
});

describe('an answer of the identity provider that does not fit signs nobody in [I5]', () => {
	const forgeries: [string, Forge][] = [
		['another nonce', (claims) => ({ ...claims, nonce: 'another' })],
		['no nonce', ({ nonce: _, ...claims }) => claims],
		['another issuer', (claims) => ({ ...claims, iss: 'https://elsewhere.example' })],
		['another audience', (claims) => ({ ...claims, aud: 'another-client' })],
		['expired', (claims) => ({ ...claims, exp: Number(claims.iat) - 3600 })],
		['another subject than it tells later', (claims) => ({ ...claims, sub: 'somebody-else' })],
	];
	test.each(forgeries)('%s', async (_what, forge) => {
		const { app, peer, signIn, endOf } = await opened();
		peer.forge = forge;
		expect(await endOf(signIn())).toBe('/sign-in?refused=access.provider-refused');
		expect(app.peopleDesk.list().people).toEqual([]);
		peer.forge = undefined;
		expect(await endOf(signIn())).toBe('/sign-in?as=supervisor');
	});

	test('an ID token that another key has signed', async () => {
		const { peer, signIn, endOf } = await opened();
		// The same words, signed again: by the provider's key, and by another.
		peer.forge = (claims) => claims;
		expect(await endOf(signIn())).toBe('/sign-in?as=supervisor');
		peer.signsWrongly = true;
		expect(await endOf(signIn())).toBe('/sign-in?refused=access.provider-refused');
	});

	test('another state, no state, the state of another browser, a code that was used, one that comes too late', async () => {
		const { app, clock, endOf } = await opened();
		const begin = async () => {
			const browser = wanderer();
			return { browser, back: await browser.go(`${app.address()}/sign-in/provider`, isBack) };
		};
		const refused = '/sign-in?refused=access.provider-refused';
		const one = await begin();
		const changed = new URL(one.back);
		changed.searchParams.set('state', 'another');
		expect(await endOf(one.browser.go(changed.href))).toBe(refused);
		const two = await begin();
		const without = new URL(two.back);
		without.searchParams.delete('state');
		expect(await endOf(two.browser.go(without.href))).toBe(refused);
		const three = await begin();
		expect(await endOf(wanderer().go(three.back))).toBe(refused);
		expect(await endOf(three.browser.go(three.back))).toBe('/sign-in?as=supervisor');
		expect(await endOf(three.browser.go(three.back))).toBe(refused);
		const four = await begin();
		clock.advance(10 * 60_000);
		expect(await endOf(four.browser.go(four.back))).toBe(refused);
		const five = await begin();
		const denied = `${app.address()}/sign-in/provider/back?error=access_denied&state=x`;
		expect(await endOf(five.browser.go(denied))).toBe(refused);
	});
});

test('while the identity provider is down the page says so, passwords still sign in, and once it is back so does it', async () => {
	const { app, peer, signIn, endOf } = await opened();
	await peer.close();
	expect(await endOf(signIn())).toBe('/sign-in?refused=access.provider-down');
	const { path } = app.peopleDesk.add({ id: 'olga', name: 'Olga', role: 'executive', team: 'Leadership' });
	const post = (url: string, payload: object) => app.http.inject({ method: 'POST', url, payload });
	const password = 'a quiet splitter cable';
	await post('/api/welcome/password', { secret: path.slice('/welcome/'.length), password });
	expect((await post('/api/sign-in/password', { name: 'olga', password })).statusCode).toBe(200);
	const again = await oidcPeer({}, peer.port);
	again.peerOf(app.address());
	expect(await endOf(signIn())).toBe('/sign-in?as=supervisor');
});

test('the identity provider that goes down in between is told apart from one that says no', async () => {
	const { app, peer, endOf } = await opened();
	const browser = wanderer();
	const back = await browser.go(`${app.address()}/sign-in/provider`, isBack);
	await peer.close();
	expect(await endOf(browser.go(back))).toBe('/sign-in?refused=access.provider-down');
});

test('no claim, code, token or secret gets into the log [I5]', async () => {
	const { app, peer, signIn } = await opened({}, { YCORD_LOG_LEVEL: 'trace' });
	const browser = wanderer();
	const back = new URL(await browser.go(`${app.address()}/sign-in/provider`, isBack));
	await browser.go(back.href);
	peer.forge = (claims) => ({ ...claims, nonce: 'another' });
	await signIn();
	const log = app.log();
	expect(log).toContain('signed in by the identity provider');
	expect(log).toContain('could not sign somebody in');
	const secrets = [
		back.searchParams.get('code'),
		back.searchParams.get('state'),
		oidcClient.clientSecret,
		'subject-1',
		'Olga',
		browser.cookieOf(app.address(), 'ycord-supervisor'),
	];
	for (const secret of secrets) expect(log).not.toContain(secret);
});

test('where no identity provider is set, there is none', async () => {
	const app = await openHouse();
	expect((await app.http.inject('/api/sign-in/ways')).json()).toEqual({ provider: false });
	expect((await app.http.inject('/sign-in/provider')).statusCode).toBe(404);
});
