import { plainDigits } from '#shared/digits.ts';

const shortest = 13;
const longest = 19;
/** Digits in groups, parted by what people put between them: blanks, line ends, points, slashes, stars, dashes of any kind, or what is not seen. No commas and colons: lists of times and amounts have them. */
const runs = /\d+(?:[\s./\\_*|·•∙‧\p{Pd}\p{Cf}\u2212]{1,4}\d+)*/gu;

/**
 * True if the text holds what may be a card number: 13 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B),
 * in any script's digits, written together or in groups. Neighbouring groups are tried together and apart, so that an expiry date behind a
 * number does not hide it; inside an unbroken group of digits only one longer than a card number is searched. [P1]
 */
export function holdsCardNumber(text: string): boolean {
	for (const [run] of plainDigits(text).matchAll(runs)) {
		const groups = run.match(/\d+/g) ?? [];
		for (let first = 0; first < groups.length; first++) {
			let digits = '';
			for (let last = first; last < groups.length && digits.length <= longest; last++) {
				digits += groups[last];
				if (digits.length >= shortest && digits.length <= longest && passesLuhn(digits)) return true;
			}
			if ((groups[first] as string).length > longest && holdsOneInside(groups[first] as string)) return true;
		}
	}
	return false;
}

function holdsOneInside(digits: string): boolean {
	for (let start = 0; start + shortest <= digits.length; start++)
		for (let length = shortest; length <= longest && start + length <= digits.length; length++)
			if (passesLuhn(digits.slice(start, start + length))) return true;
	return false;
}

function passesLuhn(digits: string): boolean {
	// A row of one digit (0000 0000 0000 0000) passes the sum but is nobody's card.
	if (/^(\d)\1*$/.test(digits)) return false;
	let sum = 0;
	for (let back = 0; back < digits.length; back++) {
		let digit = digits.charCodeAt(digits.length - 1 - back) - 48;
		if (back % 2 === 1) {
			digit *= 2;
			if (digit > 9) digit -= 9;
		}
		sum += digit;
	}
	return sum % 10 === 0;
}
