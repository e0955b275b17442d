import { getEnvironmentData, Worker } from 'node:worker_threads';
import type { Answer, Asked, Given, Kind, Request } from '#server/journal/journal-sqlite-worker.ts';
import { Refusal } from '#shared/refusals.ts';

/** The thread that owns the database, as the main thread sees it. */
export interface JournalThread {
	/** The last position on record when the journal was opened. */
	readonly lastAtOpening: number;
	/** Refuses with `journal.unavailable`, with the reason as its `cause`, what the database or the thread cannot do. */
	ask<K extends Kind>(kind: K, what: Asked[K]): Promise<Given[K]>;
	/** Settles once the thread has gone, asked to or not. */
	readonly gone: Promise<void>;
}

/**
 * Under this name `setEnvironmentData` holds what `execArgv` a worker needs, where Node alone cannot load our files:
 * hooks of the main thread, such as the one that strips types under node_modules, are not a worker's.
 */
const workerArguments = 'ycord:worker-exec-argv';

/** Opens the journal at `path` on a thread of its own; throws an Error that says why it cannot be opened. */
export async function journalThread(path: string): Promise<JournalThread> {
	const execArgv = getEnvironmentData(workerArguments) as string[] | undefined;
	const worker = new Worker(new URL('./journal-sqlite-worker.ts', import.meta.url), {
		workerData: path,
		name: 'journal',
		...(execArgv && { execArgv }),
	});
	const open = new Map<number, { resolve(given: never): void; reject(error: Error): void }>();
	let nextId = opening + 1;
	let over: string | undefined;
	const end = (reason: string) => {
		over ??= reason;
		for (const [id, { reject }] of open) reject(failure(id, over));
		open.clear();
	};

	const send = <K extends Kind>(id: number, request?: Request<K>) =>
		new Promise<Given[K]>((resolve, reject) => {
			open.set(id, { resolve, reject });
			if (request) worker.postMessage(request);
		});
	worker.on('message', (answer: Answer) => {
		const asker = open.get(answer.id);
		open.delete(answer.id);
		if ('failed' in answer) asker?.reject(failure(answer.id, answer.failed));
		else asker?.resolve(answer.given as never);
	});
	worker.on('error', (error) =>
		end(`the thread of the journal failed: ${error instanceof Error ? error.message : ''}`),
	);
	const gone = new Promise<void>((resolve) => {
		worker.on('exit', () => {
			end('the thread of the journal has ended');
			resolve();
		});
	});

	return {
		lastAtOpening: await send<'last'>(opening),
		async ask(kind, what) {
			if (over !== undefined) throw unavailable(over);
			const id = nextId++;
			return send(id, { id, kind, what });
		},
		gone,
	};
}

/** The opening is answered to whoever starts the server, everything later to whoever uses it. */
const opening = 0;
const failure = (id: number, reason: string) => (id === opening ? new Error(reason) : unavailable(reason));

/** The refusal people see, with what an operator needs to know as its cause. */
export function unavailable(reason: string): Refusal {
	const refusal = new Refusal('journal.unavailable');
	refusal.cause = reason;
	return refusal;
}
