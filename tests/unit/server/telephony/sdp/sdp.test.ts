import { describe, expect, test } from 'vitest';
import { type Description, readSdp, writeAnswer } from '#server/telephony/sdp/sdp.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const offer = `v=0
o=src 2890844526 7 IN IP4 192.0.2.9
s=-
c=IN IP4 192.0.2.9
t=0 0
m=audio 12240 RTP/AVP 0 4 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=sendonly
a=label:1
m=audio 22242 RTP/AVP 8
c=IN IP6 2001:db8::7
a=inactive
a=label:16777227
m=video 0 RTP/AVP 98
a=rtpmap:98 H264/90000
`;
const read = (text: string) => {
	const description = readSdp(text);
	if ('wrong' in description) throw new Error(description.wrong);
	return description;
};

describe('a session description (RFC 8866)', () => {
	test.each(['\n', '\r\n', '\r'])('says what is sent, from where and as what; lines ended by %j', (ending) => {
		const { version, media } = read(offer.replaceAll('\n', ending));
		expect(version).toBe('7');
		expect(media).toMatchObject([
			{
				kind: 'audio',
				port: 12_240,
				payloadTypes: [0, 4, 8, 101],
				direction: 'sendonly',
				label: '1',
				address: '192.0.2.9',
			},
			{ port: 22_242, direction: 'inactive', label: '16777227', address: '2001:db8::7' },
			{ kind: 'video', port: 0, direction: 'sendrecv' },
		]);
		expect([...(media[0] as Description['media'][number]).encodings]).toEqual([
			[0, { name: 'pcmu', rate: 8000, channels: 1 }],
			[8, { name: 'pcma', rate: 8000, channels: 1 }],
			[101, { name: 'telephone-event', rate: 8000, channels: 1 }],
		]);
	});
	test('a direction of the whole holds for the lines behind it', () => {
		expect(read('v=0\na=sendonly\nm=audio 1 RTP/AVP 0\nm=audio 2 RTP/AVP 0\na=inactive').media).toMatchObject([
			{ direction: 'sendonly' },
			{ direction: 'inactive' },
		]);
	});
	test.each([
		['nothing in it', '', /no m= line/],
		['a port that is none', 'm=audio 70000 RTP/AVP 0', /m= line/],
		['no end of media lines', 'm=audio 1 RTP/AVP 0\n'.repeat(33), /more than 32/],
		['no end of lines', 'a=x\n'.repeat(2000), /more than 1000/],
	])('is refused in words with %s', (_, text, says) => {
		expect(readSdp(text)).toEqual({ wrong: expect.stringMatching(says) });
	});
	test('of mangled text is read or refused, and never throws', () => {
		const random = randomNumbers(seedFor('mangled SDP'));
		for (let turn = 0; turn < 3000; turn++) {
			const bytes = Buffer.from(offer);
			for (let hit = 0; hit < 1 + random(20); hit++) bytes[random(bytes.length)] = random(256);
			const description = readSdp(bytes.toString('latin1'));
			if (!('wrong' in description)) writeAnswer(description, [], { host: '127.0.0.1', id: 1, version: 1 });
		}
	});
});

describe('our answer (RFC 3264, 6)', () => {
	test('has as many lines in the same order, receiving only, with the labels of the offer', () => {
		const answer = writeAnswer(
			read(offer),
			[
				{ port: 30_000, payloadTypes: [0, 101], direction: 'recvonly' },
				{ port: 30_002, payloadTypes: [8], direction: 'inactive' },
			],
			{ host: '198.51.100.4', id: 5, version: 2 },
		);
		expect(answer).toContain('o=ycord 5 2 IN IP4 198.51.100.4\r\n');
		const again = read(answer);
		expect(again.media).toMatchObject([
			{
				kind: 'audio',
				port: 30_000,
				payloadTypes: [0, 101],
				direction: 'recvonly',
				label: '1',
				address: '198.51.100.4',
			},
			{ port: 30_002, payloadTypes: [8], direction: 'inactive', label: '16777227' },
			{ kind: 'video', port: 0, payloadTypes: [98] },
		]);
		expect(answer).not.toMatch(/sendonly|sendrecv/);
	});
});
