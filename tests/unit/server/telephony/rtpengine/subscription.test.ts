import { describe, expect, test } from 'vitest';
import {
	isSubscribed,
	readOffered,
	subscribeAnswer,
	subscribeRequest,
} from '#server/telephony/rtpengine/subscription.ts';

/** As rtpengine 10.5.3 wrote it, the agent first. */
const sdp = (first = '0 101', second = '8 101', transport = 'RTP/AVP') => `v=0
o=- 7711283733207119640 7711283733207119640 IN IP4 192.0.2.7
s=rtpengine-10-5-3-5-1-deb12u1
t=0 0
m=audio 42352 ${transport} ${first}
c=IN IP4 192.0.2.7
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=sendonly
a=rtcp:42353
m=audio 42364 ${transport} ${second}
c=IN IP4 192.0.2.7
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=sendonly
`;
const answer = { result: 'ok', sdp: sdp(), 'from-tags': ['B', 'A'] };

describe('a subscription', () => {
	test('is asked for by both tags where both are known, else for everybody; PCMU may be added for it', () => {
		expect(subscribeRequest('c', { customer: 'A', agent: 'B' }, 't')).toEqual({
			command: 'subscribe request',
			'call-id': 'c',
			'from-tags': ['A', 'B'],
			'to-tag': 't',
			codec: { transcode: ['PCMU'] },
		});
		expect(subscribeRequest('c', { customer: 'A' }, 't')).toMatchObject({ flags: ['all'], 'to-tag': 't' });
		expect(subscribeAnswer('c', 't', 'v=0')).toMatchObject({ flags: ['allow transcoding'], sdp: 'v=0' });
	});

	test('brings each party’s line under its own name, in whatever order', () => {
		for (const tags of [{ customer: 'A' }, { customer: 'A', agent: 'B' }])
			expect(readOffered(answer, tags)).toMatchObject({
				customer: {
					place: 1,
					payloads: new Map([
						[8, 'pcma'],
						[101, 'event'],
					]),
					address: '192.0.2.7',
				},
				agent: {
					place: 0,
					payloads: new Map([
						[0, 'pcmu'],
						[101, 'event'],
					]),
				},
			});
	});

	test('steps over lines that are no sound', () => {
		const [head, first, second] = sdp().split(/(?=m=audio)/);
		const video = 'm=video 42400 RTP/AVP 96\na=rtpmap:96 H264/90000\n';
		const withVideo = { ...answer, sdp: `${head}${video}${first}${second}${video}` };
		expect(readOffered(withVideo, { customer: 'A' })).toMatchObject({ customer: { place: 2 }, agent: { place: 1 } });
	});

	test.each([
		['no sdp', { sdp: 7 }],
		['an sdp of one line', { sdp: 'hello' }],
		['one party', { 'from-tags': ['A'] }],
		['three parties', { 'from-tags': ['A', 'B', 'C'] }],
		[
			'a line for one of two',
			{
				sdp: sdp()
					.split(/(?=m=audio)/)
					.slice(0, 2)
					.join(''),
			},
		],
		['another customer', { 'from-tags': ['B', 'C'] }],
		['another agent', { 'from-tags': ['A', 'C'] }],
		['tags that are none', { 'from-tags': ['A', { tag: 'B' }] }],
		['encryption', { sdp: sdp('0', '8', 'RTP/SAVP') }],
		['codecs we do not hear', { sdp: sdp('18', '8') }],
	])('with %s brings nobody, and says why', (_, wrong) => {
		const read = readOffered({ ...answer, ...wrong } as typeof answer, { customer: 'A', agent: 'B' });
		expect(read).toMatchObject({ wrong: expect.stringMatching(/^.{10,80}$/) });
	});

	test('is there as long as a party says so; our own entry does not count', () => {
		const own = { tag: 't', subscriptions: [{ tag: 'A' }] };
		const party = (subscribers: { tag: string; type: string }[]) => ({
			tags: { A: { tag: 'A', subscribers }, t: own },
		});
		expect(
			isSubscribed(
				party([
					{ tag: 'B', type: 'offer/answer' },
					{ tag: 't', type: 'pub/sub' },
				]),
				't',
			),
		).toBe(true);
		expect(isSubscribed(party([{ tag: 'B', type: 'offer/answer' }]), 't')).toBe(false);
		for (const junk of [{}, { tags: 't' }, { tags: ['t'] }]) expect(isSubscribed(junk, 't')).toBe(false);
	});
});
