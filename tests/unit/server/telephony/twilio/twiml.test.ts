import { describe, expect, test } from 'vitest';
import {
	backToConference,
	intoQueue,
	maxConferenceName,
	maxQueueName,
	sayAndHangUp,
	surveyThenConference,
} from '#server/telephony/twilio/twiml.ts';
import { readTwiml } from '#tests/support/twiml.ts';

describe('what a Twilio call is told', () => {
	test('holds names as they are, whatever is in them', () => {
		const name = `a<b>&"'ä🙂 </Conference>`;
		expect(readTwiml(backToConference(name))[0]?.children[0]?.text).toBe(name);
		expect(readTwiml(intoQueue(name))[0]?.text).toBe(name);
		expect(readTwiml(sayAndHangUp(name)).map((verb) => [verb.name, verb.text])).toEqual([
			['Say', name],
			['Hangup', ''],
		]);
	});

	test('leaves out what XML cannot hold', () => {
		expect(readTwiml(intoQueue('a\u0000\u001b\ud800b\uffff'))[0]?.text).toBe('ab');
	});

	test('is as short as Twilio wants it, at its longest', () => {
		const longest = { streamUrl: `wss://${'x'.repeat(253)}/telephony/twilio/survey`, token: 'x'.repeat(43) };
		const text = surveyThenConference({ ...longest, conference: '&'.repeat(maxConferenceName) });
		expect(readTwiml(text).map(({ name }) => name)).toEqual(['Connect', 'Dial']);
		expect(readTwiml(intoQueue('"'.repeat(maxQueueName)))).toHaveLength(1);
	});
});
