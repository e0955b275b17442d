import { spawn, spawnSync } from 'node:child_process';

/** A process that a benchmark started. Whatever is asked of it fails when it ends, is too slow, or the run is aborted. */
export interface Child {
	/** Sends a message with an id of its own; resolves with what comes back under that id. */
	ask<Answer>(message: object, withinMs?: number): Promise<Answer>;
	/** Resolves with the first match in what it writes to stdout. */
	says(pattern: RegExp, withinMs?: number): Promise<RegExpMatchArray>;
	/** Asks it to leave, by its pid, and cuts it off if it does not. */
	stop(): Promise<void>;
}

export interface ChildOptions {
	/** How it is called in errors. */
	name: string;
	/** The program to run; Node unless told. */
	program?: string;
	/** What it is given: for Node flags, the program, its arguments. */
	args: readonly string[];
	env: Readonly<Record<string, string>>;
	/** The core it is held on. */
	core: number | undefined;
	signal: AbortSignal;
}

const patienceMs = 30_000;
const leaveWithinMs = 5000;
/** What is kept of its stderr, to say why it ended. */
const maxKeptText = 4000;

/** Starts a program on one core, with IPC. */
export function child({ name, program = process.execPath, args, env, core, signal }: ChildOptions): Child {
	const run = [program, ...args];
	const [first, ...rest] = core === undefined ? run : ['taskset', '-c', String(core), ...run];
	const started = spawn(first as string, rest, {
		env: { ...(process.env.PATH ? { PATH: process.env.PATH } : {}), ...env },
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
	});
	let out = '';
	let err = '';
	let asked = 0;
	let over: Error | undefined;
	const waiting = new Map<number, (answer: unknown, error?: Error) => void>();
	const readers = new Set<() => void>();

	const end = (error: Error) => {
		over ??= error;
		for (const settle of waiting.values()) settle(undefined, over);
	};
	const gone = new Promise<void>((resolve) => {
		started.on('error', (error) => {
			end(new Error(`${name} could not be started: ${error.message}`));
			resolve();
		});
		started.on('close', (code, by) => {
			end(new Error(`${name} ended (${by ?? code}): ${err.trim().slice(-1000) || 'it said nothing'}`));
			resolve();
		});
	});
	started.stdout?.setEncoding('utf8').on('data', (text: string) => {
		out = (out + text).slice(-maxKeptText);
		for (const read of readers) read();
	});
	started.stderr?.setEncoding('utf8').on('data', (text: string) => {
		err = (err + text).slice(-maxKeptText);
	});
	started.on('message', ({ id, answer, error }: { id: number; answer?: unknown; error?: string }) => {
		waiting.get(id)?.(answer, error === undefined ? undefined : new Error(`${name}: ${error}`));
	});
	const aborted = () => end(new Error('the run was interrupted'));
	signal.addEventListener('abort', aborted);

	/** A promise that also fails with the process, or after a while. */
	function awaited<T>(
		what: string,
		withinMs: number,
		begin: (settle: (value: T) => void, id: number) => void,
	): Promise<T> {
		const id = ++asked;
		return new Promise((resolve, reject) => {
			if (over) return reject(over);
			const late = setTimeout(() => settle(undefined, new Error(`${name} did not ${what} in time`)), withinMs);
			const settle = (value: unknown, error?: Error) => {
				clearTimeout(late);
				waiting.delete(id);
				if (error) reject(error);
				else resolve(value as T);
			};
			waiting.set(id, settle);
			begin(settle, id);
		});
	}

	return {
		ask: (message, withinMs = patienceMs) =>
			awaited('answer', withinMs, (_, id) => started.send({ ...message, id }, () => {})),
		async says(pattern, withinMs = patienceMs) {
			let read = () => {};
			try {
				return await awaited<RegExpMatchArray>(`say ${pattern}`, withinMs, (settle) => {
					read = () => {
						const match = out.match(pattern);
						if (match) settle(match);
					};
					readers.add(read);
					read();
				});
			} finally {
				readers.delete(read);
			}
		},
		async stop() {
			signal.removeEventListener('abort', aborted);
			if (started.exitCode !== null || started.signalCode !== null || started.pid === undefined) return gone;
			started.kill('SIGINT');
			const impatient = setTimeout(() => started.kill('SIGKILL'), leaveWithinMs);
			await gone;
			clearTimeout(impatient);
		},
	};
}

/** Two cores that this process may use, one for servers and one for the load; undefined where they cannot be had. */
export function twoCores(): [number, number] | undefined {
	const { status, stdout } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
	if (status !== 0) return undefined;
	const cores = (stdout.split(':').at(-1) ?? '').split(',').flatMap((part) => {
		const [from = Number.NaN, to = from] = part.split('-').map(Number);
		return Number.isInteger(from) && Number.isInteger(to)
			? Array.from({ length: to - from + 1 }, (_, index) => from + index)
			: [];
	});
	const [first, second] = cores;
	return first === undefined || second === undefined ? undefined : [first, second];
}
