import { describe, expect, test } from 'vitest';
import { waitingBridge } from '#server/telephony/asterisk/control.ts';
import type { Fallback } from '#server/telephony/control.ts';
import type { Refusal, RefusalCode } from '#shared/refusals.ts';
import { asteriskCall, asteriskSite, twoTalk } from '#tests/support/asterisk-call.ts';
import type { AriRequest, Refusing } from '#tests/support/asterisk-peer.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { tone } from '#tests/support/tone.ts';

const refusalOf = (work: Promise<unknown>) =>
	work.then(
		() => 'was not refused' as const,
		(error: Refusal) => error.code,
	);
type Call = Awaited<ReturnType<typeof asteriskCall>>;
type Step = (call: Call) => (request: AriRequest) => boolean;

const adds = (bridge: string, channel: (id: string) => boolean) => (request: AriRequest) =>
	request.path === `/bridges/${encodeURIComponent(bridge)}/addChannel` && channel(request.query.get('channel') ?? '');

/** What a take asks for, one after the other. */
const ofTake: Record<string, Step> = {
	'the executive’s channel':
		() =>
		({ path, query }) =>
			path === '/channels/externalMedia' && (query.get('channelId') ?? '').endsWith('-line'),
	'the executive into the call': ({ bridge }) => adds(bridge, (id) => id.endsWith('-line')),
	'the guard':
		() =>
		({ method, path }) =>
			method === 'POST' && path === '/channels',
	'a place for the agent to wait':
		() =>
		({ path }) =>
			path.includes('-waits-') && !path.endsWith('Channel') && !path.endsWith('moh'),
	'the agent to that place':
		({ agent }) =>
		({ path, query }) =>
			path.includes('-waits-') && path.endsWith('/addChannel') && query.get('channel') === agent,
};
/** How each may fail, and what the executive is told; unless said, the same at every step. */
const noMove = Object.fromEntries(
	['the executive’s channel', 'the guard', 'a place for the agent to wait'].map(
		(step) => [step, 'platform.refused'] as const,
	),
);
const failures: [Refusing, RefusalCode, Partial<Record<string, RefusalCode>>?][] = [
	[401, 'platform.denied'],
	[404, 'platform.call-over'],
	[409, 'survey.cannot', noMove],
	[422, 'survey.cannot', noMove],
	[500, 'platform.unreachable'],
	[503, 'platform.busy'],
	['no answer', 'platform.unreachable'],
	['answer lost', 'platform.unreachable'],
];
const steps = Object.keys(ofTake).flatMap((step) =>
	failures.map(([how, code, otherwise]) => [step, how, otherwise?.[step] ?? code] as const),
);

/** Lets an answer that never comes be given up, once it was asked for. */
async function givenUp({ peer, clock }: Call, how: Refusing, fits: (request: AriRequest) => boolean, from: number) {
	if (how !== 'no answer') return;
	await peer.when(() => peer.requests.slice(from).some(fits));
	clock.advance(3000);
}

/** Everybody the customer has shared their bridge with, each time anything changed. */
function company({ peer, withCustomer }: Call) {
	const seen: string[][] = [];
	peer.watch(() => seen.push(withCustomer()));
	return seen;
}

describe('listening to a call of Asterisk', () => {
	test('names the call’s bridge in no request, and asks nothing of its channels but a snoop [S3]', async () => {
		const { peer, bridge, customer, agent } = await asteriskCall();
		const touching = peer.requests.filter(({ path, query }) =>
			[bridge, customer, agent].some(
				(id) => path.includes(id) || [...query.values()].some((value) => value.includes(id)),
			),
		);
		expect(
			touching.map(({ method, path, query }) => [
				method,
				path.replace(/[^/]+$/, 'NAME'),
				query.get('spy'),
				query.get('whisper'),
			]),
		).toEqual([
			['POST', `/channels/${customer}/snoop/NAME`, 'in', 'none'],
			['POST', `/channels/${agent}/snoop/NAME`, 'in', 'none'],
		]);
	});

	test('leaves nothing behind at Asterisk when the call is over', async () => {
		const { peer, customer, intake, call, app } = await asteriskCall();
		peer.hangUp(customer);
		await intake.when(() => call.told.includes('ended hung-up'));
		await peer.when(
			() =>
				!peer.channels.some((id) => id.startsWith('ycord-')) && !peer.bridges.some(({ id }) => id.startsWith('ycord-')),
		);
		await app.close();
	});
});

describe('a leg that says nothing any more, not even silence', () => {
	test('is left alone where Asterisk still has it', async () => {
		const { peer, clock, call, intake } = await asteriskCall();
		const from = peer.requests.length;
		for (let looked = 0; looked < 3; looked++) {
			const before = peer.requests.length;
			clock.advance(16_000);
			await peer.when(() => peer.requests.slice(before).filter(({ method }) => method === 'GET').length === 2);
			await peer.settled();
		}
		expect(peer.requests.slice(from).every(({ method }) => method === 'GET')).toBe(true);
		expect([call.told, intake.calls.length]).toEqual([[], 1]);
	});

	test('ends its call as lost where Asterisk does not answer either', async () => {
		const { peer, clock, call, intake } = await asteriskCall();
		peer.refuse(503);
		clock.advance(16_000);
		await intake.when(() => call.told.includes('lost'));
		expect(intake.calls).toHaveLength(1);
	});
});

describe('an executive on a call of Asterisk', () => {
	test('comes before the agent goes, and goes after the agent is back: the customer is never alone', async () => {
		const call = await asteriskCall();
		const seen = company(call);
		const voice = await call.take();
		expect(call.withCustomer()).toEqual(['executive']);
		const { peer, customer, agent } = call;
		for (let frame = 0; frame < 3; frame++) voice.say(tone(300, 20));
		await peer.settled();
		expect(peer.unplayed).toBe(3);
		const heard = peer.tick({ [customer]: tone(440, 20), [agent]: tone(880, 20) });
		expect(heard.get(customer)).toEqual([expect.stringMatching(/-line$/)]);
		expect(heard.get(agent)).toEqual([]);
		expect(await call.control.release('hang-up')).toBe('agent');
		await peer.when(() => call.leftOver().length === 0);
		expect(call.withCustomer()).toEqual(['agent']);
		expect(seen.filter((one) => one.length === 0)).toEqual([]);
		expect(seen.some((one) => one.length === 2)).toBe(true);
		expect([call.lost, call.call.told]).toEqual([[], []]);
	});

	test('joins customer and agent where the script leaves the agent on the call', async () => {
		const { control, withCustomer, leftOver, peer } = await asteriskCall();
		await control.take({ agent: 'open', shownAs: 'a leader' }, () => {});
		expect(withCustomer().sort()).toEqual(['agent', 'executive']);
		expect(await control.release('hang-up')).toBe('agent');
		await peer.when(() => leftOver().length === 0);
		expect(withCustomer()).toEqual(['agent']);
	});

	test.each(steps)('is refused, with everybody where they were, if %s fails with %s: %s', async (step, how, code) => {
		const call = await asteriskCall();
		const seen = company(call);
		const fits = (ofTake[step] as Step)(call);
		const from = call.peer.requests.length;
		call.peer.refuse(how, fits);
		const taking = call.take();
		await Promise.all([
			givenUp(call, how, fits, from),
			refusalOf(taking).then((refused) => expect(refused).toBe(code)),
		]);
		call.peer.refuse(undefined);
		expect(await call.control.release('hang-up')).toBe('agent');
		await call.peer.when(() => call.leftOver().length === 0);
		expect(call.withCustomer()).toEqual(['agent']);
		expect(seen.filter((one) => one.length === 0)).toEqual([]);
		expect([call.lost, call.call.told]).toEqual([[], []]);
		// And may be tried again.
		await call.take();
		expect(call.withCustomer()).toEqual(['executive']);
	});

	const backFailures: Refusing[] = [401, 409, 500, 503, 'no answer', 'answer lost'];
	test.each(backFailures)(
		'stays with the customer, unheard, while the agent cannot be brought back (%s), until they are',
		async (how) => {
			const call = await asteriskCall();
			const voice = await call.take();
			const fits = adds(call.bridge, (id) => id === call.agent);
			const from = call.peer.requests.length;
			call.peer.refuse(how, fits);
			const releasing = refusalOf(call.control.release('queue'));
			await Promise.all([givenUp(call, how, fits, from), releasing]);
			expect(await releasing).toMatch(/^platform\./);
			expect(call.withCustomer()).toContain('executive');
			voice.say(tone(300, 20));
			await call.peer.settled();
			expect(call.peer.unplayed).toBe(0);
			call.peer.refuse(undefined);
			expect(await call.control.release('queue')).toBe('agent');
			await call.peer.when(() => call.leftOver().length === 0);
			expect(call.withCustomer()).toEqual(['agent']);
		},
	);

	test('is guarded inside Asterisk for as long as the agent is away, and not a moment later than the agent is back', async () => {
		const call = await asteriskCall();
		const { peer, agent, customer, bridge } = call;
		const isGuarded = () => peer.channels.some((id) => id.endsWith('-guard'));
		const unguarded: unknown[] = [];
		peer.watch(() => {
			if (!call.withCustomer().includes('agent') && !isGuarded()) unguarded.push(peer.requests.at(-1));
		});
		await call.take();
		const guard = peer.requests.find(({ method, path }) => method === 'POST' && path === '/channels');
		expect(JSON.parse((await guard?.body()) ?? '')).toEqual({
			variables: {
				__YCORD_AGENT: agent,
				__YCORD_CUSTOMER: customer,
				__YCORD_EXECUTIVE: peer.bridges.find(({ id }) => id === bridge)?.channels.find((id) => id.endsWith('-line')),
			},
		});
		expect(isGuarded()).toBe(true);
		await call.control.release('hang-up');
		await peer.when(() => !isGuarded());
		expect(unguarded).toEqual([]);
	});

	test('is not brought where the dialplan has no guard, and the refusal says so', async () => {
		const call = await asteriskCall({ withoutGuard: true });
		await expect(call.take()).rejects.toThrow(
			'This phone platform cannot bring you on the line: the dialplan has no ycord-guard; see docs/asterisk.md.',
		);
		expect(await call.control.release('queue')).toBe('agent');
		await call.peer.when(() => call.leftOver().length === 0);
		expect(call.withCustomer()).toEqual(['agent']);
	});

	test('finds the agent with the customer where the guard was faster', async () => {
		const call = await asteriskCall();
		await call.take();
		call.peer.refuse(
			422,
			adds(call.bridge, (id) => id === call.agent),
		);
		expect(await call.control.release('queue')).toBe('agent');
		await call.peer.when(() => call.leftOver().length === 0);
	});

	const fallbacks: Fallback[] = ['queue', 'announcement', 'hang-up'];
	test.each(fallbacks)(
		'whose agent has hung up meanwhile leaves the customer to the dialplan: %s',
		async (fallback) => {
			const call = await asteriskCall();
			await call.take();
			call.peer.hangUp(call.agent);
			const from = call.peer.requests.length;
			expect(await call.control.release(fallback)).toBe(fallback === 'hang-up' ? 'hung-up' : fallback);
			const asked = call.peer.requests.slice(from).find(({ path }) => path.startsWith(`/channels/${call.customer}`));
			expect([asked?.method, asked?.path.split('/')[3], Object.fromEntries(asked?.query ?? [])]).toEqual(
				fallback === 'hang-up'
					? ['DELETE', undefined, {}]
					: ['POST', 'continue', { context: 'ycord-fallback', extension: fallback, priority: '1' }],
			);
			await call.peer.when(() => call.peer.channels.every((id) => !id.endsWith('-line')));
		},
	);

	test('whose agent’s channel is gone without a word is not asked for again and again', async () => {
		const call = await asteriskCall();
		await call.take();
		call.peer.refuse(
			400,
			adds(call.bridge, (id) => id === call.agent),
		);
		expect(await call.control.release('queue')).toBe('queue');
	});

	test('who is cut off is told, and the customer gets the agent back', async () => {
		const call = await asteriskCall();
		await call.take();
		const line = call.peer.channels.find((id) => id.endsWith('-line')) as string;
		call.peer.hangUp(line);
		await expect.poll(() => call.lost).toEqual(['lost']);
		expect(await call.control.release('hang-up')).toBe('agent');
		expect(call.withCustomer()).toEqual(['agent']);
	});

	test('is given back with the agent when the server goes away', async () => {
		const call = await asteriskCall();
		const seen = company(call);
		await call.take();
		await call.app.close();
		expect(call.withCustomer()).toEqual(['agent']);
		expect([call.lost, call.leftOver()]).toEqual([['lost'], []]);
		expect(seen.filter((one) => one.length === 0)).toEqual([]);
	});

	test('is given back, after as many tries as it needs, when the call’s sound is lost for good', async () => {
		const call = await asteriskCall();
		const { peer, intake } = call;
		const seen = company(call);
		await call.take();
		const isSnoop = ({ path }: AriRequest) => path.includes('/snoop/');
		const isBack = adds(call.bridge, (id) => id === call.agent);
		const from = peer.requests.length;
		peer.refuse(500, (request) => isSnoop(request) || isBack(request));
		for (const id of peer.channels.filter((id) => id.endsWith('-media'))) peer.hangUp(id);
		await intake.when(() => call.call.told.includes('ended lost') || call.call.told.includes('lost'));
		await peer.when(() => peer.requests.slice(from).some(isBack));
		expect(call.lost).toEqual(['lost']);
		expect(call.withCustomer()).toEqual(['executive']);
		peer.refuse(undefined);
		await peer.when(() => call.leftOver().length === 0);
		expect(call.withCustomer()).toEqual(['agent']);
		expect(seen.filter((one) => one.length === 0)).toEqual([]);
	});
});

describe('Asterisk, when Ycord was away', () => {
	test('has its agents back on their calls, and nothing of ours is left, as soon as Ycord is there again', async () => {
		const name = 'ycord-test-00000000-0000-4000-8000-000000000000';
		const another = 'ycord-elsewhere-00000000-0000-4000-8000-000000000000-customer';
		const alone: unknown[] = [];
		const { peer } = await asteriskSite(recordingIntake(), {
			stage(peer) {
				peer.party('customer', 'call');
				peer.party('agent', waitingBridge(name, 'call'));
				peer.party('Announcer', waitingBridge(name, 'call'));
				peer.party(`${name}-1-line`, 'call');
				peer.party(`${name}-customer-snoop`, `${name}-customer-bridge`);
				peer.party(`${name}-customer-media`, `${name}-customer-bridge`);
				peer.party(`${another}-snoop`, `${another}-bridge`);
				peer.refuse(422, ({ query }) => query.get('channel')?.includes('Announcer') ?? false);
				peer.watch(() => {
					if (peer.bridges.some(({ id, channels }) => id === 'call' && channels.length < 2)) alone.push(peer.bridges);
				});
			},
		});
		const isLeft = (id: string) => id.startsWith('ycord-test-');
		await peer.when(() => !peer.channels.some(isLeft) && !peer.bridges.some(({ id }) => isLeft(id)));
		expect(peer.bridges).toEqual([
			{ id: 'call', channels: ['customer', 'agent'] },
			{ id: `${another}-bridge`, channels: [`${another}-snoop`] },
		]);
		expect(alone).toEqual([]);
	});

	test('loses no call with its events, and a call that ended meanwhile is over as soon as it is heard again', async () => {
		const intake = recordingIntake();
		const { peer } = await asteriskSite(intake);
		const calls = [twoTalk(peer), twoTalk(peer)];
		for (const { customer, agent, bridge } of calls)
			peer.userEvent(customer, { agent: 'ann', agent_channel: agent, bridge });
		await intake.when(() => intake.calls.length === 2);
		peer.breakEvents();
		const [gone, stays] = calls as [(typeof calls)[0], (typeof calls)[0]];
		const before = peer.requests.length;
		peer.hangUp(gone.customer);
		expect(intake.calls.map(({ told }) => told)).toEqual([[], []]);
		await peer.when(() => peer.requests.slice(before).some(({ path }) => path === '/channels'));
		const named = (customer: string) => intake.calls.find(({ incoming }) => incoming.platformId === customer);
		await intake.when(() => named(gone.customer)?.told.includes('ended hung-up') ?? false);
		expect(named(stays.customer)?.told).toEqual([]);
	});
});
