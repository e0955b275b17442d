import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { GatewayReport } from '#server/telephony/desk.ts';
import { reportEveryMs } from '#server/telephony/rtp/receiver.ts';
import { lostForMs, silentAfterMs } from '#server/telephony/rtpengine/forked-call.ts';
import { answerWithinMs } from '#server/telephony/rtpengine/ng.ts';
import { rtpenginePath } from '#server/telephony/rtpengine/rtpengine.ts';
import { handClock } from '#tests/support/clock.ts';
import { type RealRtpengine, realRtpengine } from '#tests/support/real-rtpengine.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { rtpengineDoor } from '#tests/support/rtpengine-door.ts';
import { type RtpenginePeer, type RtpenginePeerOptions, rtpenginePeer } from '#tests/support/rtpengine-peer.ts';
import { peakOf, tone } from '#tests/support/tone.ts';

let engine: RealRtpengine;
beforeAll(async () => {
	engine = await realRtpengine();
});
afterAll(() => engine.kill());

const key = 'key-of-the-wire';
const [customer, agent] = [tone(440, 1000), tone(880, 1000)];

/** A gateway, and a call in rtpengine that it has not been told of. */
async function opened({
	engines,
	pairs,
	...options
}: Partial<RtpenginePeerOptions> & { engines?: { host: string; port: number }[]; pairs?: number } = {}) {
	const clock = handClock();
	const intake = recordingIntake();
	const refused: string[] = [];
	const report: GatewayReport = { contact() {}, over() {}, refused: (why) => void refused.push(why) };
	const door = await rtpengineDoor({ intake, clock, report }, { engines: engines ?? [engine.ng], keys: [key] }, pairs);
	onTestFinished(() => door.close());
	const peer = await rtpenginePeer({ address: door.address, key, ng: engine.ng, says: { agent: 'ann' }, ...options });
	onTestFinished(() => peer.close());
	return { clock, intake, refused, door, peer };
}

/** The same, listened to. */
async function calling(options: Parameters<typeof opened>[0] = {}) {
	const one = await opened(options);
	const answer = await one.peer.announce();
	expect(answer.status).toBe(201);
	const [call] = one.intake.calls;
	if (!call) throw new Error('no call was announced');
	return { ...one, call };
}

const refusalOf = async (answer: Response) => ({
	status: answer.status,
	code: ((await answer.json()) as { code: string }).code,
});

/** Both phones talk until the gateway has brought the call in so many times. */
async function talkUntil(peer: RtpenginePeer, isThere: () => boolean) {
	for (let said = 0; !isThere(); said += 160) {
		await peer.play(
			customer.subarray(said % 8000, (said % 8000) + 160),
			agent.subarray(said % 8000, (said % 8000) + 160),
		);
		await peer.query();
	}
}

describe('rtpengine: announcements', () => {
	const post = (address: string, body: string, headers: Record<string, string> = {}) =>
		fetch(`${address}${rtpenginePath}`, { method: 'POST', body, headers });
	const basic = (password: string) => ({
		authorization: `Basic ${Buffer.from(`proxy:${password}`).toString('base64')}`,
	});

	test('without a key, or with a wrong one, are refused by name and counted [G3]', async () => {
		const { door, refused, intake } = await opened();
		expect(await refusalOf(await post(door.address, '{}'))).toEqual({ status: 401, code: 'access.key-missing' });
		const wrong = await post(door.address, '{}', basic('another'));
		expect(await refusalOf(wrong)).toEqual({ status: 403, code: 'access.key-wrong' });
		const ended = await fetch(`${door.address}${rtpenginePath}?callId=x`, { method: 'DELETE' });
		expect(ended.status).toBe(401);
		expect(refused).toEqual(['access.key-missing', 'access.key-wrong', 'access.key-missing']);
		expect(intake.calls).toEqual([]);
	});

	const fine = { callId: 'c', customerTag: 't', agent: 'ann' };
	test.each([
		['no JSON', '{"callId', ''],
		['no object', '[]', ''],
		['no call', JSON.stringify({ ...fine, callId: undefined }), 'callId'],
		['a call with a space in it', JSON.stringify({ ...fine, callId: 'a b' }), 'callId'],
		['a call of 256 characters', JSON.stringify({ ...fine, callId: 'x'.repeat(256) }), 'callId'],
		['no tag', JSON.stringify({ ...fine, customerTag: '' }), 'customerTag'],
		['an agent of 201 characters', JSON.stringify({ ...fine, agent: 'x'.repeat(201) }), 'agent'],
		['another disclosure', JSON.stringify({ ...fine, disclosure: 'none' }), 'disclosure'],
		['a label of 501 characters', JSON.stringify({ ...fine, label: 'x'.repeat(501) }), 'label'],
		['labels that are no texts', JSON.stringify({ ...fine, labels: { queue: 7 } }), 'labels'],
	])('with %s are refused, naming the field and not what it said [G3]', async (_, body, field) => {
		const { door, intake } = await opened();
		const answer = await post(door.address, body, { ...basic(key), 'content-type': 'application/json' });
		expect(answer.status).toBe(400);
		const said = await answer.text();
		expect(said).toContain(field);
		expect(said).not.toMatch(/xxx/);
		expect(intake.calls).toEqual([]);
	});

	test('of a call that no rtpengine knows are refused: it is over', async () => {
		const { peer, refused } = await opened();
		const answer = await peer.announce({ callId: 'never-heard-of' });
		expect(await refusalOf(answer)).toEqual({ status: 409, code: 'platform.call-over' });
		expect(refused).toEqual(['platform.call-over']);
	});

	test('that name a tag of nobody’s, or no agent, are refused', async () => {
		const { peer, refused } = await opened();
		expect(await refusalOf(await peer.announce({ customerTag: 'nobody' }))).toMatchObject({ code: 'media.none' });
		expect(await refusalOf(await peer.announce({ agent: '' }))).toMatchObject({ code: 'call.unknown-agent' });
		expect(refused).toEqual(['media.none', 'call.unknown-agent']);
	});

	test('are refused when all ports are taken; the call before does not notice [B1]', async () => {
		const { peer, intake, door } = await calling({ pairs: 2 });
		const other = await rtpenginePeer({ address: door.address, key, ng: engine.ng, says: { agent: 'abe' } });
		onTestFinished(() => other.close());
		expect(await refusalOf(await other.announce())).toEqual({ status: 503, code: 'media.no-ports' });
		await talkUntil(peer, () => (intake.calls[0]?.pieces.length ?? 0) > 10);
	});

	test('are refused when rtpengine does not answer', async () => {
		const deaf = createSocket('udp4').bind(0, '127.0.0.1');
		await once(deaf, 'listening');
		onTestFinished(() => void deaf.close());
		const { peer, clock } = await opened({ engines: [{ host: '127.0.0.1', port: deaf.address().port }] });
		const asked = once(deaf, 'message');
		const answer = peer.announce();
		await asked;
		clock.advance(answerWithinMs);
		expect(await refusalOf(await answer)).toEqual({ status: 503, code: 'platform.unreachable' });
	});

	test('find the call in whichever rtpengine has it', async () => {
		const other = await realRtpengine();
		onTestFinished(() => other.kill());
		const { peer, intake } = await calling({ engines: [other.ng, engine.ng] });
		await talkUntil(peer, () => (intake.calls[0]?.pieces.length ?? 0) > 10);
	});

	test('made twice bring the call once [G1]', async () => {
		const { peer, intake } = await calling();
		expect((await peer.announce()).status).toBe(201);
		expect(intake.calls).toHaveLength(1);
		await talkUntil(peer, () => (intake.calls[0]?.pieces.length ?? 0) > 10);
	});

	test('bring what is said of the call: names, numbers, queue', async () => {
		const said = {
			from: '+15550100477',
			to: '+15550100999',
			queue: 'Orders',
			language: 'en',
			labels: { tier: 'gold' },
		};
		const { call, peer } = await calling({ says: { agent: 'ann', disclosure: 'announced', ...said } });
		expect(call.incoming).toMatchObject({ label: 'Caller …477', disclosure: 'announced', about: said });
		// Its Call-ID has characters that the port's ids do not have.
		expect(peer.callId).toContain('@');
		expect(call.incoming.platformId).toMatch(/^[0-9a-f]{40}$/);
	});

	test('that are too large, or none at all, are turned away and counted', async () => {
		const { door, refused } = await opened();
		const headers = { ...basic(key), 'content-type': 'application/json' };
		const say = (body: string, type = {}) =>
			fetch(`${door.address}${rtpenginePath}`, { method: 'POST', headers: { ...headers, ...type }, body });
		expect((await say(`"${'x'.repeat(2_000_000)}"`)).status).toBe(413);
		expect((await say('{"callId"')).status).toBe(400);
		expect((await say('x', { 'content-type': 'image/png' })).status).toBe(400);
		expect(refused).toEqual(['request.too-large', 'request.malformed', 'request.malformed']);
	});

	test('of an end of a call that is not here are fine', async () => {
		const { door } = await opened();
		const headers = basic(key);
		const end = (query: string) => fetch(`${door.address}${rtpenginePath}${query}`, { method: 'DELETE', headers });
		expect((await end('?callId=who%40knows')).status).toBe(204);
		expect((await end('')).status).toBe(400);
	});
});

describe('rtpengine: a call', () => {
	test('is not touched: the phones hear each other as before, and nothing else [S3]', async () => {
		const { peer, intake } = await calling();
		await peer.play(customer, agent);
		await intake.when(() => (intake.calls[0]?.pieces.length ?? 0) >= 100);
		await peer.query();
		await talkUntil(peer, () => peer.agent.heard.length > 60 && peer.customer.heard.length > 60);
		expect(Buffer.compare(Buffer.concat(peer.agent.heard.slice(0, 50)), customer)).toBe(0);
		expect(Buffer.compare(Buffer.concat(peer.customer.heard.slice(0, 50)), agent)).toBe(0);
	});

	test('hears no report of ours: rtpengine keeps it [S3]', async () => {
		const { peer, call, clock } = await calling();
		await talkUntil(peer, () => call.pieces.length > 10);
		clock.advance(reportEveryMs);
		const reports = async () => ((await peer.query()).totals as { RTCP: { packets: number } }).RTCP.packets;
		while ((await reports()) < 2);
		await talkUntil(peer, () => call.pieces.length > 20);
		expect([peer.customer.reports, peer.agent.reports]).toEqual([[], []]);
	});

	test('that cannot be heard is not copied either', async () => {
		const { peer } = await opened();
		expect(await refusalOf(await peer.announce({ agentTag: undefined, customerTag: 'nobody' }))).toMatchObject({
			status: 415,
			code: 'media.none',
		});
		while ((await peer.copies()) > 0) await peer.query();
	});

	test('in A-law is brought as it is [G2]', async () => {
		const { peer, call, intake } = await calling({ payloadType: 8 });
		await peer.play(customer, agent);
		await intake.when(() => call.pieces.length >= 100);
		expect(call.incoming.codec).toBe('pcma');
		expect(Buffer.compare(call.heard('customer'), customer)).toBe(0);
		expect(Buffer.compare(call.heard('agent'), agent)).toBe(0);
	});

	test('in a codec we do not hear is brought as µ-law: rtpengine transcodes', async () => {
		const { peer, call, intake } = await calling({ payloadType: 9 });
		expect(call.incoming.codec).toBe('pcmu');
		// Bytes of G.722 as they may be: what they sound like does not matter here.
		await peer.play(tone(300, 1000), tone(500, 1000));
		await intake.when(() => call.pieces.filter(({ leg }) => leg === 'agent').length >= 40);
		await intake.when(() => call.pieces.filter(({ leg }) => leg === 'customer').length >= 40);
		expect(new Set(call.heard('customer')).size).toBeGreaterThan(10);
	});

	test('with pictures is heard all the same, and its pictures are not asked for', async () => {
		const { peer, call, intake } = await calling({ video: true });
		await peer.play(customer, agent);
		await intake.when(() => call.pieces.length >= 100);
		expect(Buffer.compare(call.heard('customer'), customer)).toBe(0);
		expect(Buffer.compare(call.heard('agent'), agent)).toBe(0);
	});

	test('whose packets hold 10 or 60 ms, some lost and some out of order, keeps its place [G2]', async () => {
		const { peer, call, intake } = await calling();
		await peer.play(customer, agent, { samples: 80 });
		await intake.when(() => call.pieces.length >= 200);
		expect(Buffer.compare(call.heard('customer'), customer)).toBe(0);
		peer.customer.say(customer, { samples: 480, lost: (packet) => packet % 4 === 2, turns: (packet) => [packet ^ 1] });
		await intake.when(() => call.pieces.length >= 200 + 13);
		const second = call.heard('customer').subarray(8000);
		for (let packet = 0; packet < 16; packet++) {
			const range = [packet * 480, (packet + 1) * 480] as const;
			const silent = Buffer.alloc(480, 0xff);
			const wanted = packet % 4 === 2 ? silent : customer.subarray(...range);
			expect(Buffer.compare(second.subarray(...range), wanted)).toBe(0);
		}
	});

	test('that is renegotiated goes on', async () => {
		const { peer, call, intake } = await calling();
		await talkUntil(peer, () => call.pieces.length > 10);
		await peer.offerAgain('sendonly');
		await peer.offerAgain('sendrecv');
		const before = call.pieces.length;
		await talkUntil(peer, () => call.pieces.length > before + 10);
		expect(intake.calls).toHaveLength(1);
		expect(peakOf(call.heard('customer'), 440)).toBeGreaterThan(1000);
	});

	test('that nobody speaks in is lost, though rtpengine has it, and comes back with the first word', async () => {
		const { peer, call, intake, clock } = await calling();
		await talkUntil(peer, () => call.pieces.length > 10);
		clock.advance(silentAfterMs);
		await intake.when(() => call.told.includes('lost'));
		await talkUntil(peer, () => intake.calls.length === 2);
		expect(intake.calls[1]?.callId).toBe(call.callId);
		expect(call.told).toEqual(['lost']);
	});

	test('whose copy somebody stopped is subscribed to again', async () => {
		const { peer, call, intake, clock } = await calling();
		await talkUntil(peer, () => call.pieces.length > 10);
		await peer.stopCopies();
		clock.advance(silentAfterMs);
		await intake.when(() => call.told.includes('lost'));
		await talkUntil(peer, () => intake.calls.length === 2);
	});

	test('that rtpengine has let go of has ended, though the proxy never said so', async () => {
		const { peer, call, intake, clock } = await calling();
		await talkUntil(peer, () => call.pieces.length > 10);
		await peer.hangUp(false);
		clock.advance(silentAfterMs);
		await intake.when(() => call.told.includes('ended hung-up'));
		expect((await refusalOf(await peer.announce())).code).toBe('platform.call-over');
	});

	test('whose rtpengine dies is lost, and is given up in the end', async () => {
		const dying = await realRtpengine();
		onTestFinished(() => dying.kill());
		const { peer, call, intake, clock } = await calling({ engines: [dying.ng], ng: dying.ng });
		await talkUntil(peer, () => call.pieces.length > 10);
		await dying.kill();
		await peer.close(true);
		clock.advance(silentAfterMs);
		clock.advance(answerWithinMs);
		await intake.when(() => call.told.includes('lost'));
		clock.advance(lostForMs + 1000);
		await intake.when(() => call.told.includes('ended lost'));
	});

	test('that the server lets go of is not copied any more', async () => {
		const { peer, call, door } = await calling();
		await door.close();
		expect(call.told).toEqual(['lost']);
		expect(await peer.copies()).toBe(0);
	});

	test('that was refused is not copied', async () => {
		const { peer, intake } = await opened();
		intake.refuse('call.unknown-agent');
		expect(await refusalOf(await peer.announce())).toEqual({ status: 404, code: 'call.unknown-agent' });
		while ((await peer.copies()) > 0) await peer.query();
	});
});
