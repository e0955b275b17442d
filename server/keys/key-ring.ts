import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CannotStart } from '#server/cannot-start.ts';
import { keyBytes } from '#server/journal/seal.ts';
import type { KeyStore } from '#server/keys/keys.ts';
import { fingerprintOf, type MasterKey, masterKey } from '#server/keys/master-key.ts';
import { checkId } from '#server/keys/rotation.ts';
import { type Sealing, sealing } from '#server/keys/sealing.ts';

/** Everything about keys that a running house has. */
export interface KeyRing {
	store: KeyStore;
	master: MasterKey;
	sealing: Sealing;
	/** The store was empty: whatever was sealed before cannot be read. */
	isNew: boolean;
	/** The file beside the data that the master key came from, if it was no setting. */
	keyFile: string | undefined;
}

/** What of the settings is about keys. */
export interface KeySettings {
	data: string;
	masterKey?: string;
	masterKeyOld?: string;
}

/**
 * Finds the master key, in the settings or in a file in the data folder that the first start makes, and tries it on the
 * store's check value. Throws CannotStart when it is gone, or is not the one that wrapped these keys.
 */
export async function keyRing(store: KeyStore, settings: KeySettings): Promise<KeyRing> {
	const wrapped = await store.find(checkId);
	const keyFile = settings.masterKey === undefined ? join(settings.data, 'master.key') : undefined;
	const today = settings.masterKey ?? keyFromFile(keyFile as string, wrapped !== undefined);
	const master = masterKey(today, settings.masterKeyOld);
	// Of two nodes that start on an empty store at once, the second tries its key on the value of the first.
	const check = wrapped ?? (await store.keep(checkId, master.wrap(checkId, randomBytes(keyBytes))));
	try {
		master.unwrap(checkId, check ?? '');
	} catch (error) {
		const given = `${keyFile ?? 'YCORD_MASTER_KEY'} (${master.fingerprint})`;
		throw new CannotStart(
			`The master key in ${given} does not open the store of the calls’ keys: its check value ${(error as Error).message}. ` +
				'Give the right one; or, to change it, give the old one too, in YCORD_MASTER_KEY_OLD, and run `ycord keys rotate`.',
		);
	}
	return { store, master, sealing: sealing(store, master), isNew: wrapped === undefined, keyFile };
}

function keyFromFile(path: string, mustBeThere: boolean): string {
	const found = textOf(path);
	if (found === undefined && mustBeThere)
		throw new CannotStart(
			`The master key ${path} is gone. Put it back, or give it in YCORD_MASTER_KEY: nothing personal can be read without it.`,
		);
	const text = found ?? newKeyFile(path);
	try {
		fingerprintOf(text);
		return text;
	} catch {
		throw new CannotStart(`${path} does not hold a master key, which is ${keyBytes} bytes in base64.`);
	}
}

function textOf(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8').trim();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT') return undefined;
		throw new CannotStart(`The master key ${path} cannot be read (${code}).`);
	}
}

/** On the disk before anything is wrapped with it. */
function newKeyFile(path: string): string {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const text = randomBytes(keyBytes).toString('base64');
	const file = openSync(path, 'wx', 0o600);
	writeSync(file, `${text}\n`);
	fsyncSync(file);
	closeSync(file);
	// Its name too, where the system has folders that can be opened.
	try {
		const folder = openSync(dirname(path), 'r');
		fsyncSync(folder);
		closeSync(folder);
	} catch {}
	return text;
}
