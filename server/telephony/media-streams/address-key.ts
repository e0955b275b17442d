import { Type } from 'typebox';

/** A key that stands in an address as it is: long enough not to be guessed, short enough for a router. */
export const addressKey = Type.String({
	pattern: '^[A-Za-z0-9_.~-]{16,100}$',
	description: '16 to 100 letters, digits, _ . ~ -',
});
