import { getEnvironmentData, Worker } from 'node:worker_threads';
import type { Answer, Lifetime, Operations } from '#server/sqlite/serve.ts';

/** A database on a thread of its own, as the main thread sees it. */
export interface SqliteThread<O extends Operations & Lifetime> {
	/** What the database told of itself when it was opened. */
	readonly opened: ReturnType<O['opened']>;
	/** Rejects with an Error that says why, in SQLite's own words, what the database or the thread cannot do. */
	ask<K extends keyof O & string>(kind: K, what: Parameters<O[K]>[0]): Promise<ReturnType<O[K]>>;
	/** Settles once the thread has gone, asked to or not. */
	readonly gone: Promise<void>;
}

/**
 * Under this name `setEnvironmentData` holds what `execArgv` a worker needs, where Node alone cannot load our files:
 * hooks of the main thread, such as the one that strips types under node_modules, are not a worker's.
 */
const workerArguments = 'ycord:worker-exec-argv';
const opening = 0;

/**
 * Opens the database at `path` on a thread that runs `file`, for SQLite blocks: for milliseconds when the disk is slow,
 * and the sound of the calls must go on. Throws an Error that says why it cannot be opened.
 */
export async function sqliteThread<O extends Operations & Lifetime>(
	file: URL,
	path: string,
	name: string,
): Promise<SqliteThread<O>> {
	const execArgv = getEnvironmentData(workerArguments) as string[] | undefined;
	const worker = new Worker(file, { workerData: path, name, ...(execArgv && { execArgv }) });
	const open = new Map<number, { resolve(given: never): void; reject(error: Error): void }>();
	let nextId = opening + 1;
	let over: string | undefined;
	const end = (reason: string) => {
		over ??= reason;
		for (const { reject } of open.values()) reject(new Error(over));
		open.clear();
	};
	const asked = <T>(id: number, send: () => void) =>
		new Promise<T>((resolve, reject) => {
			open.set(id, { resolve, reject });
			send();
		});
	worker.on('message', (answer: Answer) => {
		const asker = open.get(answer.id);
		open.delete(answer.id);
		if ('failed' in answer) asker?.reject(new Error(answer.failed));
		else asker?.resolve(answer.given as never);
	});
	worker.on('error', (error) =>
		end(`the thread of the ${name} failed: ${error instanceof Error ? error.message : ''}`),
	);
	const gone = new Promise<void>((resolve) => {
		worker.on('exit', () => {
			end(`the thread of the ${name} has ended`);
			resolve();
		});
	});

	return {
		opened: await asked(opening, () => {}),
		async ask(kind, what) {
			if (over !== undefined) throw new Error(over);
			const id = nextId++;
			return asked(id, () => worker.postMessage({ id, kind, what }));
		},
		gone,
	};
}
