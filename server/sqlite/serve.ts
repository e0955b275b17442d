import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** What a database on a thread can be asked to do, by name: each takes one value and gives one, both of which can be copied. */
// biome-ignore lint/suspicious/noExplicitAny: any operation fits, whatever it takes; `sqliteThread` gives each its own type back.
export type Operations = Record<string, (what: any) => unknown>;

/** Every database has these: what is told of it at its opening, and how it is let go of. */
export interface Lifetime {
	/** What the main thread is told when the database is open. */
	opened(): unknown;
	/** The last thing that is asked. */
	close(what: undefined): void;
}

export interface Request {
	id: number;
	kind: string;
	what: unknown;
}
/** `id` 0 is the answer to the opening. */
export type Answer = { id: number; given: unknown } | { id: number; failed: string };

/** A worker's whole life: opens the database it was started for, then does what it is asked in the order it is asked. */
export function serve(name: string, open: (path: string) => Operations & Lifetime): void {
	if (!parentPort) return;
	const port = parentPort;
	const path = String(workerData);
	const answer = (one: Answer) => port.postMessage(one);
	let operations: Operations & Lifetime;
	try {
		operations = open(path);
		answer({ id: 0, given: operations.opened() });
	} catch (error) {
		const bySqlite = error instanceof Error && 'errstr' in error;
		const reason = bySqlite ? `The ${name} ${path} cannot be opened: ${error.errstr}.` : reasonOf(error);
		answer({ id: 0, failed: reason });
		return;
	}
	port.on('message', ({ id, kind, what }: Request) => {
		try {
			answer({ id, given: operations[kind]?.(what) });
		} catch (error) {
			answer({ id, failed: reasonOf(error) });
		}
		if (kind === 'close') port.close();
	});
}

/** What SQLite says of an error in its own constant words, without the values it was about. */
export function reasonOf(error: unknown): string {
	if (error instanceof Error && 'errstr' in error) return String(error.errstr);
	return error instanceof Error ? error.message : 'unknown';
}

/**
 * Keeps a second process off the database at `path` for as long as this process lives; the system lets go of it even
 * after `kill -9`. Gives back what lets go of it. Throws an Error that names what is `kept`.
 */
export function ownerOf(path: string, kept: string): () => void {
	if (path === ':memory:') return () => {};
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
	try {
		lock.exec('BEGIN EXCLUSIVE');
	} catch (error) {
		lock.close();
		if (reasonOf(error) !== 'database is locked') throw error;
		throw new Error(`Another Ycord is running on the ${kept} ${path}. Stop it first, or choose another data folder.`);
	}
	return () => lock.close();
}
