import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqliteAccess } from '#server/access/access-sqlite.ts';
import type { Person } from '#shared/people.ts';
import { type Keeping, redisKeeping, sqliteKeeping } from '#tests/chaos/keeping.ts';
import { type Spawned, spawned } from '#tests/support/spawned.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** A whole installation that can be killed: the server in a process of its own, and what it keeps its journal in. */
export interface Installation {
	/** The same over all kills. */
	readonly address: string;
	readonly twilioToken: string;
	cookieOf(person: Person): string;
	/** `kill -9` of the victim, and started again: the same port, the same data. Resolves when it is there again. */
	kill(): Promise<void>;
	/** The notes on record in the journal's order, read past Ycord; only once it is stopped. */
	notesOnRecord(): Promise<{ callId: string; noteId: string }[]>;
	/** Ends the server in good order; what it keeps stays until `remove`. */
	stop(): Promise<void>;
	remove(): Promise<void>;
}

export type Engine = 'sqlite' | 'redis';
export type Victim = 'server' | 'redis';
export interface InstallationOptions {
	engine: Engine;
	victim: Victim;
	people: readonly Person[];
}

const program = fileURLToPath(new URL('../../server/cli/ycord.mjs', import.meta.url));
const sessionMs = 24 * 3_600_000;

/** Starts it, with these people signed in. */
export async function installation({ engine, victim, people }: InstallationOptions): Promise<Installation> {
	const folder = await temporaryFolder();
	const data = join(folder.path, 'data');
	await mkdir(data);
	const peopleFile = join(folder.path, 'people.json');
	await writeFile(peopleFile, JSON.stringify({ people }));
	const cookies = signedIn(join(data, 'access.sqlite'), people);
	const twilioToken = randomBytes(16).toString('hex');
	const keeping: Keeping = engine === 'redis' ? await redisKeeping() : sqliteKeeping(join(data, 'journal.sqlite'));
	const env = {
		PATH: process.env.PATH ?? '',
		YCORD_DATA: data,
		YCORD_PEOPLE: peopleFile,
		YCORD_TWILIO_AUTH_TOKEN: twilioToken,
		YCORD_LOG_LEVEL: 'silent',
		...keeping.env,
	};

	async function started(port: string): Promise<{ server: Spawned; address: string }> {
		const server = spawned([program, 'start', '--port', port], env);
		let out = '';
		server.process.stdout.on('data', (text) => {
			out += text;
		});
		await server.says('on the line at');
		return { server, address: /http:\S+/.exec(out)?.[0] ?? '' };
	}

	let { server, address } = await started('0');
	return {
		address,
		twilioToken,
		cookieOf: ({ id, role }) => `ycord-${role}=${cookies.get(id)}`,
		async kill() {
			if (victim === 'redis') return keeping.kill();
			server.process.kill('SIGKILL');
			await server.ended;
			({ server, address } = await started(new URL(address).port));
		},
		notesOnRecord: keeping.notesOnRecord,
		async stop() {
			server.process.kill('SIGTERM');
			await server.ended;
		},
		async remove() {
			server.process.kill('SIGKILL');
			await server.ended;
			await keeping.remove();
			await folder.remove();
		},
	};
}

function signedIn(path: string, people: readonly Person[]): Map<string, string> {
	const access = sqliteAccess(path);
	const nowMs = Date.now();
	const terms = { nowMs, expiresAtMs: nowMs + sessionMs };
	const cookies = new Map(people.map(({ id }) => [id, access.openSession(id, terms)]));
	access.close();
	return cookies;
}
