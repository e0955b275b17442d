import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeOf, fromBase32 } from '#server/access/totp.ts';
import { askControl } from '#server/control/ask-control.ts';
import { firstAdministrator } from '#server/first-administrator.ts';
import { closeCodes } from '#shared/close-codes.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';
import type { Welcome } from '#shared/rest.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { listenPeer, livePeer } from '#tests/support/live-peer.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { admit, startCall } from '#tests/support/test-call.ts';

const olga: Person = { id: 'olga', name: 'Olga Orders', role: 'executive', team: 'Leadership' };
const password = 'a quiet splitter cable';

async function opened(env: Record<string, string> = {}) {
	const clock = handClock();
	const app = await openHouse({ YCORD_LOG_LEVEL: 'trace', ...env }, { clock });
	return { app, clock };
}

/** Posts as a page of ours does; what came back, with the cookie. */
async function post(app: TestHouse, url: string, payload: object, from = '192.0.2.1') {
	const answer = await app.http.inject({ method: 'POST', url, payload, remoteAddress: from });
	const cookie = String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? '';
	return { status: answer.statusCode, code: answer.json().code as string, json: answer.json(), cookie };
}

const secretIn = (link: string) => link.slice(link.lastIndexOf('/') + 1);
const signIn = (app: TestHouse, name: string, given: string, code?: string, from?: string) =>
	post(app, '/api/sign-in/password', { name, password: given, ...(code === undefined ? {} : { code }) }, from);

/** Olga, with a password, and an authenticator if wished. */
async function olgaIn(app: TestHouse, withCode = false) {
	const secret = secretIn(app.peopleDesk.add(olga).path);
	const welcome = (await post(app, '/api/welcome', { secret })).json as Welcome;
	const codeSecret = fromBase32(welcome.codeSecret) ?? new Uint8Array();
	const codeAt = (atMs: number) => codeOf(codeSecret, Math.floor(atMs / 30_000));
	const authenticator = { secret: welcome.codeSecret, code: codeAt(app.clock.now()) };
	const chosen = await post(app, '/api/welcome/password', { secret, password, ...(withCode && { authenticator }) });
	expect(chosen.status).toBe(200);
	return { secret, welcome, codeAt, chosen };
}

describe('a link by which a password is chosen', () => {
	test('shows whose it is as often as it is opened, takes one password, signs in, and is used up [I4]', async () => {
		const { app } = await opened();
		const { path } = app.peopleDesk.add(olga);
		const secret = secretIn(path);
		for (let opened = 0; opened < 3; opened++) {
			const { status, json } = await post(app, '/api/welcome', { secret });
			expect([status, json.person, json.secondStep]).toEqual([200, olga, 'offered']);
			expect(json.address).toBe(`otpauth://totp/Ycord:olga?secret=${json.codeSecret}&issuer=Ycord`);
			expect(json.picture.path).toMatch(/^(M\d+ \d+h1v1h-1z)+$/);
		}
		const weak = await post(app, '/api/welcome/password', { secret, password: 'Password1234' });
		expect([weak.code, weak.json.message]).toEqual([
			'access.password-weak',
			expect.stringContaining('first that are tried'),
		]);
		const chosen = await post(app, '/api/welcome/password', { secret, password });
		expect([chosen.status, chosen.json]).toEqual([200, { person: olga, demo: false }]);
		expect(chosen.cookie).toMatch(/^ycord-executive=[\w-]{43}$/);
		for (const url of ['/api/welcome', '/api/welcome/password'])
			expect((await post(app, url, { secret, ...(url.endsWith('password') && { password }) })).code).toBe(
				'access.welcome-unknown',
			);
		expect((await signIn(app, ' Olga ', password)).json).toEqual({ person: olga, demo: false });
	});

	test('is good for one of two who choose a password by it at once, and for a day', async () => {
		const { app, clock } = await opened();
		const secret = secretIn(app.peopleDesk.add(olga).path);
		const both = await Promise.all(
			[password, `${password}s`].map((one) => post(app, '/api/welcome/password', { secret, password: one })),
		);
		expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
		const again = secretIn(app.peopleDesk.reset('olga').path);
		clock.advance(24 * 3_600_000);
		expect((await post(app, '/api/welcome', { secret: again })).code).toBe('access.welcome-unknown');
	});
});

describe('signing in with a password', () => {
	test('fails with the same words for whoever is not there, may not come in, or has another password [I3]', async () => {
		const { app } = await opened();
		await olgaIn(app);
		app.peopleDesk.add({ ...olga, id: 'otto' });
		app.peopleDesk.add({ ...olga, id: 'oda' });
		app.peopleDesk.disable('oda');
		const wrong = [
			await signIn(app, 'nobody', password),
			await signIn(app, 'olga', `${password}s`),
			await signIn(app, 'otto', password),
			await signIn(app, 'oda', password),
			await signIn(app, 'ann', password),
			await signIn(app, '__proto__', password),
		];
		const [first] = wrong;
		expect(first?.code).toBe('access.wrong');
		for (const one of wrong) expect(one).toEqual(first);
	});

	test('is refused by name beyond ten tries of one name, also of a name that nobody has, and beyond sixty of an address [I3]', async () => {
		const { app, clock } = await opened();
		await olgaIn(app);
		for (const name of ['olga', 'nobody']) {
			const codes = [];
			for (let tried = 0; tried < 11; tried++)
				codes.push((await signIn(app, name, 'wrong', undefined, `::${tried}`)).code);
			expect(codes).toEqual([...Array(10).fill('access.wrong'), 'access.too-many-tries']);
		}
		expect((await signIn(app, 'olga', password)).code).toBe('access.too-many-tries');
		clock.advance(60_000);
		expect((await signIn(app, 'olga', password)).status).toBe(200);
		let last = '';
		for (let tried = 0; tried < 61; tried++)
			last = (await signIn(app, `name-${tried}`, 'x', undefined, '192.0.2.9')).code;
		expect(last).toBe('access.too-many-tries');
	});

	test('asks whoever has an authenticator for its code, takes each code once, and none that is old [I4]', async () => {
		const { app, clock } = await opened();
		const { codeAt } = await olgaIn(app, true);
		const code = async (one?: string) => (await signIn(app, 'olga', password, one)).code;
		expect(await code()).toBe('access.code-needed');
		expect((await signIn(app, 'olga', 'wrong', codeAt(clock.now()))).code).toBe('access.wrong');
		// The one that was shown when the password was chosen is used up.
		expect(await code(codeAt(clock.now()))).toBe('access.code-wrong');
		clock.advance(60_000);
		const now = codeAt(clock.now());
		expect((await signIn(app, 'olga', password, now)).status).toBe(200);
		expect([await code(now), await code(codeAt(clock.now() - 30_000)), await code('12345x')]).toEqual(
			Array(3).fill('access.code-wrong'),
		);
	});

	test('needs an authenticator where one is required, and a link only works with a code then [I4]', async () => {
		const { app } = await opened({ YCORD_SECOND_STEP: 'required' });
		const secret = secretIn(app.peopleDesk.add(olga).path);
		const welcome = (await post(app, '/api/welcome', { secret })).json as Welcome;
		expect(welcome.secondStep).toBe('required');
		const choose = (code?: string) =>
			post(app, '/api/welcome/password', {
				secret,
				password,
				...(code && { authenticator: { secret: welcome.codeSecret, code } }),
			});
		expect([(await choose()).code, (await choose('000000')).code]).toEqual(['access.code-needed', 'access.code-wrong']);
		const step = Math.floor(app.clock.now() / 30_000);
		expect((await choose(codeOf(fromBase32(welcome.codeSecret) ?? new Uint8Array(), step))).status).toBe(200);
	});

	test('lets nobody in with a password alone whose password is from before a code was required [I4]', async () => {
		const { app } = await opened();
		await olgaIn(app);
		const { data } = app;
		await app.close();
		const stricter = await openHouse({ YCORD_SECOND_STEP: 'required' }, { data });
		expect((await signIn(stricter, 'olga', password)).code).toBe('access.code-missing');
		expect((await signIn(stricter, 'olga', 'wrong')).code).toBe('access.wrong');
	});

	test('a page of another site cannot do it', async () => {
		const { app } = await opened();
		await olgaIn(app);
		const answer = await app.http.inject({
			method: 'POST',
			url: '/api/sign-in/password',
			headers: { origin: 'https://elsewhere.example' },
			payload: { name: 'olga', password },
		});
		expect(answer.json().code).toBe('request.wrong-origin');
	});
});

test.each(['disabled', 'changed', 'reset'])(
	'whoever is %s by the operator while they listen is off every socket at once, and the end is on record [I1] [L1]',
	async (how) => {
		const { app } = await opened();
		const { chosen } = await olgaIn(app);
		const seat = { address: app.address(), cookie: chosen.cookie, role: 'executive' } as const;
		const call = await startCall(app);
		const [agent, live] = [await app.live('ann'), await livePeer(seat)];
		await live.hello();
		const listeningId = await admit(agent, live, call.callId, 'olga');
		const listener = await listenPeer(seat, listeningId);
		await listener.begun();
		const ask = { disabled: '/people/disable', changed: '/people/change', reset: '/people/reset' }[how] ?? '';
		await askControl(app.data, ask, { id: 'olga', ...(how === 'changed' && { role: 'supervisor', team: 'Orders' }) });
		const off = closeCodes.signInNeeded.code;
		expect([(await live.closed).code, (await listener.closed).code]).toEqual([off, off]);
		await shown(app, () => app.sessions.get(call.callId)?.listenings.get(listeningId)?.at === 'left');
		const again = await livePeer(seat);
		expect((await again.closed).code).toBe(off);
		const { code, json } = await signIn(app, 'olga', password);
		if (how === 'changed') expect(json.person.role).toBe('supervisor');
		else expect(code).toBe('access.wrong');
	},
);

test('the operator’s commands go by the control socket, with a whole link, and are refused by name', async () => {
	const { app } = await opened();
	const { link } = (await askControl<{ link: string }>(app.data, '/people/add', olga)) ?? { link: '' };
	expect(link).toMatch(new RegExp(`^${app.address()}/welcome/[\\w-]{43}$`));
	expect(await askControl(app.data, '/people')).toMatchObject({ people: [{ id: 'olga', hasPassword: false }] });
	const refused = async (command: string, asked: object) => {
		const error = await askControl(app.data, command, asked).catch((one: unknown) => one);
		return error instanceof Refusal ? error.code : 'done';
	};
	expect([
		await refused('/people/add', olga),
		await refused('/people/add', { ...olga, id: 'ann' }),
		await refused('/people/add', { ...olga, id: 'Not An Id' }),
		await refused('/people/disable', { id: 'ann' }),
		await refused('/people/reset', { id: 'nobody' }),
		await refused('/people/enable', { id: 'olga' }),
	]).toEqual(['people.exists', 'people.exists', 'request.malformed', 'people.listed', 'people.unknown', 'done']);
});

test('the first start of a house without people gives one link to its administrator, and a new one until it was used', async () => {
	const { app: known } = await opened();
	expect(firstAdministrator(known)).toBeUndefined();
	const { app } = await opened({ YCORD_PEOPLE: '', YCORD_TWILIO_AGENT: '', YCORD_TWILIO_AUTH_TOKEN: '' });
	const first = firstAdministrator(app) ?? '';
	const second = firstAdministrator(app) ?? '';
	expect((await post(app, '/api/welcome', { secret: secretIn(first) })).code).toBe('access.welcome-unknown');
	const chosen = await post(app, '/api/welcome/password', { secret: secretIn(second), password });
	expect(chosen.json.person).toMatchObject({ id: 'administrator', role: 'administrator' });
	expect(firstAdministrator(app)).toBeUndefined();
});

test('no password, code or secret gets into the log, and no password or link into the data folder [I4]', async () => {
	const { app, clock } = await opened();
	const { secret, welcome, codeAt, chosen } = await olgaIn(app, true);
	clock.advance(60_000);
	await signIn(app, 'olga', password, codeAt(clock.now()));
	await signIn(app, 'olga', `${password}!`);
	const cookie = chosen.cookie.split('=')[1] ?? '';
	for (const said of [secret, welcome.codeSecret, password, codeAt(clock.now()), cookie])
		expect(app.log()).not.toContain(said);
	expect(app.log()).toContain('signed in with a password');
	const files = readdirSync(app.data).filter((name) => name.startsWith('access.sqlite'));
	expect(files).toContain('access.sqlite');
	for (const file of files)
		for (const said of [secret, password, cookie])
			expect(readFileSync(join(app.data, file)).includes(said)).toBe(false);
});
