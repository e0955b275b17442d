import { describe, expect, test } from 'vitest';
import {
	addressOf,
	cseqOf,
	parameterOf,
	readDatagram,
	readHead,
	type SipMessage,
	writeMessage,
} from '#server/telephony/sip/message.ts';
import { framed } from '#server/telephony/sip/transport.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const invite = (body: string) =>
	[
		'INVITE sip:srs@rec.example.com SIP/2.0',
		'v: SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK1;rport, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK0',
		'f: "One, \\"two\\" <x>" <sip:src@sbc.example.com;tag=notthis>;tag=abc',
		't: <sip:srs@rec.example.com>',
		'i: call-1@sbc',
		'CSeq: 7 INVITE',
		'Require: siprec,timer',
		'Subject: folded',
		'\tover two lines',
		`l: ${Buffer.byteLength(body)}`,
		'',
		body,
	].join('\r\n');

const message = (text: string) => {
	const read = readDatagram(Buffer.from(text));
	if ('wrong' in read) throw new Error(read.wrong);
	return read.message;
};

describe('a SIP message (RFC 3261, 7)', () => {
	test('is read with compact, folded and listed headers, and tags that are the header’s own', () => {
		const { headers, body, ...first } = message(invite('v=0\r\n'));
		expect(first).toEqual({ method: 'INVITE', uri: 'sip:srs@rec.example.com' });
		expect(headers.get('via')).toHaveLength(2);
		expect(headers.get('require')).toEqual(['siprec', 'timer']);
		expect(headers.get('subject')).toEqual(['folded over two lines']);
		const from = headers.get('from')?.[0] ?? '';
		expect([parameterOf(from, 'tag'), addressOf('"a" <sip:b@c;x=1>;y=2')]).toEqual(['abc', 'sip:b@c;x=1']);
		expect(parameterOf(headers.get('via')?.[0] ?? '', 'rport')).toBe('');
		expect(parameterOf(headers.get('via')?.[1] ?? '', 'rport')).toBeUndefined();
		expect(cseqOf({ headers } as SipMessage)).toEqual({ number: 7, method: 'INVITE' });
		expect(body.toString()).toBe('v=0\r\n');
	});
	test.each([
		['no end of headers', 'OPTIONS sip:x SIP/2.0\r\nTo: y\r\n', /no empty line/],
		['a first line of something else', 'GET / HTTP/1.1\r\n\r\n', /not of SIP/],
		['a header without a name', 'OPTIONS sip:x SIP/2.0\r\n: y\r\n\r\n', /without a name/],
		['a body shorter than it says', 'OPTIONS sip:x SIP/2.0\r\nl: 5\r\n\r\nabc', /shorter/],
		['a length that is none', 'OPTIONS sip:x SIP/2.0\r\nl: many\r\n\r\nabc', /shorter/],
		['more headers than anybody sends', `OPTIONS sip:x SIP/2.0\r\n${'a: b\r\n'.repeat(300)}\r\n`, /more than 200/],
	])('is refused in words with %s', (_, text, says) => {
		expect(readDatagram(Buffer.from(text))).toEqual({ wrong: expect.stringMatching(says) });
	});
	test('that was written is read as it was', () => {
		const text = writeMessage(
			'SIP/2.0 200 OK',
			[
				['To', 'a'],
				['Via', undefined],
			],
			'ä',
		);
		expect(message(text)).toMatchObject({ status: 200, reason: 'OK', body: Buffer.from('ä') });
		expect(text).not.toContain('Via');
	});
	test('of mangled bytes is read or refused, and never throws', () => {
		const random = randomNumbers(seedFor('mangled SIP'));
		const source = invite('v=0\r\n');
		for (let turn = 0; turn < 5000; turn++) {
			const bytes = Buffer.from(source);
			for (let hit = 0; hit < 1 + random(12); hit++) bytes[random(bytes.length)] = random(256);
			readDatagram(bytes);
			readHead(bytes.toString('latin1'));
		}
	});
	test('costs no more than its length, whatever it is made of', () => {
		for (const piece of ['"', '<', ',', ';tag=', '\\', ' ', '\t', 'a=', '\r\n ']) {
			const long = piece.repeat(Math.floor(60_000 / piece.length));
			const text = `OPTIONS sip:x SIP/2.0\r\nFrom: ${long}\r\nVia: ${long}\r\nRequire: ${long}\r\n\r\n`;
			const read = readHead(text.slice(0, text.indexOf('\r\n\r\n')));
			if ('head' in read)
				for (const name of ['from', 'via']) parameterOf(read.head.headers.get(name)?.[0] ?? '', 'tag');
		}
	});
});

describe('SIP over a stream (RFC 3261, 18.3)', () => {
	test('any splitting of the bytes gives the same messages, and pings are answered', () => {
		const random = randomNumbers(seedFor('SIP over TCP'));
		const bodies = ['', 'v=0\r\n\r\nm=audio', 'ü'.repeat(300)];
		const stream = Buffer.from(bodies.map((body) => `\r\n\r\n${invite(body)}`).join('\r\n'));
		for (let run = 0; run < 200; run++) {
			const got: string[] = [];
			let pings = 0;
			const read = framed(
				(one) => got.push(one.body.toString()),
				() => pings++,
				(why) => {
					throw new Error(why);
				},
			);
			for (let from = 0; from < stream.length; ) {
				const until = from + 1 + random(run % 3 === 0 ? 3 : 500);
				read(stream.subarray(from, until));
				from = until;
			}
			expect(got).toEqual(bodies);
			expect(pings).toBeGreaterThanOrEqual(bodies.length);
		}
	});
	test.each([
		['no length', 'OPTIONS sip:x SIP/2.0\r\nTo: y\r\n\r\n', /no Content-Length/],
		['a body over the limit', 'OPTIONS sip:x SIP/2.0\r\nl: 9999999\r\n\r\n', /body over/],
		['a head without end', 'x'.repeat(70_000), /message over/],
	])('ends, once and in words, at a message with %s', (_, text, says) => {
		const told: string[] = [];
		const read = framed(
			() => told.push('a message'),
			() => {},
			(why) => told.push(why),
		);
		read(Buffer.from(text));
		read(Buffer.from(invite('')));
		expect(told).toEqual([expect.stringMatching(says)]);
	});
});
