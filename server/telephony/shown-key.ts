import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal } from '#shared/refusals.ts';

/**
 * Why a platform that shows a key as the password of HTTP Basic, whoever's it is (RFC 7617), is not let in; undefined if it is.
 * Takes as long for a wrong key as for a right one. Without any keys there is nothing here; `setting` is what holds them.
 */
export function keyRefusal(
	authorization: string | undefined,
	keys: readonly string[],
	setting: string,
): Refusal | undefined {
	if (keys.length === 0) return new Refusal('request.not-found');
	const [, given] = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '') ?? [];
	if (!given) return new Refusal('access.key-missing');
	const password = Buffer.from(given, 'base64')
		.toString()
		.replace(/^[^:]*:/, '');
	const shown = hashOf(password);
	const fits = keys.map((key) => timingSafeEqual(hashOf(key), shown)).includes(true);
	return fits ? undefined : new Refusal('access.key-wrong', setting);
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest();
