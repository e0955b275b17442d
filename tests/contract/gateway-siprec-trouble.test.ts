import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { heldForMs, silentAfterMs } from '#server/telephony/siprec/lookout.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { settled, siprecTrial, testTls } from '#tests/support/siprec-door.ts';
import { tone } from '#tests/support/tone.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=audio 40000 RTP/AVP 0\r\na=sendonly\r\n';

/** A request as text, to be sent as it stands. */
const request = (
	method: string,
	given: { via?: string; contact?: string; cseq?: number; callId?: string; body?: string; more?: string[] } = {},
) => {
	const body = given.body ?? '';
	return [
		`${method} sip:ycord@127.0.0.1 SIP/2.0`,
		`Via: ${given.via ?? 'SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKone;rport'}`,
		'From: <sip:src@127.0.0.1>;tag=1',
		'To: <sip:ycord@127.0.0.1>',
		`Call-ID: ${given.callId ?? 'by-hand'}`,
		`CSeq: ${given.cseq ?? 1} ${method}`,
		`Contact: <${given.contact ?? 'sip:src@127.0.0.1'}>`,
		...(given.more ?? []),
		'Content-Type: application/sdp',
		`Content-Length: ${body.length}`,
		'',
		body,
	].join('\r\n');
};

describe('a recording session in its dialog', () => {
	test('CANCEL before the answer: the INVITE is terminated, there is no call, and its ports are free [B1]', async () => {
		const { recorder, intake } = await siprecTrial({}, 2);
		const peer = await recorder({ over: 'tcp' });
		peer.raw(request('INVITE', { body: sdp }) + request('CANCEL'));
		await peer.when(({ status }) => status === 487);
		const answers = peer.heard.map(({ status, header }) => `${status} ${header('CSeq')}`);
		expect(answers).toEqual(['100 1 INVITE', '200 1 CANCEL', '487 1 INVITE']);
		expect(intake.calls).toEqual([]);
		expect((await (await recorder()).invite()).status).toBe(200);
	});

	test('a server that goes before it has answered says 503, so that the recorder asks another', async () => {
		const noPortYet = { open: () => new Promise<undefined>(() => {}), taken: 0, close() {} };
		const { recorder, gateway, intake } = await siprecTrial({}, 0, noPortYet);
		const peer = await recorder();
		const answered = peer.invite();
		await peer.when(({ status }) => status === 100);
		await gateway.close();
		expect((await answered).status).toBe(503);
		expect(intake.calls).toEqual([]);
	});

	test('metadata that change, or nothing but a refresh, is agreed to without a description; a re-INVITE gets one', async () => {
		const { recorder, intake } = await siprecTrial();
		const peer = await recorder();
		await peer.invite();
		const metadata = '<recording><datamode>partial</datamode></recording>';
		const said = ['Content-Type: application/rs-metadata+xml', 'Content-Disposition: recording-session'];
		const updated = await peer.ask('UPDATE', said, true, metadata);
		expect([updated.status, updated.body, updated.header('Content-Type')]).toEqual([200, '', undefined]);
		const refreshed = await peer.ask('UPDATE');
		expect([refreshed.status, refreshed.body]).toEqual([200, '']);
		expect((await peer.again('INVITE')).body).toContain('a=recvonly');
		expect(intake.calls[0]?.told).toEqual([]);
	});

	test('a refresh that is wanted of us is not agreed to, and nothing runs out (RFC 4028)', async () => {
		const { recorder, intake, clock } = await siprecTrial();
		const peer = await recorder({ headers: ['Session-Expires: 90;refresher=uas'] });
		const answer = await peer.invite();
		expect([answer.header('Require'), answer.header('Session-Expires')]).toEqual([undefined, undefined]);
		await settled(peer);
		await peer.again('INVITE', 'inactive');
		await settled(peer);
		clock.advance(91_500);
		expect(intake.calls[0]?.told).toEqual(['held']);
	});

	test('an extension we do not know is refused by name in the dialog too', async () => {
		const { recorder } = await siprecTrial();
		const peer = await recorder();
		await peer.invite();
		const answer = await peer.ask('INVITE', ['Require: gruu']);
		expect([answer.status, answer.header('Unsupported')]).toEqual([420, 'gruu']);
	});

	test('an offer that cannot be heard is refused, and the call goes on as it was', async () => {
		const { recorder, intake } = await siprecTrial();
		const peer = await recorder();
		await peer.invite();
		const type = ['Content-Type: application/sdp'];
		expect((await peer.ask('INVITE', type, true, 'v=0\r\nm=audio x\r\n')).status).toBe(400);
		expect((await peer.ask('INVITE', type, true, sdp)).status).toBe(488);
		expect((await peer.ask('INVITE', ['Content-Type: text/plain'], true, 'hello')).status).toBe(415);
		await peer.play(tone(440, 20), tone(880, 20));
		await intake.when(() => intake.calls[0]?.pieces.length === 2);
	});

	test('a connection that is gone does not end a call; sound brings it back, the next request comes another way', async () => {
		const { recorder, intake, clock } = await siprecTrial();
		const peer = await recorder({ over: 'tcp' });
		await peer.invite();
		await peer.play(tone(440, 20), tone(880, 20));
		await intake.when(() => intake.calls[0]?.pieces.length === 2);
		await peer.hangConnection();
		clock.advance(silentAfterMs + 1000);
		await intake.when(() => intake.calls[0]?.told.includes('lost') ?? false);
		clock.advance(120_000);
		expect(intake.calls[0]?.told).toEqual(['lost']);
		await peer.play(tone(440, 20), tone(880, 20));
		await intake.when(() => (intake.calls[1]?.pieces.length ?? 0) === 2);
	});

	test('on hold it is asked after as well: over when nobody answers, on hold for as long as somebody does', async () => {
		const { recorder, intake, clock } = await siprecTrial();
		const [dead, patient] = [await recorder({ over: 'tcp' }), await recorder({ over: 'tcp' })];
		for (const peer of [dead, patient]) {
			await peer.invite();
			await peer.again('INVITE', 'inactive');
			await settled(peer);
		}
		dead.deafen();
		for (let passedMs = 0; passedMs < 2 * heldForMs; passedMs += 25_000) {
			clock.advance(25_000);
			// Once for what it is asked, once for its answer.
			for (let turn = 0; turn < 2; turn++) await settled(patient);
		}
		expect(intake.calls[0]?.told).toEqual(['held', 'ended lost']);
		expect(intake.calls[1]?.told).toEqual(['held']);
	});

	test('on hold without a way to ask it is given up one day, and its ports are free [B1]', async () => {
		const { recorder, intake, clock } = await siprecTrial({}, 2);
		const peer = await recorder({ over: 'tcp' });
		await peer.invite();
		await peer.again('INVITE', 'inactive');
		await settled(peer);
		await peer.hangConnection();
		clock.advance(heldForMs - 10_000);
		expect(intake.calls[0]?.told).toEqual(['held']);
		clock.advance(20_000);
		expect(intake.calls[0]?.told).toEqual(['held', 'ended lost']);
		expect((await (await recorder()).invite()).status).toBe(200);
	});

	test('ports that there are not, in Via or Contact, hurt nobody', async () => {
		const { recorder, intake, clock, log } = await siprecTrial();
		const peer = await recorder();
		const via = 'SIP/2.0/UDP 127.0.0.1:99999;branch=z9hG4bKfar';
		peer.raw(request('INVITE', { via, body: sdp, callId: 'far', contact: 'sip:src@127.0.0.1:99999' }));
		peer.raw(request('INVITE', { via: `${via}2;rport`, body: sdp, callId: 'near', contact: 'sip:src@127.0.0.1:0' }));
		await peer.when(({ status }) => status === 200);
		clock.advance(silentAfterMs + 1000);
		await settled(peer);
		await intake.when(() => intake.calls.length === 2 && intake.calls.every(({ told }) => told.includes('lost')));
		expect(log.join(' ')).not.toContain('RangeError');
	});
});

/** What a socket tells, also one that ends with an error. */
const told = (socket: Socket, what: 'close' | 'drain') => new Promise((resolve) => socket.once(what, resolve));

describe('[G3] SIP’s connections', () => {
	test('over TLS strangers and what is no TLS are counted; nobody who never secures theirs holds up the end', async () => {
		const { gateway, refused } = await siprecTrial({ tls: testTls });
		const waits = connect(gateway.tlsPort ?? 0, '127.0.0.1');
		const junk = connect(gateway.tlsPort ?? 0, '127.0.0.1');
		for (const socket of [waits, junk]) socket.on('error', () => {});
		onTestFinished(() => void waits.destroy());
		junk.write('OPTIONS sip:ycord@127.0.0.1 SIP/2.0\r\n\r\n');
		await told(junk, 'close');
		expect(refused).toEqual(['request.malformed']);
		await gateway.close();
	});

	test('a stranger is cut off before anything is secured', async () => {
		const { gateway, refused } = await siprecTrial({ tls: testTls, sources: '192.0.2.1' });
		const stranger = connect(gateway.tlsPort ?? 0, '127.0.0.1');
		stranger.on('error', () => {});
		await told(stranger, 'close');
		expect(refused).toEqual(['access.source-unknown']);
	});

	test('one that asks and never reads is cut off [B1]', async () => {
		const { gateway } = await siprecTrial();
		const greedy = connect(gateway.port, '127.0.0.1');
		greedy.on('error', () => {});
		greedy.pause();
		const via = (turn: number) => `SIP/2.0/TCP ${'x'.repeat(8000)};branch=z9hG4bK${turn}`;
		const gone = told(greedy, 'close');
		// More than any system keeps on the way, and a megabyte.
		for (let turn = 0; turn < 3000 && !greedy.destroyed; turn++) {
			const isRoom = greedy.write(request('OPTIONS', { via: via(turn), cseq: turn }));
			if (!isRoom) await Promise.race([told(greedy, 'drain'), gone]);
		}
		greedy.resume();
		await gone;
	});

	test('datagrams of any bytes, beside a call that goes on', async () => {
		const { recorder, intake, log } = await siprecTrial();
		const peer = await recorder();
		await peer.invite();
		const random = randomNumbers(seedFor('SIP datagrams'));
		const source = Buffer.from(request('INVITE', { body: sdp, callId: 'mangled' }));
		const junk = await recorder();
		for (let turn = 0; turn < 300; turn++) {
			const bytes = Buffer.from(source.subarray(0, 1 + random(source.length)));
			for (let hit = 0; hit < random(6); hit++) bytes[random(bytes.length)] = random(256);
			junk.raw(bytes);
			if (turn % 30 === 0) await settled(peer);
		}
		await peer.play(tone(440, 100), tone(880, 100));
		await intake.when(() => intake.calls[0]?.pieces.length === 10);
		expect(log.filter((line) => line.startsWith('["siprec"'))).toEqual([]);
	});
});
