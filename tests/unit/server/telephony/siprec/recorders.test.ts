import { describe, expect, test } from 'vitest';
import { type Description, readSdp } from '#server/telephony/sdp/sdp.ts';
import { readBody } from '#server/telephony/siprec/body.ts';
import { readMetadata } from '#server/telephony/siprec/metadata.ts';
import { codecOf, takenLines } from '#server/telephony/siprec/offer.ts';
import { rolesOf, userOf } from '#server/telephony/siprec/roles.ts';
import { type RecorderShape, recorderShapes } from '#tests/support/recorder-shapes.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

/** All that is read of an INVITE's body, as a recording session does it; undefined if there is nothing to hear in it. */
function heard(contentType: string, body: Buffer, agents: RegExp | undefined) {
	const parts = readBody(contentType, body);
	const offer = readSdp(parts?.sdp ?? '');
	if ('wrong' in offer) return undefined;
	const lines = takenLines(offer as Description);
	const [first] = lines;
	if (!first) return undefined;
	const labels = lines.map(({ line }) => line.label ?? '');
	const { legs, agent, customer } = rolesOf(labels, readMetadata(parts?.metadata ?? ''), agents);
	return { legs, agent: userOf(agent?.aor), customer: userOf(customer?.aor), codec: codecOf(first) };
}

describe('recorders of each make', () => {
	test.each<RecorderShape>(recorderShapes)(
		'$make: who is who, and what is heard',
		({ contentType, body, ...comes }) => {
			expect(heard(contentType, Buffer.from(body), /@pbx\.example\.com/)).toEqual({
				legs: comes.legs,
				agent: comes.agent,
				customer: comes.customer,
				codec: comes.codec,
			});
		},
	);

	test('mangled, cut short or doubled anywhere are read or left, and never throw', () => {
		const random = randomNumbers(seedFor('mangled recorders'));
		for (const { contentType, body } of recorderShapes) {
			const source = Buffer.from(body);
			for (let turn = 0; turn < 500; turn++) {
				const from = random(source.length);
				const piece = source.subarray(from, from + random(200));
				const place = random(source.length);
				const bytes = Buffer.concat([
					source.subarray(0, place),
					piece,
					source.subarray(place + random(2) * random(300)),
				]);
				for (let hit = 0; hit < random(8); hit++) bytes[random(bytes.length)] = random(256);
				heard(contentType, bytes, /@pbx/);
			}
		}
	});

	test('hostile bodies as long as they may be cost no more than their length', () => {
		// A reading that goes back at every character would take seconds with each.
		for (const piece of [
			'<',
			'<a ',
			'a=',
			'a',
			' ',
			'"',
			'<!--',
			'&#x41;',
			'\r\n--b',
			'a=rtpmap:',
			'm=audio ',
			'\r\n ',
		]) {
			const long = piece.repeat(Math.floor(65_000 / piece.length));
			heard('multipart/mixed;boundary=b', Buffer.from(`--b\r\nContent-Type: application/sdp\r\n\r\n${long}`), /@pbx/);
			readMetadata(`<a ${long}`);
			readMetadata(`<a>${long}</a>`);
			readMetadata(`<a ${long}>`);
			heard(`multipart/mixed${long}`, Buffer.from('x'), /@pbx/);
		}
	});
});

describe('who is who, when little is known', () => {
	const participant = (aor: string, speaksOn: string[], isCaller?: boolean) => ({
		id: aor,
		aor,
		speaksOn,
		...(isCaller === undefined ? {} : { isCaller }),
	});
	const agents = /@pbx/;
	test('one who is known to be no agent is the customer, also on the second stream', () => {
		const roles = rolesOf(['1', '2'], { participants: [participant('sip:+1555@sbc', ['2'])] }, agents);
		expect(roles).toMatchObject({ legs: ['agent', 'customer'], agent: undefined });
	});
	test('two agents on a call: who called is taken for the customer', () => {
		const participants = [participant('sip:a@pbx', ['1'], false), participant('sip:b@pbx', ['2'], true)];
		expect(rolesOf(['1', '2'], { participants }, agents)).toMatchObject({
			legs: ['agent', 'customer'],
			agent: { aor: 'sip:a@pbx' },
		});
	});
	test('everybody’s one stream is brought as the customer’s, whoever is named on it', () => {
		const participants = [participant('sip:ann@pbx', ['1'])];
		expect(rolesOf(['1'], { participants }, agents)).toMatchObject({
			legs: ['customer'],
			agent: { aor: 'sip:ann@pbx' },
		});
	});
});
