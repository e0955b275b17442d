import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxHotBytes } from '#server/telephony/hot-frames.ts';
import type { Dialect } from '#server/telephony/media-streams/dialect.ts';
import { mediaKeys, scanMedia } from '#server/telephony/media-streams/media-scan.ts';
import { type Incoming, readMessage } from '#server/telephony/media-streams/messages.ts';
import { plivoDialect } from '#server/telephony/plivo/dialect.ts';
import { telnyxDialect } from '#server/telephony/telnyx/dialect.ts';
import { twilioDialect } from '#server/telephony/twilio/dialect.ts';
import { seedFor } from '#tests/support/seed.ts';

const streamSid = 'MZ18ad3ab5a668481ce02b83e7395059f0';
const sid = Buffer.from(streamSid);
const scan = (text: string, dialect = twilioDialect) => scanMedia(Buffer.from(text), sid, mediaKeys(dialect));

/** As the platform's documentation shows it. */
const documented = {
	event: 'media',
	sequenceNumber: '3',
	media: { track: 'outbound', chunk: '1', timestamp: '5', payload: Buffer.alloc(160, 0xfe).toString('base64') },
	streamSid,
};
const asRead = (text: string, dialect = twilioDialect): Incoming | undefined => {
	try {
		return readMessage(text, dialect);
	} catch {
		return undefined;
	}
};
/** Whatever is scanned has to be what is read. True if it was scanned. */
function scannedAsRead(text: string, dialect = twilioDialect): boolean {
	const scanned = scan(text, dialect);
	if (!scanned) return false;
	const message = asRead(text, dialect);
	if (message?.event !== 'media') throw new Error('it was scanned, and is not to be read');
	expect([undefined, streamSid]).toContain(message.streamId);
	expect({ ...scanned, payload: Buffer.from(scanned.payload) }).toEqual({
		track: message.track,
		timestampMs: message.timestampMs,
		chunk: message.chunk,
		payload: message.payload,
	});
	return true;
}
const shuffled = <T extends object>(of: T) =>
	fc
		.shuffledSubarray(Object.entries(of), { minLength: Object.keys(of).length })
		.map((entries) => Object.fromEntries(entries) as T);

describe('a scan for sound', () => {
	test('reads it as the platform documents it, and with its keys in any order', () => {
		const seed = seedFor('sound in any order');
		expect(scannedAsRead(JSON.stringify(documented))).toBe(true);
		fc.assert(
			fc.property(shuffled(documented.media), shuffled(documented), (media, message) => {
				const more = { ...message, media: { ...media, more: 'of no concern' }, version: 2 };
				expect(scannedAsRead(JSON.stringify({ ...message, media }))).toBe(true);
				expect(scannedAsRead(JSON.stringify(more))).toBe(true);
			}),
			{ seed, numRuns: 100 },
		);
	});

	test('reads every dialect by its own names, and no other’s', () => {
		const { sequenceNumber, streamSid: id, ...rest } = documented;
		const written = new Map<Dialect, object>([
			[twilioDialect, documented],
			[telnyxDialect, { ...rest, sequence_number: sequenceNumber, stream_id: id }],
			[
				plivoDialect,
				{ ...rest, sequenceNumber: 3, streamId: id, media: { ...rest.media, timestamp: '1705312200000' } },
			],
		]);
		for (const [dialect] of written)
			for (const [other, itsOwn] of written)
				expect(scannedAsRead(JSON.stringify(itsOwn), dialect), `${other.name} by ${dialect.name}`).toBe(
					dialect === other || (dialect === plivoDialect && other === twilioDialect),
				);
	});

	test('reads sound of any length, and numbers as text or not', () => {
		const seed = seedFor('sound of any length');
		const counter = fc.oneof(fc.nat({ max: 172_800_000 }), fc.nat({ max: 172_800_000 }).map(String));
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 600 }), counter, counter, (sound, sequenceNumber, timestamp) => {
				const payload = Buffer.from(sound).toString('base64');
				const media = { ...documented.media, timestamp, payload };
				expect(scannedAsRead(JSON.stringify({ ...documented, sequenceNumber, media }))).toBe(true);
			}),
			{ seed, numRuns: 500 },
		);
	});

	test.each([
		['another message', JSON.stringify({ ...documented, event: 'mark' })],
		['another stream’s', JSON.stringify({ ...documented, streamSid: 'MZ0' })],
		['spaces', JSON.stringify(documented, undefined, 1)],
		['escapes', JSON.stringify(documented).replace('outbound', 'outb\\u006fund')],
		['a key twice', JSON.stringify(documented).replace('{', '{"event":"media",')],
		['something after it', `${JSON.stringify(documented)} `],
		['half of it', JSON.stringify(documented).slice(0, 90)],
		['a number as JSON writes none', JSON.stringify(documented).replace('"5"', '05')],
		['a time after 48 hours', JSON.stringify(documented).replace('"5"', '"172800001"')],
		['more than is scanned', JSON.stringify({ ...documented, more: 'x'.repeat(maxHotBytes) })],
		['nothing', ''],
	])('leaves %s to the reader', (_what, text) => {
		expect(scan(text)).toBeUndefined();
	});

	test('never reads what the reader would refuse, nor anything else than it, however a message is changed', () => {
		const seed = seedFor('changed sound');
		const pieces = ['"', '{', '}', ',', ':', '=', '==', '\\', '\\u0061', ' ', '0', '-', '.5', 'e1', 'é', '\u0000', 'A'];
		const more = ['"event":"stop",', '"payload":"",', '"x":{},', '"x":[],', '"x":"y",', '"x":1,', 'null', '_', '/'];
		const change = fc.record({
			at: fc.nat(),
			remove: fc.constantFrom(0, 0, 1, 2, 5),
			put: fc.oneof(fc.constantFrom(...pieces, ...more), fc.string({ maxLength: 2 })),
		});
		const base = fc.oneof(
			fc.constant(documented),
			fc.constant({ ...documented, media: { ...documented.media, payload: '/////x==' } }),
			fc.constant({ ...documented, sequenceNumber: 7, media: { ...documented.media, timestamp: 0, payload: 'AAA=' } }),
		);
		let scanned = 0;
		fc.assert(
			fc.property(base, fc.array(change, { minLength: 1, maxLength: 3 }), (message, changes) => {
				let text = JSON.stringify(message);
				for (const { at, remove, put } of changes) {
					const place = at % (text.length + 1);
					text = text.slice(0, place) + put + text.slice(place + remove);
				}
				if (scannedAsRead(text)) scanned++;
			}),
			{ seed, numRuns: 20_000 },
		);
		// Else it would say nothing.
		expect(scanned).toBeGreaterThan(100);
	});

	test('refuses base64 just as the reader does', () => {
		const seed = seedFor('base64 by hand');
		const character = fc.constantFrom(...'AZaz09+/=-_" \\');
		fc.assert(
			fc.property(fc.array(character, { maxLength: 12 }), (characters) => {
				const text = JSON.stringify(documented).replace(documented.media.payload, characters.join(''));
				const isUsual = !/[-_"\\ ]/.test(characters.join(''));
				expect(scannedAsRead(text)).toBe(isUsual && asRead(text) !== undefined);
			}),
			{ seed, numRuns: 5000 },
		);
	});
});
