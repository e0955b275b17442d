import fc from 'fast-check';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { Counter, Malformed, Track } from '#server/telephony/media-streams/dialect.ts';
import { readMessage } from '#server/telephony/media-streams/messages.ts';
import { twilioDialect } from '#server/telephony/twilio/dialect.ts';
import { seedFor } from '#tests/support/seed.ts';

const read = (message: object) => readMessage(JSON.stringify(message), twilioDialect);
const wrong = (message: object) => {
	try {
		read(message);
	} catch (error) {
		if (error instanceof Malformed) return error.message;
		throw error;
	}
	throw new Error('it was read');
};

/** As the platform's documentation shows them. */
const start = {
	event: 'start',
	sequenceNumber: '1',
	streamSid: 'MZ18ad3ab5a668481ce02b83e7395059f0',
	start: {
		accountSid: 'AC00',
		streamSid: 'MZ18ad3ab5a668481ce02b83e7395059f0',
		callSid: 'CA0123456789abcdef0123456789abcdef',
		tracks: ['inbound', 'outbound'],
		mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
		customParameters: { agent: 'ann', FirstName: 'Jane' },
	},
};
const media = {
	event: 'media',
	sequenceNumber: '3',
	streamSid: start.streamSid,
	media: { track: 'inbound', chunk: '1', timestamp: '5', payload: '/////w==' },
};

const Media = Type.Object({
	event: Type.Literal('media'),
	sequenceNumber: Counter,
	media: Type.Object({ track: Track, timestamp: Counter, payload: Type.String() }),
});

describe('a Twilio message', () => {
	test('is read as the documentation shows it', () => {
		expect(read({ event: 'connected', protocol: 'Call', version: '1.0.0' })).toEqual({ event: 'connected' });
		expect(read(start)).toEqual({
			event: 'start',
			start: {
				streamId: start.streamSid,
				callId: start.start.callSid,
				accountId: 'AC00',
				tracks: ['inbound', 'outbound'],
				codec: 'pcmu',
				isLinear: false,
				parameters: { agent: 'ann', FirstName: 'Jane' },
			},
		});
		expect(read(media)).toEqual({
			event: 'media',
			streamId: start.streamSid,
			track: 'inbound',
			timestampMs: 5,
			chunk: 1,
			payload: Buffer.from([255, 255, 255, 255]),
		});
		expect(read({ event: 'stop', sequenceNumber: '9', streamSid: 'MZ', stop: {} })).toEqual({ event: 'stop' });
		const dtmf = { event: 'dtmf', sequenceNumber: '5', dtmf: { track: 'inbound_track', digit: '1' } };
		expect(read(dtmf)).toEqual({ event: 'dtmf', digit: '1' });
		const mark = { event: 'mark', sequenceNumber: '4', streamSid: 'MZ', mark: { name: '25' } };
		expect(read(mark)).toEqual({ event: 'mark', name: '25' });
		expect(read({ event: 'weather', outlook: 'fine' })).toEqual({ event: 'other' });
	});

	test('need a number only where there is sound: a call is not lost for want of one on a key or a stop', () => {
		expect(read({ event: 'stop' })).toEqual({ event: 'stop' });
		expect(read({ event: 'dtmf', dtmf: { digit: '1' } })).toEqual({ event: 'dtmf', digit: '1' });
		expect(read({ event: 'mark', mark: { name: '25' } })).toEqual({ event: 'mark', name: '25' });
		expect(wrong({ ...media, sequenceNumber: undefined })).toMatch('sequenceNumber is not a number');
	});

	test('may carry its numbers as numbers', () => {
		const numbers = { ...media, sequenceNumber: 3, media: { ...media.media, timestamp: 5 } };
		expect(read(numbers)).toMatchObject({ timestampMs: 5 });
	});

	test.each([
		['agent', 7],
		['leg', 'both'],
		['disclosure', 'none'],
		['label', 'x'.repeat(501)],
	])('start with a wrong parameter %s says so', (name, value) => {
		const customParameters = { ...start.start.customParameters, [name]: value };
		expect(wrong({ ...start, start: { ...start.start, customParameters } })).toMatch(`start.customParameters.${name} `);
	});

	test.each([
		['callSid', 'CA/../..', 'start.callSid '],
		['callSid', 'C'.repeat(81), 'start.callSid '],
		['callSid', undefined, 'start must have required properties callSid'],
		['tracks', [], 'start.tracks '],
		['tracks', ['both'], 'start.tracks.0 '],
		['mediaFormat', { encoding: 'audio/l16', sampleRate: 8000, channels: 1 }, 'mediaFormat is not audio/x-mulaw'],
		['mediaFormat', { encoding: 'audio/x-mulaw', sampleRate: 16_000, channels: 1 }, 'mediaFormat is not audio/x-mulaw'],
	])('start with a wrong %s says so', (name, value, text) => {
		expect(wrong({ ...start, start: { ...start.start, [name]: value } })).toMatch(text);
	});

	test('never says what was sent, only what is wrong with it', () => {
		for (const secret of ['+41791234567', '4111111111111111'])
			expect(wrong({ ...start, start: { ...start.start, callSid: `${secret}/`, tracks: [secret] } })).not.toContain(
				secret,
			);
	});

	test('of any kind is read or is malformed; nothing else is thrown', () => {
		const seed = seedFor('any Twilio message');
		const value = fc.oneof(fc.jsonValue(), fc.constantFrom('', '1', '-1', '1e9', '9'.repeat(40), null, 0, -1, 0.5));
		const changed = fc
			.tuple(
				fc.constantFrom(start, media, { event: 'stop' }),
				fc.constantFrom('event', 'sequenceNumber', 'start', 'media', 'streamSid'),
				value,
			)
			.map(([message, key, other]) => JSON.stringify({ ...message, [key]: other }));
		fc.assert(
			fc.property(fc.oneof(changed, fc.json(), fc.string(), fc.constant('['.repeat(60_000))), (text) => {
				try {
					readMessage(text, twilioDialect);
				} catch (error) {
					expect(error).toBeInstanceOf(Malformed);
				}
			}),
			{ seed, numRuns: 1000 },
		);
	});

	test('of sound is read by hand just as its schema says', () => {
		const seed = seedFor('media by hand and by schema');
		const counter = fc.oneof(fc.nat(), fc.nat().map(String), fc.constantFrom('', 'x', '1.5', -1, null, '0x10', ' 7'));
		const anyMedia = fc.record(
			{
				event: fc.constant('media'),
				sequenceNumber: counter,
				media: fc.oneof(
					fc.jsonValue(),
					fc.record(
						{
							track: fc.constantFrom('inbound', 'outbound', 'inbound_track', 1),
							timestamp: counter,
							payload: fc.oneof(fc.base64String(), fc.constant(null)),
						},
						{ requiredKeys: [] },
					),
				),
			},
			{ requiredKeys: ['event'] },
		);
		fc.assert(
			fc.property(anyMedia, (message) => {
				const tooLate = Number((message.media as { timestamp?: unknown } | null)?.timestamp) > 172_800_000;
				let isRead = true;
				try {
					read(message);
				} catch {
					isRead = false;
				}
				expect(isRead).toBe(Value.Check(Media, message) && !tooLate);
			}),
			{ seed, numRuns: 500 },
		);
	});
});
