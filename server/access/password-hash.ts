import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { plainPassword } from '#server/access/password.ts';
import { Refusal } from '#shared/refusals.ts';

/** Turns passwords into what is kept of them, and tells whether one fits. Each refuses with `access.busy`. */
export interface PasswordHashing {
	/** A PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
	hash(password: string): Promise<string>;
	/** Whether the password is the one; without a `phc`, as for a name that nobody has, it takes as long and never is. */
	fits(password: string, phc: string | undefined): Promise<boolean>;
}

interface Cost {
	/** KiB. */
	memory: number;
	passes: number;
	parallelism: number;
}

/** 19 MiB, two passes: the least that is advised (OWASP, Password Storage), and a fifth of a second of a slow machine. */
const cost: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const hashBytes = 32;
/** Hashed at once, each on a thread of Node's pool; the sound of the calls needs the others. */
const atOnce = 2;
/** More wait; whoever comes beyond is told to come back. [B1] */
const mostWaiting = 32;

const derive = promisify(argon2);

export function passwordHashing(spend: Cost = cost): PasswordHashing {
	let running = 0;
	const waiting: (() => void)[] = [];
	const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
		if (running >= atOnce) {
			if (waiting.length >= mostWaiting) throw new Refusal('access.busy');
			await new Promise<void>((go) => waiting.push(go));
		} else running++;
		try {
			return await work();
		} finally {
			// The place goes on to the next one, or is free.
			const next = waiting.shift();
			if (next) next();
			else running--;
		}
	};
	const tag = (password: string, nonce: Uint8Array, { memory, passes, parallelism }: Cost) =>
		inTurn(() =>
			derive('argon2id', {
				message: plainPassword(password),
				nonce,
				memory,
				passes,
				parallelism,
				tagLength: hashBytes,
			}),
		);
	/** Of nobody: so that a name that is not known costs as much as one that is. */
	const nobody = { ...spend, salt: randomBytes(16), hash: randomBytes(hashBytes) };
	return {
		async hash(password) {
			const salt = randomBytes(16);
			return phcOf({ ...spend, salt, hash: await tag(password, salt, spend) });
		},
		async fits(password, phc) {
			const kept = phc === undefined ? undefined : fromPhc(phc);
			const { salt, hash, ...spent } = kept ?? nobody;
			return timingSafeEqual(await tag(password, salt, spent), hash) && kept !== undefined;
		},
	};
}

interface Kept extends Cost {
	salt: Uint8Array;
	hash: Uint8Array;
}

const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');
const phcOf = ({ memory, passes, parallelism, salt, hash }: Kept) =>
	`$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
const phcForm = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;

/** What a PHC string holds; undefined for one that we have not written. */
function fromPhc(phc: string): Kept | undefined {
	const [, memory, passes, parallelism, salt = '', hash = ''] = phcForm.exec(phc) ?? [];
	if (memory === undefined) return undefined;
	return {
		memory: Number(memory),
		passes: Number(passes),
		parallelism: Number(parallelism),
		salt: Buffer.from(salt, 'base64'),
		hash: Buffer.from(hash, 'base64'),
	};
}
