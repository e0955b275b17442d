import { describe, expect, test } from 'vitest';
import { readBody } from '#server/telephony/siprec/body.ts';
import { readMetadata } from '#server/telephony/siprec/metadata.ts';
import { rolesOf, userOf } from '#server/telephony/siprec/roles.ts';
import { readXml } from '#server/telephony/siprec/xml.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const standard = `<?xml version="1.0"?>
<rec:recording xmlns:rec='urn:ietf:params:xml:ns:recording:1'>
 <!-- <participant participant_id="no"/> -->
 <rec:participant participant_id="cust=="><rec:nameID aor="tel:+15550100&#52;77"><rec:name>A &amp; B</rec:name></rec:nameID></rec:participant>
 <rec:participant participant_id="agnt=="><rec:nameID aor="sip:ann@pbx.example.com"/></rec:participant>
 <rec:stream stream_id="s1==" session_id="x"><rec:label>96</rec:label></rec:stream>
 <rec:stream stream_id="s2==" session_id="x"><rec:label><![CDATA[97]]></rec:label></rec:stream>
 <rec:participantstreamassoc participant_id="cust=="><rec:send>s1==</rec:send><rec:recv>s2==</rec:recv></rec:participantstreamassoc>
 <rec:participantstreamassoc participant_id="agnt=="><rec:send>s2==</rec:send></rec:participantstreamassoc>
</rec:recording>`;

/** As an older Acme writes it: `id`, and `send` within the participant. */
const acme = `<recording xmlns='urn:ietf:params:xml:ns:recording'>
 <participant id="p1" session="g"><nameID aor="sip:+15550100477@sbc"></nameID><send>st1</send>
  <extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata"><apkt:callingParty>true</apkt:callingParty></extensiondata></participant>
 <participant id="p2" session="g"><nameID aor="sip:ann@pbx"/><send>st2</send>
  <extensiondata><apkt:callingParty>false</apkt:callingParty></extensiondata></participant>
 <stream id="st1" session="g"><label>16777226</label></stream>
 <stream id="st2" session="g"><label>16777227</label></stream>
</recording>`;

/** Under another root, with more around it. */
const broadworks = `<recording_metadata xmlns='urn:ietf:params:xml:ns:siprec'><dataMode>complete</dataMode>
 <participant id="a"><aor>sip:+15550100477@bw.example.com</aor><send id="x">m</send></participant>
 <stream id="m" session="s"><mode>mixed</mode><label>1</label></stream></recording_metadata>`;

describe('metadata of a recording (RFC 7865)', () => {
	test('tells who speaks on which stream', () => {
		expect(readMetadata(standard).participants).toEqual([
			{ id: 'cust==', aor: 'tel:+15550100477', speaksOn: ['96'] },
			{ id: 'agnt==', aor: 'sip:ann@pbx.example.com', speaksOn: ['97'] },
		]);
	});
	test('tells it in the forms of vendors too', () => {
		expect(readMetadata(acme).participants).toMatchObject([
			{ aor: 'sip:+15550100477@sbc', speaksOn: ['16777226'], isCaller: true },
			{ aor: 'sip:ann@pbx', speaksOn: ['16777227'], isCaller: false },
		]);
		expect(readMetadata(broadworks).participants).toEqual([
			{ id: 'a', aor: 'sip:+15550100477@bw.example.com', speaksOn: ['1'] },
		]);
	});
	test.each([
		['nothing', ''],
		['a document type', `<!DOCTYPE r [<!ENTITY a "b">]>${standard}`],
		['no XML', 'hello <'],
		['more than is read', `<r>${'x'.repeat(70_000)}</r>`],
		['elements without end', '<a>'.repeat(6000)],
		['depth without end', `${'<a>'.repeat(60)}`],
	])('is as if it were not there with %s', (_, text) => {
		expect(readMetadata(text)).toEqual({ participants: [] });
	});
	test('resolves no entity but those of XML', () => {
		expect(readXml('<a b="&quot;&#x41;&unknown;">&lt;&amp;&gt;&#1114112;</a>')).toMatchObject({
			text: '<&>',
			attributes: new Map([['b', '"A&unknown;']]),
		});
	});
	test('mangled anywhere is read or left, never thrown', () => {
		const random = randomNumbers(seedFor('mangled metadata'));
		for (const text of [standard, acme, broadworks])
			for (let turn = 0; turn < 1000; turn++) {
				const bytes = Buffer.from(text);
				for (let hit = 0; hit < 1 + random(20); hit++) bytes[random(bytes.length)] = random(256);
				rolesOf(['96', '97'], readMetadata(bytes.toString('latin1')), /pbx/);
			}
	});
});

describe('who is who', () => {
	const agents = /@pbx/;
	test('the operator’s pattern says who the agent is, on either stream', () => {
		expect(rolesOf(['96', '97'], readMetadata(standard), agents)).toMatchObject({
			legs: ['customer', 'agent'],
			agent: { aor: 'sip:ann@pbx.example.com' },
		});
		expect(rolesOf(['97', '96'], readMetadata(standard), agents)).toMatchObject({
			legs: ['agent', 'customer'],
			customer: { aor: 'tel:+15550100477' },
		});
	});
	test('without it a vendor’s word for the caller, and else the first stream is the customer’s', () => {
		expect(rolesOf(['16777227', '16777226'], readMetadata(acme), undefined).legs).toEqual(['agent', 'customer']);
		expect(rolesOf(['97', '96'], readMetadata(standard), undefined).legs).toEqual(['customer', 'agent']);
		expect(rolesOf(['', ''], readMetadata(''), agents)).toEqual({
			legs: ['customer', 'agent'],
			customer: undefined,
			agent: undefined,
		});
	});
	test('a person’s name on the platform is the user part of their address', () => {
		expect(['sip:ann@pbx.example.com;x=1', 'tel:+1-555', 'sips:bob@x', 'ann', undefined].map(userOf)).toEqual([
			'ann',
			'+1-555',
			'bob',
			undefined,
			undefined,
		]);
	});
});

describe('the body of an INVITE (RFC 7866, 9.1)', () => {
	const sdp = 'v=0\r\nm=audio 1 RTP/AVP 0';
	const part = (type: string, content: string, more = '') => `Content-Type: ${type}\r\n${more}\r\n${content}`;
	const parts = [
		part('application/sdp', sdp),
		part('application/gtd', 'IAM,\r\nPRN,isdn*,,'),
		part('application/rs-metadata+xml', '<r/>', 'Content-Disposition: recording-session\r\nContent-Length: 4\r\n'),
	];
	const body = (order: number[], boundary: string) =>
		Buffer.from(
			`preamble\r\n${order.map((n) => `--${boundary}\r\n${parts[n]}\r\n`).join('')}--${boundary}--\r\nepilogue`,
		);
	test.each([
		['boundary=uniqueBoundary', 'uniqueBoundary'],
		['boundary="a b:c"', 'a b:c'],
		['charset=utf-8; BOUNDARY=x', 'x'],
	])('is taken apart in any order of its parts, with %s', (parameter, boundary) => {
		for (const order of [
			[0, 1, 2],
			[2, 0],
			[1, 2, 0],
		])
			expect(readBody(`Multipart/Mixed;${parameter}`, body(order, boundary))).toEqual({ sdp, metadata: '<r/>' });
	});
	test('may be a session description alone, or nothing', () => {
		expect(readBody('application/sdp;charset=utf-8', Buffer.from(sdp))).toEqual({ sdp });
		expect(readBody(undefined, Buffer.alloc(0))).toEqual({});
	});
	test.each(['text/plain', 'multipart/mixed', undefined])('is none of ours as %s', (type) => {
		expect(readBody(type, Buffer.from(sdp))).toBeUndefined();
	});
});
