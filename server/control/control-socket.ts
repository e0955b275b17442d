import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join, relative } from 'node:path';
import { Refusal, refusalAnswer, refusals } from '#shared/refusals.ts';

/** What whoever runs the house can ask of it while it runs, by path: given JSON, gives JSON, or refuses by name. */
export type ControlCommands = Readonly<Record<string, (asked: unknown) => Promise<unknown>>>;

/** Commands that run at once; more are told to come back. [B1] */
const maxAtOnce = 8;
const maxBodyBytes = 16_384;

/** The way in for operators: in the data folder, so that whoever may read the data may ask. */
export const controlPath = (data: string) => shorter(join(data, 'control.sock'));

/** Unix sockets have short names: from here, it may fit. */
function shorter(path: string): string {
	const fromHere = relative(process.cwd(), path);
	return fromHere.length < path.length ? fromHere : path;
}

/**
 * Opens the control socket: HTTP on a Unix socket that only its owner may open, POST with JSON. One that a killed server
 * has left is taken over, for the journal's lock says that nobody runs. Gives back what closes it. Rejects when the
 * system cannot open it, as where its name is too long.
 */
export async function controlSocket(path: string, commands: ControlCommands): Promise<() => Promise<void>> {
	let running = 0;
	const server = createServer(async (request, response) => {
		const say = (status: number, what: unknown) => {
			response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(what));
		};
		if (running >= maxAtOnce) return say(429, refusalAnswer(new Refusal('request.too-many')));
		running++;
		try {
			const command = Object.hasOwn(commands, request.url ?? '') ? commands[request.url ?? ''] : undefined;
			if (!command || request.method !== 'POST') throw new Refusal('request.not-found');
			say(200, (await command(await bodyOf(request))) ?? {});
		} catch (error) {
			const answer = refusalAnswer(error);
			say(refusals[answer.code].status, answer);
		} finally {
			running--;
		}
	});
	server.requestTimeout = 15_000;
	rmSync(path, { force: true });
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject).listen(path, () => resolve());
	});
	chmodSync(path, 0o600);
	server.unref();
	return () =>
		new Promise((resolve) => {
			server.close(() => resolve());
			server.closeIdleConnections();
		});
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
	const parts: Buffer[] = [];
	let bytes = 0;
	for await (const part of request) {
		bytes += part.length;
		if (bytes > maxBodyBytes) throw new Refusal('request.too-large', '16 KiB');
		parts.push(part);
	}
	try {
		return bytes === 0 ? {} : JSON.parse(Buffer.concat(parts).toString('utf8'));
	} catch {
		throw new Refusal('request.malformed', 'the body is not JSON');
	}
}
