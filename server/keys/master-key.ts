import { createHmac } from 'node:crypto';
import { keyBytes, type SealKey, sealKey } from '#server/journal/seal.ts';

/** The key that wraps the calls' keys: today's, and while it is being changed the one before. */
export interface MasterKey {
	/** Names today's key without telling anything of it. */
	readonly fingerprint: string;
	/** A call's key so that it can lie anywhere: only this master key opens it, and only as this call's. */
	wrap(callId: string, key: Uint8Array): string;
	/** Throws an Error that names the master key it takes, or says that this is not this call's key. */
	unwrap(callId: string, wrapped: string): Buffer;
	/** Whether today's key has wrapped this. */
	isOurs(wrapped: string): boolean;
}

/**
 * AES-256-GCM with the call's id as associated data, in the form `1.<fingerprint>.<base64>`. Keys are given in base64.
 * Random nonces of 96 bits: one master key is good for 2^32 calls (NIST SP 800-38D, 8.3).
 */
export function masterKey(today: string, before?: string): MasterKey {
	const own = oneKey(today);
	const known = new Map([own, ...(before === undefined ? [] : [oneKey(before)])].map((one) => [one.fingerprint, one]));
	return {
		fingerprint: own.fingerprint,
		wrap: (callId, key) => ['1', own.fingerprint, own.key.seal(callId, Buffer.from(key).toString('base64'))].join('.'),
		unwrap(callId, wrapped) {
			const [form, fingerprint = '', sealed = ''] = wrapped.split('.');
			if (form !== '1') throw new Error('is wrapped in a way that this version of Ycord does not know');
			const wrapping = known.get(fingerprint);
			if (!wrapping) throw new Error(`is wrapped with the master key ${fingerprint}`);
			let key: Buffer;
			try {
				key = Buffer.from(wrapping.key.open(callId, sealed), 'base64');
			} catch {
				throw new Error('was changed, or is another call’s');
			}
			if (key.length !== keyBytes) throw new Error('has not the length of a key');
			return key;
		},
		isOurs: (wrapped) => wrapped.split('.')[1] === own.fingerprint,
	};
}

/** The name of a master key, given in base64. */
export const fingerprintOf = (text: string) => oneKey(text).fingerprint;

function oneKey(text: string): { fingerprint: string; key: SealKey } {
	const bytes = Buffer.from(text, 'base64');
	if (bytes.length !== keyBytes) throw new Error(`A master key is ${keyBytes} bytes in base64.`);
	const fingerprint = createHmac('sha256', bytes).update('ycord master key').digest('hex').slice(0, 8);
	return { fingerprint, key: sealKey(bytes) };
}
