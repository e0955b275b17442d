import { describe, expect, test } from 'vitest';
import { isSigned, signedForm, streamUrls, twilioSignature } from '#server/telephony/twilio/signature.ts';

const url = 'wss://listen.example.com/ingest/twilio';
const vector = 'TmfZEKfll02OouUojFZSKK43OYk=';

describe('the signature of a Twilio stream', () => {
	test('is the known one for a known token and URL', () => {
		expect(twilioSignature('12345', url)).toBe(vector);
	});

	test('of a form is the known one, whatever order its fields come in', () => {
		const fields = { To: '+18005551212', CallSid: 'CA1234567890ABCDE', From: '+14158675309', Digits: '1234' };
		const form = new URLSearchParams({ ...fields, Caller: '+14158675309' });
		const text = signedForm('https://mycompany.com/myapp.php?foo=1&bar=2', form);
		expect(twilioSignature('12345', text)).toBe('RSOYDt4T1cUTdK1PDd93/VVr8B8=');
	});

	test('is accepted from the first and from the second token, while tokens are being changed', () => {
		expect(isSigned(vector, [url], ['12345', 'new'])).toBe(true);
		expect(isSigned(vector, [url], ['new', '12345'])).toBe(true);
	});

	test.each([
		['another token', vector, [url], ['54321']],
		['no token', vector, [url], []],
		['another URL', vector, ['wss://listen.example.com/telephony/twilio'], ['12345']],
		['the scheme https', vector, ['https://listen.example.com/ingest/twilio'], ['12345']],
		['a shorter signature', vector.slice(0, -1), [url], ['12345']],
		['a longer signature', `${vector}=`, [url], ['12345']],
		['an empty signature', '', [url], ['12345']],
		['one wrong letter', vector.replace('Y', 'Z'), [url], ['12345']],
	])('is refused with %s', (_what, given, urls, tokens) => {
		expect(isSigned(given, urls, tokens)).toBe(false);
	});

	test('is computed over the public address as wss; a local trial without TLS may say ws too', () => {
		expect(streamUrls('https://ycord.example.com', '/t')).toEqual(['wss://ycord.example.com/t']);
		expect(streamUrls('http://127.0.0.1:8080', '/t')).toEqual(['ws://127.0.0.1:8080/t', 'wss://127.0.0.1:8080/t']);
	});
});
