import { describe, expect, onTestFinished, test } from 'vitest';
import type { RefusedFor } from '#server/telephony/desk.ts';
import { reportEveryMs } from '#server/telephony/rtp/receiver.ts';
import { giveUpMs } from '#server/telephony/sip/endpoint.ts';
import { lostForMs, silentAfterMs } from '#server/telephony/siprec/lookout.ts';
import { rtpPacket } from '#tests/support/rtp-packet.ts';
import { settled, siprecTrial, testTls } from '#tests/support/siprec-door.ts';
import { type SiprecPeerOptions, siprecPeer } from '#tests/support/siprec-peer.ts';
import { tone } from '#tests/support/tone.ts';

describe('a recording session by SIP (RFC 7866)', () => {
	test('is answered receiving only, with a port for each stream, its label, and as a recording server', async () => {
		const { recorder } = await siprecTrial();
		const peer = await recorder();
		const answer = await peer.invite();
		expect(answer.status).toBe(200);
		expect(answer.header('Contact')).toContain(';+sip.srs');
		expect(answer.header('To')).toContain(';tag=');
		expect(answer.body.match(/^m=audio [1-9]\d* RTP\/AVP 0 101$/gm)).toHaveLength(2);
		expect(answer.body.match(/^a=recvonly/gm)).toHaveLength(2);
		expect(answer.body.match(/^a=label:9[67]/gm)).toHaveLength(2);
		expect(peer.heard.map(({ status }) => status)).toEqual([100, 200]);
	});

	test('has its yes sent again, later and later, until it is acknowledged, and no longer', async () => {
		const { clock, gateway, intake } = await siprecTrial();
		const peer = await siprecPeer({ port: gateway.port });
		onTestFinished(() => peer.close());
		const silent = await siprecPeer({ port: gateway.port });
		onTestFinished(() => silent.close());
		await peer.invite();
		await settled(peer);
		const before = peer.heard.length;
		clock.advance(5000);
		await settled(peer);
		expect(peer.heard.slice(before).map(({ first }) => first)).toEqual(['SIP/2.0 200 OK']);
		// One that never acknowledges: its own INVITE, as text, and nothing more.
		const lines = [
			'INVITE sip:ycord@x SIP/2.0',
			'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKn;rport',
			'From: <sip:src@x>;tag=1',
			'To: <sip:ycord@x>',
			'Call-ID: never-acknowledged',
			'CSeq: 1 INVITE',
			'Contact: <sip:src@127.0.0.1>',
			'Content-Type: application/sdp',
			'',
			'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=audio 40000 RTP/AVP 0\r\na=sendonly\r\n',
		];
		silent.raw(lines.join('\r\n'));
		await silent.when(({ status }) => status === 200);
		let sent = 1;
		for (const waitMs of [500, 1000, 2000, 4000, 4000]) {
			clock.advance(waitMs);
			await settled(silent);
			sent++;
			expect(silent.heard.filter(({ body }) => body !== '')).toHaveLength(sent);
		}
		// Its INVITE again gets the same answer, and is no second call.
		silent.raw(lines.join('\r\n'));
		await settled(silent);
		expect(silent.heard.filter(({ body }) => body !== '')).toHaveLength(sent + 1);
		expect(intake.calls).toHaveLength(2);
		clock.advance(giveUpMs);
		await intake.when(() => intake.calls[1]?.told.includes('ended lost') ?? false);
	});

	test('goes through a hold, a refresh and a move without a new port', async () => {
		const { recorder, intake } = await siprecTrial();
		const peer = await recorder();
		const portsOf = (body: string) => [...body.matchAll(/^m=audio (\d+)/gm)].map(([, port]) => port);
		const first = portsOf((await peer.invite()).body);
		const held = await peer.again('INVITE', 'inactive');
		expect(held.body.match(/^a=inactive/gm)).toHaveLength(2);
		expect((await peer.again('UPDATE')).status).toBe(200);
		const back = await peer.again('UPDATE', 'sendonly');
		expect([portsOf(held.body), portsOf(back.body)]).toEqual([first, first]);
		expect(intake.calls[0]?.told).toEqual(['held', 'resumed']);
		const versions = [held, back].map(({ body }) => /^o=ycord \d+ (\d+)/m.exec(body)?.[1]);
		expect(versions).toEqual(['2', '3']);
	});

	test('of one stream is everybody’s, and says so', async () => {
		const { recorder, intake } = await siprecTrial();
		const peer = await recorder({ media: ['m=audio 40000 RTP/AVP 8', 'a=sendonly', 'a=label:1'] });
		expect((await peer.invite()).body).toContain('RTP/AVP 8\r\n');
		expect(intake.calls[0]?.incoming).toMatchObject({ hears: 'mix', legs: ['customer'], codec: 'pcma' });
	});

	test('takes the first two streams, and refuses a third and what is no audio, each in its place', async () => {
		const { recorder } = await siprecTrial();
		const media = ['video', 'audio', 'audio', 'audio'].map(
			(kind, n) => `m=${kind} ${40_000 + 2 * n} RTP/AVP 0\r\na=sendonly`,
		);
		const { body } = await (await recorder({ media })).invite();
		expect([...body.matchAll(/^m=(\w+) (\d+)/gm)].map(([, kind, port]) => [kind, port !== '0'])).toEqual([
			['video', false],
			['audio', true],
			['audio', true],
			['audio', false],
		]);
	});

	test('shows neither number in full, nor a pressed key, nor who called in any log [G1]', async () => {
		const { recorder, intake, log } = await siprecTrial();
		const peer = await recorder();
		await peer.invite();
		peer.rtp(0, rtpPacket({ sequence: 1, timestamp: 1, payloadType: 101, payload: Uint8Array.of(7, 0x8a, 1, 64) }));
		await peer.bye();
		expect(intake.calls[0]?.incoming.label).toBe('Caller …477');
		expect(log.join(' ')).not.toMatch(/15550100477|pbx\.example/);
		expect(log.join(' ')).toContain('hung-up');
	});

	test('is brought back if sound comes after it was lost; the recorder is asked meanwhile whether it is there', async () => {
		const { recorder, intake, clock } = await siprecTrial();
		const peer = await recorder();
		await peer.invite();
		await settled(peer);
		clock.advance(silentAfterMs + 1000);
		await intake.when(() => intake.calls[0]?.told.includes('lost') ?? false);
		await peer.when(({ first }) => first.startsWith('OPTIONS'));
		await peer.play(tone(440, 20), tone(880, 20));
		await intake.when(() => (intake.calls[1]?.pieces.length ?? 0) === 2);
		expect(peer.wasHungUp).toBe(false);
	});

	test('is over when its recorder answers nothing any more, and when nothing came for too long', async () => {
		const { recorder, intake, clock } = await siprecTrial();
		const [dead, quiet] = [await recorder({ over: 'tcp' }), await recorder({ over: 'tcp' })];
		for (const peer of [dead, quiet]) await peer.invite();
		await settled(quiet);
		dead.deafen();
		clock.advance(silentAfterMs + 1000);
		await quiet.when(({ first }) => first.startsWith('OPTIONS'));
		await settled(quiet);
		clock.advance(giveUpMs);
		await intake.when(() => intake.calls[0]?.told.includes('ended lost') ?? false);
		expect(intake.calls[1]?.told).toEqual(['lost']);
		for (let passedMs = 0; passedMs < lostForMs; passedMs += 25_000) {
			clock.advance(25_000);
			await settled(quiet);
		}
		await intake.when(() => intake.calls[1]?.told.includes('ended lost') ?? false);
		await quiet.when(({ first }) => first.startsWith('BYE'));
	});

	test('with a session timer is over when it is not refreshed (RFC 4028)', async () => {
		const { recorder, intake, clock } = await siprecTrial();
		const peer = await recorder({ headers: ['Session-Expires: 90'] });
		const answer = await peer.invite();
		expect([answer.header('Require'), answer.header('Session-Expires')]).toEqual(['timer', '90;refresher=uac']);
		await settled(peer);
		await peer.again('INVITE', 'inactive');
		clock.advance(92_000);
		await intake.when(() => intake.calls[0]?.told.includes('ended lost') ?? false);
	});

	test.each(['udp', 'tcp'] as const)(
		'over %s is told goodbye when the server goes, and when the call is refused afterwards',
		async (over) => {
			const { recorder, intake, gateway } = await siprecTrial();
			const peer = await recorder({ over });
			await peer.invite();
			intake.refuse('call.unknown-agent', 'later');
			const other = await recorder({ over });
			expect((await other.invite()).status).toBe(200);
			await other.when(({ first }) => first.startsWith('BYE'));
			const goodbye = peer.when(({ first }) => first.startsWith('BYE'));
			await gateway.close();
			await goodbye;
		},
	);

	test.each([
		['sip', ';transport=tls'],
		['sips', ''],
	] as const)(
		'goes over TLS where a certificate is given, and says so in its Contact to who asked by %s',
		async (scheme, transport) => {
			const { recorder, gateway, intake } = await siprecTrial({ tls: testTls });
			const peer = await recorder({ over: 'tls', port: gateway.tlsPort ?? 0, scheme });
			const answer = await peer.invite();
			expect(answer.header('Contact')).toContain(`<${scheme}:ycord@127.0.0.1:${gateway.tlsPort}${transport}>`);
			expect((await peer.bye()).status).toBe(200);
			expect(intake.calls[0]?.told).toEqual(['ended hung-up']);
		},
	);

	test('reports what it received to the recorder, and sends nothing else [S3]', async () => {
		const { recorder, clock, intake } = await siprecTrial();
		const peer = await recorder();
		await peer.invite();
		await peer.play(tone(440, 100), tone(880, 100));
		await intake.when(() => intake.calls[0]?.pieces.length === 10);
		clock.advance(reportEveryMs);
		await settled(peer);
		expect(peer.heard.every(({ first }) => first.startsWith('SIP/2.0'))).toBe(true);
		expect(peer.mediaHeard).toBe(0);
	});
});

describe('[G3] what is wrong is answered by its name', () => {
	test.each<[string, Partial<SiprecPeerOptions>, number, RefusedFor | undefined]>([
		['an extension we do not know', { require: 'siprec, gruu' }, 420, undefined],
		['no codec of ours', { media: ['m=audio 40000 RTP/AVP 18', 'a=sendonly'] }, 488, 'media.none'],
		['encrypted sound', { media: ['m=audio 40000 RTP/SAVP 0', 'a=sendonly'] }, 488, 'media.none'],
		['no offer', { body: '', contentType: 'application/sdp' }, 488, 'media.none'],
		['no session description', { body: 'hello', contentType: 'text/plain' }, 415, 'media.none'],
		['a description that is none', { body: 'm=audio x', contentType: 'application/sdp' }, 400, 'request.malformed'],
	])('%s', async (_, options, status, why) => {
		const { recorder, intake, refused } = await siprecTrial();
		const peer = await recorder(options);
		const answer = await peer.invite();
		expect(answer.status).toBe(status);
		if (status === 420) expect(answer.header('Unsupported')).toBe('gruu');
		expect(refused).toEqual(why ? [why] : []);
		expect(intake.calls).toEqual([]);
	});

	test.each([
		['call.full', 503],
		['server.draining', 503],
		['call.unknown-agent', 403],
		['request.failed', 500],
	] as const)('a call refused with %s gets %i', async (code, status) => {
		const { recorder, intake, refused } = await siprecTrial();
		intake.refuse(code, 'at once');
		expect((await (await recorder()).invite()).status).toBe(status);
		expect(refused).toEqual([code]);
	});

	test('no port is left: 503, and one is free again after a goodbye [B1]', async () => {
		const { recorder, refused } = await siprecTrial({}, 2);
		const [one, two] = [await recorder(), await recorder()];
		expect((await one.invite()).status).toBe(200);
		expect((await two.invite()).status).toBe(503);
		expect(refused).toEqual(['media.no-ports']);
		await one.bye();
		expect((await (await recorder()).invite()).status).toBe(200);
	});

	test('an address that may not record here is not answered at all, and counted', async () => {
		const { recorder, refused, gateway } = await siprecTrial({ sources: '192.0.2.0/24, 2001:db8::1' });
		const peer = await recorder();
		void peer.invite();
		await new Promise<void>((resolve) => {
			const look = () => (refused.length > 0 ? resolve() : setImmediate(look));
			look();
		});
		expect(peer.heard).toEqual([]);
		expect(refused).toContain('access.source-unknown');
		expect(gateway.log.join(' ')).not.toContain('127.0.0.1');
	});

	test('a dialog that is not there, an old request, a method nobody knows, the same call by another way', async () => {
		const { recorder, intake } = await siprecTrial();
		const peer = await recorder({ callId: 'once' });
		expect((await peer.bye()).status).toBe(481);
		expect((await peer.ask('SUBSCRIBE')).status).toBe(405);
		const options = await peer.ask('OPTIONS');
		expect([options.status, options.header('Accept')]).toEqual([200, expect.stringContaining('application/sdp')]);
		await peer.invite();
		expect((await peer.ask('MESSAGE')).status).toBe(405);
		expect((await peer.ask('UPDATE', [])).status).toBe(200);
		expect(intake.calls[0]?.told).toEqual([]);
		expect((await peer.bye()).status).toBe(200);
		expect((await peer.bye()).status).toBe(481);
	});

	test('junk on every way in, beside a call that goes on', async () => {
		const { recorder, intake, refused } = await siprecTrial();
		const peer = await recorder();
		await peer.invite();
		for (const over of ['udp', 'tcp'] as const) {
			const other = await recorder({ over });
			other.raw('\r\n\r\n');
			other.raw('INVITE sip:x SIP/2.0\r\n\r\n');
			other.raw(Buffer.alloc(1400, 0xff));
			other.raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
		}
		await peer.play(tone(440, 100), tone(880, 100));
		await intake.when(() => intake.calls[0]?.pieces.length === 10);
		expect(refused.length).toBeGreaterThan(0);
		expect(new Set(refused)).toEqual(new Set(['request.malformed']));
		expect(intake.calls).toHaveLength(1);
	});
});
