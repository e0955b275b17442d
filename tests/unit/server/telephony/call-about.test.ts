import { describe, expect, test } from 'vitest';
import { callAbout } from '#server/telephony/call-about.ts';

describe('what a platform says of a call', () => {
	test('comes in one form, with every telephone number shortened', () => {
		expect(
			callAbout({
				queue: 'Orders\u0000 EU',
				from: '+1 (555) 010-4477',
				to: 'sip:+18005550199@example.com',
				language: 'de-CH',
				labels: { campaign: 'spring', callback: '+44 20 7946 0958' },
			}),
		).toEqual({
			queue: 'Orders  EU',
			from: '…477',
			to: 'sip:…199@example.com',
			language: 'de-CH',
			labels: [
				{ name: 'campaign', value: 'spring' },
				{ name: 'callback', value: '…958' },
			],
		});
	});
	test('is nothing when nothing is left of it', () => {
		expect(callAbout({})).toBeUndefined();
		expect(callAbout({ queue: ' \n', language: 'as the customer likes', labels: { '': 'x', y: '' } })).toBeUndefined();
	});
	test('is cut to what a card can show', () => {
		const labels = Object.fromEntries(Array.from({ length: 40 }, (_, one) => [`label ${one}`, 'x'.repeat(500)]));
		const about = callAbout({ queue: 'q'.repeat(500), labels });
		expect(about?.queue).toHaveLength(60);
		expect(about?.labels).toHaveLength(10);
		expect(about?.labels?.[0]?.value).toHaveLength(60);
	});
});
