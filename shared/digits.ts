/**
 * A text with every decimal digit of any script as 0 to 9, and full-width and other variants of letters as the usual ones: what a person reads as a
 * number is a number here. (Unicode, general category Nd: each script's ten stand together in order; the mathematical ones are NFKC's.)
 */
export const plainDigits = (text: string): string =>
	text.normalize('NFKC').replace(/[^\P{Nd}0-9]/gu, (digit) => {
		const code = digit.codePointAt(0) as number;
		let zero = code;
		while (isDigit.test(String.fromCodePoint(zero - 1))) zero--;
		return String((code - zero) % 10);
	});

const isDigit = /\p{Nd}/u;
