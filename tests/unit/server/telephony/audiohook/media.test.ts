import { describe, expect, test } from 'vitest';
import { durationOf, durationPattern, samplesOf } from '#server/telephony/audiohook/duration.ts';
import { channelsOf, chosenMedia, legsOf, widthOf } from '#server/telephony/audiohook/media.ts';
import type { Media } from '#server/telephony/audiohook/protocol.ts';
import { encodeUlaw } from '#shared/g711.ts';

const media = (format: Media['format'], ...channels: Media['channels']): Media => ({
	type: 'audio',
	format,
	channels,
	rate: 8000,
});
const external = media('PCMU', 'external');
const internal = media('PCMU', 'internal');

describe('what is chosen of an offer', () => {
	test.each([
		[
			'both voices in µ-law',
			[external, media('L16', 'external', 'internal'), media('PCMU', 'external', 'internal')],
			2,
		],
		['both voices in linear samples before one in µ-law', [external, media('L16', 'internal', 'external')], 1],
		['the customer before the agent', [internal, external], 1],
		['the customer in linear samples before the agent', [internal, media('L16', 'external')], 1],
		[
			'the first of those that are as good',
			[media('PCMU', 'internal', 'external'), media('PCMU', 'external', 'internal')],
			0,
		],
		['the agent alone, if there is nothing else', [internal], 0],
	])('is %s', (_what, offered, index) => {
		expect(chosenMedia(offered)).toBe(offered[index]);
	});

	test('is nothing, where nothing is offered', () => {
		expect(chosenMedia([])).toBeUndefined();
	});
});

describe('the channels of a message', () => {
	test('are taken apart in the order of the chosen entry, whichever it is', () => {
		const bytes = Uint8Array.of(1, 101, 2, 102, 3, 103);
		const [one, two] = channelsOf(media('PCMU', 'internal', 'external'))(bytes);
		expect([one, two]).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(101, 102, 103)]);
		expect(legsOf(media('PCMU', 'internal', 'external'))).toEqual(['agent', 'customer']);
		expect(legsOf(media('PCMU', 'external', 'internal'))).toEqual(['customer', 'agent']);
	});

	test('of linear samples become µ-law, the low byte first', () => {
		const bytes = Buffer.alloc(8);
		for (const [index, sample] of [1000, -1000, 2000, -2000].entries()) bytes.writeInt16LE(sample, index * 2);
		const channels = channelsOf(media('L16', 'external', 'internal'))(bytes);
		expect(channels.map((one) => [...one])).toEqual([
			[encodeUlaw(1000), encodeUlaw(2000)],
			[encodeUlaw(-1000), encodeUlaw(-2000)],
		]);
		expect([widthOf(media('L16', 'external', 'internal')), widthOf(external)]).toEqual([4, 1]);
	});
});

describe('positions and durations', () => {
	test.each([
		['PT0S', 0],
		['PT1.2S', 9600],
		['PT.5S', 4000],
		['PT0.000125S', 1],
		['PT3600S', 28_800_000],
	])('%s are %i samples', (text, samples) => {
		expect(text).toMatch(new RegExp(durationPattern));
		expect(samplesOf(text)).toBe(samples);
		expect(samplesOf(durationOf(samples))).toBe(samples);
	});

	test.each(['', 'PT', 'PT-1S', 'PT1M', '1.2', 'PT1,2S', 'PT1e3S', 'P1D'])('%j is none', (text) => {
		expect(text).not.toMatch(new RegExp(durationPattern));
	});
});
