import { createHmac, timingSafeEqual } from 'node:crypto';

/** How long a code is good for, beside the one before and the one after it. (RFC 6238, 5.2) */
const stepMs = 30_000;
const digits = 6;
/** Clocks of phones are a little off: a code may be one step early or late. */
const drift = [0, -1, 1] as const;

/** The code of a step: how many half minutes have gone by since 1970. HMAC-SHA-1, which every authenticator knows. (RFC 6238, 4; RFC 4226, 5.3) */
export function codeOf(secret: Uint8Array, step: number): string {
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(step));
	const mac = createHmac('sha1', secret).update(counter).digest();
	const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fff_ffff;
	return String(number % 10 ** digits).padStart(digits, '0');
}

/** The step whose code this is, now or one beside it; undefined if it fits none. Whoever asks sees to it that a step is used once. */
export function stepOf(secret: Uint8Array, code: string, nowMs: number): number | undefined {
	if (!/^\d{6}$/.test(code)) return undefined;
	const step = Math.floor(nowMs / stepMs);
	return drift
		.map((off) => step + off)
		.find((one) => timingSafeEqual(Buffer.from(codeOf(secret, one)), Buffer.from(code)));
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Bytes as authenticators take them typed. (RFC 4648, 6; without padding) */
export function base32(bytes: Uint8Array): string {
	const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
	return (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

/** The bytes of what `base32` has written; undefined for anything else. */
export function fromBase32(text: string): Uint8Array | undefined {
	if (!/^[A-Z2-7]+$/.test(text)) return undefined;
	const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
	return Uint8Array.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** What a QR code for an authenticator says. (the otpauth key URI format) */
export function otpauthAddress(personId: string, secret: string): string {
	return `otpauth://totp/Ycord:${encodeURIComponent(personId)}?${new URLSearchParams({ secret, issuer: 'Ycord' })}`;
}
