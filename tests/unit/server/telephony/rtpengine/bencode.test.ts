import { describe, expect, test } from 'vitest';
import { type Bencoded, bencode, readBencode } from '#server/telephony/rtpengine/bencode.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const read = (text: string) => readBencode(Buffer.from(text));

/** Any value of limited size. */
function anything(random: (below: number) => number, depth = 0): Bencoded {
	const word = () => Array.from({ length: random(8) }, () => 'aé:1e-d☎'[random(8)]).join('');
	const kind = random(depth > 4 ? 2 : 4);
	if (kind === 0) return word();
	if (kind === 1) return random(2) ? random(2 ** 31) : -random(1000);
	const some = Array.from({ length: random(4) }, () => anything(random, depth + 1));
	return kind === 2 ? some : Object.fromEntries(some.map((one) => [word(), one]));
}

describe('bencode', () => {
	test('is what rtpengine’s documentation shows', () => {
		expect(bencode({ command: 'ping' })).toBe('d7:command4:pinge');
		expect({ ...(read('d6:result4:ponge') as object) }).toEqual({ result: 'pong' });
		expect(read('li0ei-12e0:e')).toEqual([0, -12, '']);
	});

	test('what was written is read as it was', () => {
		const random = randomNumbers(seedFor('bencode'));
		for (let run = 0; run < 2000; run++) {
			const value = anything(random);
			expect(JSON.stringify(readBencode(Buffer.from(bencode(value))))).toBe(JSON.stringify(value));
		}
	});

	test.each([
		['', 'nothing'],
		['5:four', 'a text cut short'],
		['99999999999999999999:x', 'a length beyond all'],
		['-1:x', 'a negative length'],
		['i12', 'a number without its end'],
		['ie', 'a number without digits'],
		['i1234567890123456e', 'a number that cannot be held'],
		['d1:ae', 'a name without a value'],
		['di1e1:ae', 'a number for a name'],
		['l1:a', 'a list without its end'],
		['i1ei2e', 'two values'],
		['l'.repeat(21) + 'e'.repeat(21), 'lists in lists without end'],
		['l'.repeat(60_000), 'a datagram full of them'],
	])('%j is none: %s', (text) => {
		expect(read(text)).toBeUndefined();
	});

	test('names that mean something to objects are names like others', () => {
		const value = read('d9:__proto__d1:ai1ee11:constructor1:xe') as Record<string, unknown>;
		expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
		expect(({} as Record<string, unknown>).a).toBeUndefined();
	});

	test('random bytes, and right ones with some changed, never throw', () => {
		const random = randomNumbers(seedFor('bencode junk'));
		for (let run = 0; run < 20_000; run++) {
			const bytes = Buffer.from(random(2) ? bencode(anything(random)) : 'd1:ali1eee');
			for (let change = 0; change < 3; change++) if (bytes.length > 0) bytes[random(bytes.length)] = random(256);
			readBencode(bytes);
		}
	});
});
