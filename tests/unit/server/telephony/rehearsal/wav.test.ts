import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxWavBytes, readWav } from '#server/telephony/rehearsal/wav.ts';
import { encodeUlaw, ulawTable } from '#shared/g711.ts';
import { Refusal } from '#shared/refusals.ts';
import { seedFor } from '#tests/support/seed.ts';
import { peakOf, tone, toneSamples } from '#tests/support/tone.ts';
import { riff, wavFile } from '#tests/support/wav.ts';

const samples = toneSamples(440, 100);
const ulaw = Uint8Array.from(samples, encodeUlaw);
const linear = (sound: Uint8Array) => Int16Array.from(sound, (byte) => ulawTable[byte] as number);

function refusalOf(file: Uint8Array, name = 'customer.wav'): string {
	try {
		readWav(file, name);
	} catch (error) {
		if (error instanceof Refusal && error.code === 'wav.unreadable') return error.message;
		throw error;
	}
	throw new Error('it was read');
}

describe('a WAV file', () => {
	test.each(['pcm16', 'pcm24', 'pcm32', 'float32', 'ulaw'] as const)(
		'of %s at 8 kHz is read to the sample',
		(format) => {
			expect(Buffer.compare(readWav(wavFile({ format, channels: [samples] }), 'a.wav'), ulaw)).toBe(0);
			const extended = wavFile({ format, channels: [samples], extensible: true });
			expect(Buffer.compare(readWav(extended, 'a.wav'), ulaw)).toBe(0);
		},
	);

	test.each(['pcm8', 'alaw'] as const)('of %s is read as well as it can be', (format) => {
		const read = linear(readWav(wavFile({ format, channels: [samples] }), 'a.wav'));
		read.forEach((value, index) => {
			expect(Math.abs(value - (samples[index] as number))).toBeLessThan(800);
		});
	});

	test('of µ-law at 8 kHz comes through byte for byte, whatever the bytes', () => {
		const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
		const file = riff([
			['fmt ', wavFile({ format: 'ulaw', channels: [[]] }).subarray(20, 36)],
			['data', every],
		]);
		expect(Buffer.compare(readWav(file, 'a.wav'), every)).toBe(0);
	});

	test.each([8000, 16_000, 44_100, 48_000, 96_000])('of %i Hz in stereo is brought to one channel at 8 kHz', (rate) => {
		const left = toneSamples(440, 500, { rate, peak: 10_000 });
		const right = toneSamples(880, 500, { rate, peak: 10_000 });
		const read = readWav(wavFile({ rate, channels: [left, right] }), 'a.wav');
		expect(read.length).toBe(4000);
		expect(peakOf(read, 440)).toBeCloseTo(5000, -3);
		expect(peakOf(read, 880)).toBeCloseTo(5000, -3);
	});

	test('of two voices gives either of them, and at 16 kHz what is above 4 kHz too', () => {
		const [left, right] = [toneSamples(5000, 500, { rate: 16_000 }), toneSamples(6000, 500, { rate: 16_000 })];
		const file = wavFile({ rate: 16_000, channels: [left, right] });
		for (const [channel, hz, other] of [
			[0, 5000, 6000],
			[1, 6000, 5000],
		] as const) {
			const read = readWav(file, 'a.wav', { rate: 16_000, channel });
			expect(read.length).toBe(8000);
			expect(peakOf(read, hz, 16_000)).toBeCloseTo(12_000, -3);
			expect(peakOf(read, other, 16_000)).toBeLessThan(100);
		}
		expect(() => readWav(wavFile({ channels: [left] }), 'a.wav', { channel: 0 })).toThrow('2 are needed');
		expect(() => readWav(wavFile({ channels: [left] }), 'a.wav', { rate: 16_000 })).toThrow('at least 16000');
	});

	test('with chunks before the sound, of odd length, padded or not, is read', () => {
		const odd: [string, Uint8Array] = ['LIST', Buffer.from('INFOodd')];
		const padded = wavFile({ channels: [samples], before: [odd, ['bext', new Uint8Array(602)]] });
		expect(Buffer.compare(readWav(padded, 'a.wav'), ulaw)).toBe(0);
		const at = padded.indexOf('INFOodd') + 7;
		const unpadded = Buffer.concat([padded.subarray(0, at), padded.subarray(at + 1)]);
		expect(Buffer.compare(readWav(unpadded, 'a.wav'), ulaw)).toBe(0);
	});

	test('that was cut short, or written without knowing its length, is read as far as it goes', () => {
		const whole = wavFile({ channels: [samples] });
		expect(Buffer.compare(readWav(whole.subarray(0, whole.length - 101), 'a.wav'), ulaw.subarray(0, -51))).toBe(0);
		const streamed = wavFile({ channels: [samples], dataSize: 0xffff_ffff });
		expect(Buffer.compare(readWav(streamed, 'a.wav'), ulaw)).toBe(0);
	});

	test('with 24 bits in four bytes is read from its upper bits', () => {
		const file = wavFile({ format: 'pcm32', channels: [samples] });
		file.writeUInt16LE(24, 34);
		expect(Buffer.compare(readWav(file, 'a.wav'), ulaw)).toBe(0);
	});

	test('of floats that are no numbers or too loud is silence and full loudness', () => {
		const file = wavFile({ format: 'float32', channels: [[0, 0, 0, 0]] });
		[Number.NaN, Number.POSITIVE_INFINITY, -9, 0.5].forEach((value, index) => {
			file.writeFloatLE(value, 44 + index * 4);
		});
		expect([...readWav(file, 'a.wav')]).toEqual([0, 32_767, -32_768, 16_384].map(encodeUlaw));
	});
});

describe('a bad WAV is refused with its name and what is wrong with it:', () => {
	const good = wavFile({ channels: [samples] });
	const with_ = (change: (file: Buffer) => void) => {
		const file = Buffer.from(good);
		change(file);
		return file;
	};
	const table: [string, Uint8Array, string][] = [
		['an empty file', new Uint8Array(), 'the file is empty'],
		['an MP3', Buffer.from('ID3\x04rest of it'), 'not a WAV file (starts with “ID3”, like an MP3 file)'],
		[
			'an MP3 without tag',
			Buffer.from('fffb9064', 'hex'),
			'not a WAV file (starts with the bytes ff fb 90 64, like an MP3 file)',
		],
		['a FLAC', Buffer.from('fLaC\0\0'), 'not a WAV file (starts with “fLaC”, like a FLAC file)'],
		[
			'an M4A',
			Buffer.from('\0\0\0\x20ftypM4A '),
			'not a WAV file (starts with the bytes 00 00 00 20, like an M4A or MP4 file)',
		],
		['a text', Buffer.from('Hi'), 'not a WAV file (starts with “Hi”)'],
		['a web page', Buffer.from('<!doctype html>'), 'not a WAV file (starts with “<!do”)'],
		['an AVI', with_((file) => file.write('AVI ', 8)), 'a RIFF file, but not a WAV file'],
		['RF64', with_((file) => file.write('RF64', 0)), 'RF64 is not supported; convert it to a plain WAV file'],
		['a header alone', good.subarray(0, 12), 'it says nothing of how its sound is stored (no fmt chunk)'],
		['no data chunk', good.subarray(0, 36), 'there is no sound in it (no data chunk)'],
		['no samples', wavFile({ channels: [[]] }), '0 samples'],
		['less than one sample', good.subarray(0, 45), '0 samples'],
		[
			'a short fmt chunk',
			riff([
				['fmt ', new Uint8Array(8)],
				['data', new Uint8Array(8)],
			]),
			'its fmt chunk is too short',
		],
		[
			'MP3 inside WAV',
			with_((file) => file.writeUInt16LE(0x55, 20)),
			'MP3 inside WAV is not supported; convert it to PCM',
		],
		[
			'IMA ADPCM',
			with_((file) => file.writeUInt16LE(0x11, 20)),
			'IMA ADPCM inside WAV is not supported; convert it to PCM',
		],
		[
			'a format nobody knows',
			with_((file) => file.writeUInt16LE(0x1234, 20)),
			'format 0x1234 inside WAV is not supported; convert it to PCM',
		],
		[
			'64-bit float',
			with_((file) => {
				file.writeUInt16LE(3, 20);
				file.writeUInt16LE(64, 34);
			}),
			'64-bit float is not supported; convert it to 16-bit PCM',
		],
		['0-bit PCM', with_((file) => file.writeUInt16LE(0, 34)), '0-bit PCM is not supported; convert it to 16-bit PCM'],
		['six channels', with_((file) => file.writeUInt16LE(6, 22)), 'it has 6 channels; 1 or 2 are supported'],
		['no channels', with_((file) => file.writeUInt16LE(0, 22)), 'it has 0 channels; 1 or 2 are supported'],
		[
			'a rate too low',
			with_((file) => file.writeUInt32LE(6000, 24)),
			'it has 6000 samples a second; 8000 to 96000 are supported',
		],
		[
			'a rate too high',
			with_((file) => file.writeUInt32LE(192_000, 24)),
			'it has 192000 samples a second; 8000 to 96000 are supported',
		],
		[
			'an extensible format cut short',
			with_((file) => file.writeUInt16LE(0xfffe, 20)),
			'its fmt chunk is too short for the extensible format it names',
		],
		['a file too large', { length: maxWavBytes + 1 } as Uint8Array, 'larger than 200 MB'],
	];
	test.each(table)('%s', (_what, file, text) => {
		expect(refusalOf(file)).toBe(`customer.wav: ${text}`);
	});

	test('nothing else comes of any bytes than sound or such a refusal', () => {
		const seed = seedFor('WAV of any bytes');
		const damaged = fc
			.tuple(
				fc.constantFrom('pcm8', 'pcm16', 'pcm24', 'float32', 'ulaw', 'alaw' as const),
				fc.boolean(),
				fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 8 }),
				fc.nat(200),
			)
			.map(([format, extensible, changes, cut]) => {
				const file = wavFile({ format: format as 'pcm8', extensible, channels: [tone(440, 10)] });
				for (const [at, byte] of changes) file[at % file.length] = byte;
				return file.subarray(0, Math.max(0, file.length - cut));
			});
		fc.assert(
			fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 300 })), (file) => {
				try {
					expect(readWav(file, 'x.wav').length).toBeGreaterThan(0);
				} catch (error) {
					expect(error).toBeInstanceOf(Refusal);
					expect((error as Refusal).message).toMatch(/^x\.wav: ./);
				}
			}),
			{ seed, numRuns: 500 },
		);
	});
});
