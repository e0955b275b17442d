import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal } from '#shared/refusals.ts';

/** How a key may be shown in `Authorization`, and how to say so to a platform that shows none. */
const schemes = {
	/** The password of HTTP Basic, whoever's it is. (RFC 7617) */
	Basic: {
		shape: /^Basic ([A-Za-z0-9+/]+={0,2})$/i,
		keyOf: (text: string) =>
			Buffer.from(text, 'base64')
				.toString()
				.replace(/^[^:]*:/, ''),
		asked: 'as the password of HTTP Basic authentication',
	},
	/** (RFC 6750) */
	Bearer: {
		shape: /^Bearer (\S+)$/i,
		keyOf: (text: string) => text,
		asked: 'as “Bearer” and the key in Authorization',
	},
};
export type KeyScheme = keyof typeof schemes;

/**
 * Why a platform that shows a key in its `Authorization` header is not let in; undefined if it is. Takes as long for a wrong key
 * as for a right one. Without any keys there is nothing here; `setting` is what holds them.
 */
export function keyRefusal(
	authorization: string | undefined,
	keys: readonly string[],
	setting: string,
	scheme: KeyScheme = 'Basic',
): Refusal | undefined {
	const { shape, keyOf, asked } = schemes[scheme];
	const [, given] = shape.exec(authorization ?? '') ?? [];
	return shownKeyRefusal(given === undefined ? undefined : keyOf(given), keys, setting, asked);
}

/** The same for a key that is shown in any other way; `asked` says where it goes. */
export function shownKeyRefusal(
	given: string | undefined,
	keys: readonly string[],
	setting: string,
	asked: string,
): Refusal | undefined {
	if (keys.length === 0) return new Refusal('request.not-found');
	if (given === undefined) return new Refusal('access.key-missing', asked);
	const shown = hashOf(given);
	const fits = keys.map((key) => timingSafeEqual(hashOf(key), shown)).includes(true);
	return fits ? undefined : new Refusal('access.key-wrong', setting);
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest();
