import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AgentMapping, Gateways, TestCallResult } from '#shared/gateways.ts';
import { asteriskPeer } from '#tests/support/asterisk-peer.ts';
import { audioForkPeer } from '#tests/support/audio-fork-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { playedThrough } from '#tests/support/gateway-test-call.ts';
import { openHouse, type TestHouse, twilioToken } from '#tests/support/house.ts';
import { startCall } from '#tests/support/test-call.ts';
import { twilioPeer, UpgradeRefused } from '#tests/support/twilio-peer.ts';

const key = 'a-key-of-audio-forks';
const open = (env: Record<string, string> = {}) => openHouse({ YCORD_AUDIO_FORK_KEY: key, ...env });

/** Where the house listens, whatever its public address is. */
const here = (app: TestHouse) => `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}`;

/** What this person gets; the body of an answer that is no refusal, or the refusal's code. */
async function ask<Answer>(app: TestHouse, personId: string, path: string, body?: object): Promise<Answer | string> {
	const { cookie, role } = app.seat(personId);
	const answer = await fetch(`${here(app)}${path}?as=${role}`, {
		method: body ? 'POST' : 'GET',
		headers: { cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
		...(body ? { body: JSON.stringify(body) } : {}),
	});
	const said = await answer.json();
	return answer.ok ? said : said.code;
}
async function gateway(app: TestHouse, name: string) {
	const { gateways } = (await ask<Gateways>(app, 'adam', '/api/gateways')) as Gateways;
	const found = gateways.find((one) => one.name === name);
	if (!found) throw new Error(`there is no gateway ${name}`);
	return found;
}
const testCall = (app: TestHouse, name: string, personId = 'adam') =>
	ask<TestCallResult>(app, personId, `/api/gateways/${name}/test-call`, {}) as Promise<TestCallResult>;
const metric = async (app: TestHouse, line: RegExp) =>
	line.exec(await (await fetch(`${here(app)}/metrics`)).text())?.[0];

describe('the gateways’ doors are the administrator’s', () => {
	test.each(['ann', 'eve', 'sue'])('%s is refused by name everywhere, and nothing is done', async (personId) => {
		const app = await open();
		const said = [
			await ask(app, personId, '/api/gateways'),
			await ask(app, personId, '/api/gateways/agents'),
			await ask(app, personId, '/api/gateways/twilio/test-call', {}),
			await ask(app, personId, '/api/gateways/agents', { gateway: 'twilio', name: 'x', personId: 'ann' }),
			await ask(app, personId, '/api/gateways/agents/remove', { gateway: 'twilio', name: 'x' }),
		];
		expect(said).toEqual(Array(5).fill('access.denied'));
		expect(app.access.agents.all()).toEqual([]);
	});
	test('nobody without a link gets in either, and a page of another site does not', async () => {
		const app = await open();
		const nobody = await fetch(`${here(app)}/api/gateways?as=administrator`);
		expect([nobody.status, (await nobody.json()).code]).toEqual([401, 'access.sign-in']);
		const { cookie } = app.seat('adam');
		const headers = { cookie, origin: 'https://evil.example' };
		const other = await fetch(`${here(app)}/api/gateways?as=administrator`, { headers });
		expect((await other.json()).code).toBe('request.wrong-origin');
	});
});

describe('a gateway’s card', () => {
	test('says what is set, never the value [G6], and what to give to the platform', async () => {
		const app = await open({ YCORD_PUBLIC_URL: 'https://ycord.example.com' });
		const all = (await ask<Gateways>(app, 'adam', '/api/gateways')) as Gateways;
		expect(all.addressProblem).toBeUndefined();
		expect(JSON.stringify(all)).not.toContain(key);
		expect(JSON.stringify(all)).not.toContain(twilioToken);
		expect(await gateway(app, 'audiofork')).toMatchObject({
			state: 'unheard',
			callsNow: 0,
			addresses: [{ address: 'wss://ycord.example.com/telephony/audio-fork' }],
			settings: [
				{ name: 'YCORD_AUDIO_FORK_KEY', isSet: true },
				{ name: 'YCORD_AUDIO_FORK_KEY_SECONDARY', isSet: false },
				{ name: 'YCORD_AUDIO_FORK_AGENT', isSet: false },
			],
			guide: { file: 'audio-fork.md', path: '/guides/audio-fork.md' },
			canTest: true,
		});
		const guide = await fetch(`${here(app)}/guides/audio-fork.md`);
		expect([guide.status, guide.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
		expect((await fetch(`${here(app)}/guides/decisions.md`)).status).toBe(404);
	});
	test('says that addresses of this machine are of no use to a platform', async () => {
		const app = await open();
		const { addressProblem } = (await ask<Gateways>(app, 'adam', '/api/gateways')) as Gateways;
		expect(addressProblem).toContain('YCORD_PUBLIC_URL');
	});
	test('follows what happens: never heard from, refusing with the reason, receiving, ready; counted on /metrics', async () => {
		const app = await open();
		expect(await metric(app, /^ycord_gateway_contact_seconds\{.*audiofork.*$/m)).toBeUndefined();
		const peer = { address: here(app), key };
		await expect(audioForkPeer({ ...peer, key: 'wrong' })).rejects.toBeInstanceOf(UpgradeRefused);
		expect(await gateway(app, 'audiofork')).toMatchObject({
			state: 'refusing',
			refused: [{ why: 'access.key-wrong', todo: expect.stringContaining('Compare the key') }],
			refusedCounts: [{ why: 'access.key-wrong', count: 1 }],
		});
		const fork = await audioForkPeer({ ...peer, metadata: { agent: 'ann' } });
		fork.begin();
		await fork.settled();
		expect(await gateway(app, 'audiofork')).toMatchObject({ state: 'receiving', callsNow: 1 });
		expect(await metric(app, /^ycord_gateway_calls\{gateway="audiofork"\} .*$/m)).toMatch(/ 1$/);
		expect(await metric(app, /^ycord_gateway_contact_seconds\{gateway="audiofork"\} .*$/m)).toBeDefined();
		expect(await metric(app, /^ycord_gateway_refused_total\{.*$/m)).toBe(
			'ycord_gateway_refused_total{gateway="audiofork",reason="access.key-wrong"} 1',
		);
		await fork.stop();
		await expect.poll(() => gateway(app, 'audiofork')).toMatchObject({ state: 'ready', callsNow: 0 });
	});
});

describe('a test call', () => {
	async function tried(env: Record<string, string> = {}) {
		const clock = handClock();
		const app = await openHouse({ YCORD_AUDIO_FORK_KEY: key, ...env }, { clock });
		const test = (...names: string[]) =>
			playedThrough(app, clock, Promise.all(names.map((name) => testCall(app, name)))) as Promise<TestCallResult[]>;
		return { app, test };
	}

	test.each(['audiofork', 'audiohook', 'twilio', 'telnyx', 'plivo'])(
		'%s: a known signal is heard whole, each voice on its own leg [G5]',
		async (name) => {
			const { app, test } = await tried({
				YCORD_PUBLIC_URL: 'https://ycord.example.com',
				YCORD_AUDIOHOOK_KEY: 'a-key-of-audiohook',
				YCORD_AUDIOHOOK_SECRET: 'YS1zZWNyZXQ=',
				YCORD_AUDIOHOOK_TRANSFER: 'Transfer → Ycord survey',
				YCORD_TELNYX_KEY: 'a-key-of-media-streams',
				YCORD_PLIVO_KEY: 'a-key-of-media-streams',
				YCORD_TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
				YCORD_TWILIO_API_KEY: `SK${'0'.repeat(32)}`,
				YCORD_TWILIO_API_SECRET: 'a-secret',
				YCORD_TWILIO_API: 'http://127.0.0.1:1',
			});
			const [found] = await test(name);
			expect(found).toMatchObject({ passed: true, order: 'right', sentMs: 3000, heardMs: 3000 });
			expect(found).not.toHaveProperty('why');
			for (const { sentDbfs, heardDbfs = 0 } of found?.legs ?? []) expect(heardDbfs).toBeCloseTo(sentDbfs, 0);
			expect(found?.delayMs).toBeLessThan(100);
			// It was ourselves: no contact of the platform, and nothing anybody could see or that is on record.
			expect(await gateway(app, name)).toMatchObject({ state: 'unheard', callsNow: 0, refused: [] });
			expect([...app.sessions.all()]).toEqual([]);
			expect([app.sessions.seq, app.hub.calls, app.hub.listeners]).toEqual([0, 0, 0]);
		},
	);
	test('siprec: the same, from an address that may not record here', async () => {
		const range = await freeRtpRange(2);
		const { app, test } = await tried({
			YCORD_SIPREC_SOURCES: '192.0.2.1',
			YCORD_SIPREC_PORT: '0',
			YCORD_SIPREC_AGENTS: '@pbx\\.example\\.com$',
			YCORD_RTP_PORTS: `${range.from}-${range.to}`,
		});
		for (let turn = 0; turn < 2; turn++)
			expect(await test('siprec')).toMatchObject([{ passed: true, order: 'right', sentMs: 3000, heardMs: 3000 }]);
		expect(await gateway(app, 'siprec')).toMatchObject({ state: 'unheard', callsNow: 0, refused: [] });
	});
	test.each([
		['websocket', 'ulaw'],
		['websocket', 'alaw'],
		['websocket', 'slin16'],
		['audiosocket', 'slin'],
		['audiosocket', 'slin16'],
	])('asterisk by %s in %s: the same, and nothing is touched in the real one [S3]', async (media, format) => {
		const peer = await asteriskPeer();
		onTestFinished(() => peer.close());
		peer.party('customer', 'call');
		const { app, test } = await tried({
			YCORD_ASTERISK_URL: peer.url,
			YCORD_ASTERISK_USER: 'ycord',
			YCORD_ASTERISK_PASSWORD: 'secret-of-ari',
			YCORD_ASTERISK_MEDIA: media,
			YCORD_ASTERISK_MEDIA_KEY: key,
			YCORD_ASTERISK_FORMAT: format,
			YCORD_ASTERISK_AUDIOSOCKET: '127.0.0.1:0',
		});
		await peer.when(() => peer.requests.some(({ path }) => path === '/bridges'));
		for (let turn = 0; turn < 2; turn++)
			expect(await test('asterisk')).toMatchObject([{ passed: true, order: 'right', sentMs: 3000, heardMs: 3000 }]);
		expect(await gateway(app, 'asterisk')).toMatchObject({ callsNow: 0, refused: [] });
		expect(peer.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
		expect([peer.channels, peer.bridges]).toEqual([['customer'], [{ id: 'call', channels: ['customer'] }]]);
		expect([...app.sessions.all()]).toEqual([]);
	});
	test('asterisk: says that Asterisk is not there; where we dial Asterisk there is none', async () => {
		const peer = await asteriskPeer({ password: 'another-one' });
		onTestFinished(() => peer.close());
		const env = {
			YCORD_ASTERISK_URL: peer.url,
			YCORD_ASTERISK_USER: 'ycord',
			YCORD_ASTERISK_PASSWORD: 'secret-of-ari',
			YCORD_ASTERISK_MEDIA_KEY: key,
		};
		expect(await (await tried(env)).test('asterisk')).toMatchObject([
			{ passed: false, why: expect.stringContaining('does not have Ycord as its application') },
		]);
		const { test } = await tried({ ...env, YCORD_ASTERISK_MEDIA: 'incoming' });
		expect(await test('asterisk')).toEqual(['gateway.no-test']);
	});
	test('vonage: both voices are heard in one sound, which is all it has', async () => {
		const { test } = await tried({ YCORD_VONAGE_KEY: key, YCORD_ALLOW_AUDIBLE: 'true' });
		expect(await test('vonage')).toMatchObject([{ passed: true, order: 'mixed', sentMs: 3000, heardMs: 3000 }]);
	});
	test('disturbs no call that is on, and takes no place of one', async () => {
		const { app, test } = await tried({ YCORD_MAX_CALLS: '1' });
		const { callId } = await startCall(app);
		expect(await test('audiofork')).toMatchObject([{ passed: true }]);
		expect(app.sessions.get(callId)?.call.at).toBe('live');
		expect([...app.sessions.all()].map((one) => one.callId)).toEqual([callId]);
	});
	test('one at a time for a gateway, and not again and again; another gateway’s may be on beside it', async () => {
		const { test } = await tried();
		const found = await test('audiofork', 'audiofork', 'twilio');
		expect(found.filter((one) => (one as unknown) === 'gateway.testing')).toHaveLength(1);
		expect(found.filter((one) => one.passed)).toHaveLength(2);
		expect(await test('nothing')).toEqual(['request.too-many']);
	});
	test('of a gateway that is not set up, or is none, is refused by name', async () => {
		const app = await openHouse();
		expect(await testCall(app, 'audiofork')).toBe('gateway.no-test');
		expect(await testCall(app, 'nothing')).toBe('gateway.unknown');
	});
	test('can be made while the server takes no new calls: it takes no place of one', async () => {
		const { app, test } = await tried();
		app.drain();
		expect(await test('twilio')).toMatchObject([{ passed: true }]);
	});
});

describe('the platform’s own names for agents', () => {
	const map = (app: TestHouse, gateway: string, name: string, personId: string) =>
		ask<AgentMapping>(app, 'adam', '/api/gateways/agents', { gateway, name, personId });
	const mapping = async (app: TestHouse) =>
		(await ask<AgentMapping>(app, 'adam', '/api/gateways/agents')) as AgentMapping;

	test('turn into people: refused first, offered to be filled in, then brought to the person', async () => {
		const app = await open();
		const peer = { address: here(app), key, metadata: { agent: 'sip:1000@pbx' } };
		const refused = await audioForkPeer(peer);
		refused.begin();
		expect((await refused.closed).code).toBe(4406);
		expect((await mapping(app)).unknown).toMatchObject([{ gateway: 'audiofork', name: 'sip:1000@pbx', calls: 1 }]);

		expect(await map(app, 'audiofork', ' sip:1000@pbx ', 'abe')).toMatchObject({
			mapped: [
				{
					gateway: 'audiofork',
					name: 'sip:1000@pbx',
					personId: 'abe',
					personName: 'Abe Agent',
					by: 'Adam Administrator',
				},
			],
			unknown: [],
		});
		const fork = await audioForkPeer(peer);
		fork.begin();
		await fork.settled();
		await expect.poll(() => app.sessions.get(`audiofork-${fork.callSid}`)?.call.agentId).toBe('abe');
		expect(app.log()).toContain('"personId":"abe","byId":"adam"');
		expect(app.log()).not.toContain('sip:1000');
		await fork.stop();
	});
	test('come before an id that is spelled the same, for one gateway only, until they are taken away', async () => {
		const app = await open();
		await map(app, 'twilio', 'ann', 'abe');
		const agentOf = async () => {
			const peer = await twilioPeer({ address: here(app), authToken: twilioToken, parameters: { agent: 'ann' } });
			peer.begin();
			await peer.settled();
			const callId = `twilio-${peer.callSid}`;
			await expect.poll(() => app.sessions.get(callId)).toBeDefined();
			await peer.stop();
			return app.sessions.get(callId)?.call.agentId;
		};
		expect(await agentOf()).toBe('abe');
		const { callId } = await startCall(app, { gateway: 'audiofork' });
		expect(app.sessions.get(callId)?.call.agentId).toBe('ann');
		await ask(app, 'adam', '/api/gateways/agents/remove', { gateway: 'twilio', name: 'ann' });
		expect(await agentOf()).toBe('ann');
	});
	test.each([
		['nobody here', { gateway: 'twilio', name: 'x', personId: 'zoe' }, 'gateway.not-agent'],
		['a supervisor', { gateway: 'twilio', name: 'x', personId: 'sue' }, 'gateway.not-agent'],
		['a gateway that is none', { gateway: 'nothing', name: 'x', personId: 'ann' }, 'gateway.unknown'],
		['an empty name', { gateway: 'twilio', name: '  ', personId: 'ann' }, 'request.malformed'],
		['a name that is too long', { gateway: 'twilio', name: 'x'.repeat(201), personId: 'ann' }, 'request.malformed'],
		['a name with a line in it', { gateway: 'twilio', name: 'x\ny', personId: 'ann' }, 'request.malformed'],
		['more than is asked', { gateway: 'twilio', name: 'x', personId: 'ann', role: 'x' }, 'request.malformed'],
	])('%s is refused by name', async (_, body, code) => {
		const app = await open();
		expect(await ask(app, 'adam', '/api/gateways/agents', body)).toBe(code);
		expect(app.access.agents.all()).toEqual([]);
	});
	test('stay over a restart', async () => {
		const app = await open();
		await map(app, 'twilio', 'Müller, A.', 'ann');
		await app.close();
		const again = await openHouse({}, { data: app.data });
		expect((await mapping(again)).mapped).toMatchObject([{ name: 'Müller, A.', personId: 'ann' }]);
	});
});
