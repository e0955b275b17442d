import { describe, expect, test } from 'vitest';
import { Malformed } from '#server/telephony/media-streams/dialect.ts';
import { plivoDialect } from '#server/telephony/plivo/dialect.ts';
import { telnyxDialect } from '#server/telephony/telnyx/dialect.ts';

/** As the platforms' own pages show them. */
const telnyx = {
	event: 'start',
	sequence_number: '1',
	stream_id: '32DE0DEA-53CB-4B21-89A4-9E1819C043BC',
	start: {
		user_id: '3E6F995F-85F7-4705-9741-53B116D28237',
		call_control_id: 'v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ',
		call_session_id: 'ff55a038-6f5d-11ef-9692-02420aeffb1f',
		from: '+13122010094',
		to: '+13122123456',
		tags: ['TAG1', 'TAG2'],
		client_state: 'aGF2ZSBhIG5pY2UgZGF5ID1d',
		custom_parameters: { agent: 'ann', customer_id: 'customer_123' },
		media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
	},
};
const plivo = {
	event: 'start',
	sequenceNumber: 1,
	start: {
		callId: '12345678-1234-1234-1234-123456789abc',
		streamId: '87654321-4321-4321-4321-cba987654321',
		accountId: 'MAXXXXXXXXXXXXXXXXXX',
		tracks: ['inbound'],
		mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 },
	},
	extra_headers: 'agent=ann;leg=agent',
};

describe('a start', () => {
	test('of Telnyx is read as it is documented; it names no tracks, so both may come', () => {
		expect(telnyxDialect.start(telnyx)).toEqual({
			streamId: telnyx.stream_id,
			callId: telnyx.start.call_control_id,
			accountId: telnyx.start.user_id,
			tracks: ['inbound', 'outbound'],
			codec: 'pcmu',
			isLinear: false,
			parameters: { from: '+13122010094', to: '+13122123456', agent: 'ann', customer_id: 'customer_123' },
		});
	});

	test('of Plivo is read as it is documented', () => {
		expect(plivoDialect.start(plivo)).toEqual({
			streamId: plivo.start.streamId,
			callId: plivo.start.callId,
			accountId: 'MAXXXXXXXXXXXXXXXXXX',
			tracks: ['inbound'],
			codec: 'pcmu',
			isLinear: false,
			parameters: { agent: 'ann', leg: 'agent' },
		});
	});

	test.each([
		['agent=ann;leg=customer', { agent: 'ann', leg: 'customer' }],
		['agent=ann,leg=customer', { agent: 'ann', leg: 'customer' }],
		['{X-PH-agent: ann, X-PH-Leg: customer}', { agent: 'ann', leg: 'customer' }],
		['{"agent":"ann","leg":"customer"}', { agent: 'ann', leg: 'customer' }],
		['', {}],
		['nonsense', {}],
	])('of Plivo with the extra headers %j says of the call %j', (extra_headers, parameters) => {
		expect(plivoDialect.start({ ...plivo, extra_headers }).parameters).toEqual(parameters);
	});

	test.each([
		['audio/x-l16', 8000, 'pcmu'],
		['audio/x-l16', '16000', 'pcmu16'],
	])('of Plivo with %s at %s Hz is linear sound', (encoding, sampleRate, codec) => {
		const start = { ...plivo.start, mediaFormat: { encoding, sampleRate } };
		expect(plivoDialect.start({ ...plivo, start })).toMatchObject({ codec, isLinear: true });
	});

	test.each([
		['G722', 8000],
		['OPUS', 48_000],
		['PCMU', 16_000],
	])('of Telnyx in %s at %i Hz is refused with what to set', (encoding, sample_rate) => {
		const start = { ...telnyx.start, media_format: { encoding, sample_rate, channels: 1 } };
		expect(() => telnyxDialect.start({ ...telnyx, start })).toThrow(/PCMU or PCMA.*stream_codec/);
	});

	test.each([
		['no call', { callId: undefined }],
		['no tracks', { tracks: [] }],
		['another codec', { mediaFormat: { encoding: 'audio/opus', sampleRate: 48_000 } }],
		['µ-law of another rate', { mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 16_000 } }],
	])('of Plivo with %s is malformed', (_what, change) => {
		expect(() => plivoDialect.start({ ...plivo, start: { ...plivo.start, ...change } })).toThrow(Malformed);
	});

	test('with a leg that is neither’s is malformed, in every dialect', () => {
		expect(() => plivoDialect.start({ ...plivo, extra_headers: 'leg=both' })).toThrow(Malformed);
		const start = { ...telnyx.start, custom_parameters: { leg: 'both' } };
		expect(() => telnyxDialect.start({ ...telnyx, start })).toThrow(Malformed);
	});
});
