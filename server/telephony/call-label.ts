import { shortened } from '#server/telephony/telephony.ts';
import { plainDigits } from '#shared/digits.ts';

const maxLabelLength = 60;
/** Seven digits and more, however they are parted. */
const telephoneNumber = /\+?\d(?:[\s().\-/]{0,3}\d){6,}/g;

/** What the platform says of a call for people to read: a text for it, the customer's number. */
export interface CallNaming {
	label?: string | undefined;
	from?: string | undefined;
}

/** A platform's text as people may read it: on one line, telephone numbers in it shortened. */
export const shownText = (text: string) =>
	plainDigits(text)
		.replace(/\p{C}+/gu, ' ')
		.trim()
		.replace(telephoneNumber, (number) => shortened(number));

/** What the call is called on screen. Telephone numbers in it are shortened. */
export function callLabel({ label, from }: CallNaming): string {
	const text = shownText(label ?? '');
	if (text) return text.slice(0, maxLabelLength);
	return from && /\d/.test(from) ? `Caller ${shortened(from)}` : 'Caller';
}
