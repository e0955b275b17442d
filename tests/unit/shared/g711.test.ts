import { describe, expect, test } from 'vitest';
import { alawTable, encodeAlaw, encodeUlaw, ulawTable } from '#shared/g711.ts';

// Derived from the Recommendation's tables (ITU-T G.711, tables 1a and 2a) and not from our code: output values in the
// table's own units, 14 bits for µ-law and 13 for A-law, then scaled to 16 bits.
const ulawOutput = (code: number) => {
	const inverted = 255 - code;
	const segment = Math.floor(inverted / 16) % 8;
	const level = inverted % 16;
	const magnitude = (2 * level + 33) * 2 ** segment - 33;
	return (inverted >= 128 ? -magnitude : magnitude) * 4;
};
const alawOutput = (code: number) => {
	// Even bits are inverted on the line.
	const plain = [...code.toString(2).padStart(8, '0')].map((bit, place) =>
		place % 2 === 1 ? 1 - Number(bit) : Number(bit),
	);
	const segment = (plain[1] as number) * 4 + (plain[2] as number) * 2 + (plain[3] as number);
	const level = (plain[4] as number) * 8 + (plain[5] as number) * 4 + (plain[6] as number) * 2 + (plain[7] as number);
	const magnitude = segment === 0 ? 2 * level + 1 : (2 * level + 33) * 2 ** (segment - 1);
	return (plain[0] === 1 ? magnitude : -magnitude) * 8;
};
const laws = [
	// Segments end where the table says, in 16-bit units; the smallest step is that of the first segment.
	{
		name: 'µ-law',
		table: ulawTable,
		encode: encodeUlaw,
		output: ulawOutput,
		seams: [31, 95, 223, 479, 991, 2015, 4063].map((x) => x * 4),
		firstStep: 8,
		most: 32_124,
	},
	{
		name: 'A-law',
		table: alawTable,
		encode: encodeAlaw,
		output: alawOutput,
		seams: [32, 64, 128, 256, 512, 1024, 2048].map((x) => x * 16),
		firstStep: 16,
		most: 32_256,
	},
];

describe.each(laws)('$name', ({ name, table, encode, output, seams, firstStep, most }) => {
	test('every code sounds as the Recommendation says', () => {
		for (let code = 0; code < 256; code++)
			expect([code, table[code] === 0 ? 0 : table[code]]).toEqual([code, output(code) === 0 ? 0 : output(code)]);
	});

	test('every code that is heard and said again is the same code', () => {
		// µ-law has two codes for nothing; the positive one is said.
		for (let code = 0; code < 256; code++)
			expect(encode(table[code] as number)).toBe(name === 'µ-law' && code === 0x7f ? 0xff : code);
	});

	test('each of the 65,536 samples gets the nearest code, by its segment', () => {
		const values = [...new Set(table)].toSorted((a, b) => a - b);
		let wrong = 0;
		let place = 0;
		for (let sample = -32_768; sample <= 32_767; sample++) {
			const said = table[encode(sample)] as number;
			while (
				place + 1 < values.length &&
				Math.abs((values[place + 1] as number) - sample) < Math.abs((values[place] as number) - sample)
			)
				place++;
			const nearest = Math.abs((values[place] as number) - sample);
			const magnitude = Math.abs(sample);
			// The step doubles from one segment to the next, and the table puts the decision at the seam, not in the middle
			// between the two outputs around it: just above a seam the lower output is a little nearer.
			const seam = seams.findLast((one) => magnitude >= one);
			const step = seam === undefined ? 0 : firstStep * 2 ** seams.indexOf(seam);
			const atSeam = seam !== undefined && magnitude - seam <= step / 2;
			if (Math.abs(said - sample) > nearest && !atSeam) wrong++;
			if (Math.abs(said - sample) > Math.max(step, firstStep / 2) && magnitude <= most) wrong++;
		}
		expect(wrong).toBe(0);
	});

	test('louder never sounds softer', () => {
		let before = Number.NEGATIVE_INFINITY;
		for (let sample = -32_768; sample <= 32_767; sample++) {
			const said = table[encode(sample)] as number;
			expect(said >= before).toBe(true);
			before = said;
		}
	});

	test('the loudest samples are held at the last code', () => {
		expect(table[encode(32_767)]).toBe(most);
		expect(table[encode(-32_768)]).toBe(-most);
	});
});
