import { createHash, timingSafeEqual } from 'node:crypto';
import { nonces } from '#server/telephony/audiohook/nonces.ts';
import { readSignature, type SignedRequest, whatIsWrong } from '#server/telephony/audiohook/signature.ts';
import type { Clock } from '#shared/clock.ts';

/** What an integration in Genesys Cloud is given to show who it is. */
export interface HookKey {
	key: string;
	/** Base64; empty for a key whose requests are not signed. */
	secret: string;
}

/** Why a request is not let in: for the log and nobody else, who asks is told the same whatever it was. */
export type NotLetIn = 'key' | 'signature' | 'unsigned' | 'replayed';

/** Judges requests for the upgrade. A nonce is used up only by a signature that fits, so nobody else can fill the memory. */
export function credentials(clock: Pick<Clock, 'now'>, keys: readonly HookKey[]) {
	const used = nonces(clock);
	return function judge(request: SignedRequest): NotLetIn | undefined {
		const shown = hashOf(request.header('x-api-key') ?? '');
		const [known] = keys.filter(({ key }) => timingSafeEqual(hashOf(key), shown));
		const [input, signature] = [request.header('signature-input'), request.header('signature')];
		const given = readSignature(input, signature);
		// Computed for an unknown key too: nobody learns from the time it takes which keys there are.
		const wrong = whatIsWrong(request, given, known?.secret ?? unknownSecret, clock.now());
		if (!known) return 'key';
		if (known.secret === '') return input === undefined && signature === undefined ? undefined : 'signature';
		if (input === undefined && signature === undefined) return 'unsigned';
		if (wrong !== undefined || !given) return 'signature';
		return used.use(given.keyId, given.nonce) ? undefined : 'replayed';
	};
}

const hashOf = (text: string) => createHash('sha256').update(text).digest();
const unknownSecret = hashOf('no such key').toString('base64');
