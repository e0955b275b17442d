import { describe, expect, test } from 'vitest';
import { readGreeting } from '#server/telephony/audio-fork/greeting.ts';

const jambonz = {
	callSid: '5c9d4d5f-0a5e-4d0a-8a49-6c2b1f0c7a10',
	direction: 'inbound',
	from: '+4930123456789',
	to: '+4930987654321',
	sampleRate: 16000,
	mixType: 'stereo',
	metadata: { agent: 'dana', label: 'Order enquiry', disclosure: 'announced' },
};
const read = (message: unknown, address = {}) => readGreeting(JSON.stringify(message), address);

describe('the first message of an audio fork', () => {
	test('is read as jambonz writes it: its own fields, and the application’s under metadata', () => {
		expect(read(jambonz)).toEqual({
			callId: jambonz.callSid,
			rate: 16_000,
			channels: 2,
			hears: 'legs',
			agentFirst: false,
			agent: 'dana',
			label: 'Order enquiry',
			from: '+4930123456789',
			to: '+4930987654321',
			disclosure: 'announced',
		});
	});

	test('is read as the caller of mod_audio_fork gave it, with rate and channels in the address', () => {
		expect(read({ uuid: 'a-b', agent: 'dana' }, { rate: '8000', mix: 'mono' })).toEqual({
			callId: 'a-b',
			rate: 8000,
			channels: 1,
			hears: 'legs',
			agentFirst: false,
			agent: 'dana',
		});
	});

	test('says whose the first channel is', () => {
		expect(read({ ...jambonz, metadata: { leg: 'agent' } })).toMatchObject({ agentFirst: true });
	});

	test('names the call by the platform’s word, not by the application’s', () => {
		expect(read({ ...jambonz, metadata: { callSid: 'another' } })).toMatchObject({ callId: jambonz.callSid });
	});

	test.each([
		['text that is not JSON', '{"callSid"', 'not JSON'],
		['a list', '[]', 'not a JSON object'],
		['nothing', 'null', 'not a JSON object'],
		['no name of the call', JSON.stringify({ ...jambonz, callSid: undefined }), 'expected callSid'],
		['a name that is no name', JSON.stringify({ ...jambonz, callSid: '../x' }), 'expected callSid'],
		['a rate we do not take', JSON.stringify({ ...jambonz, sampleRate: 48000 }), 'expected sampleRate'],
		['no rate', JSON.stringify({ ...jambonz, sampleRate: undefined }), 'expected sampleRate'],
		['both voices in one', JSON.stringify({ ...jambonz, mixType: 'mixed' }), 'mixed does not say who speaks'],
		['an agent that is no text', JSON.stringify({ ...jambonz, metadata: { agent: 7 } }), 'expected agent'],
		[
			'a disclosure nobody knows',
			JSON.stringify({ ...jambonz, metadata: { disclosure: 'no' } }),
			'expected disclosure',
		],
	])('is refused with %s, in words that say what would be right and never repeat it', (_what, text, wrong) => {
		const answer = readGreeting(text, {});
		expect(answer).toMatchObject({ wrong: expect.stringContaining(wrong) });
		expect(JSON.stringify(answer)).not.toContain('../x');
	});
});
