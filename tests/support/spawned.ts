import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/** A real process, with what it says and how it ends. */
export interface Spawned {
	readonly process: ChildProcessWithoutNullStreams;
	readonly ended: Promise<Ending>;
	/** Resolves once the process has said this; rejects when it ends without. */
	says(text: string): Promise<void>;
}

/** How a process ended, and everything it said. */
export interface Ending {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly out: string;
	readonly err: string;
}

/** Starts Node with these arguments and this environment, and nothing of the environment around it. */
export function spawned(args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): Spawned {
	const child = spawn(process.execPath, args, { env, cwd });
	let out = '';
	let err = '';
	const listeners = new Set<() => void>();
	child.stdout.setEncoding('utf8').on('data', (text) => {
		out += text;
		for (const listener of listeners) listener();
	});
	child.stderr.setEncoding('utf8').on('data', (text) => {
		err += text;
		for (const listener of listeners) listener();
	});
	const ended = new Promise<Ending>((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code, signal) => resolve({ code, signal, out, err }));
	});
	const says = (text: string) =>
		new Promise<void>((resolve, reject) => {
			const listener = () => {
				if (`${out}${err}`.includes(text)) resolve();
			};
			listeners.add(listener);
			listener();
			ended.then((ending) => reject(new Error(`ended without saying ${text}: ${JSON.stringify(ending)}`)), reject);
		});
	return { process: child, ended, says };
}
