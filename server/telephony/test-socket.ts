import { WebSocket } from 'ws';

/** A WebSocket to our own door, for a test call. */
export interface TestSocket {
	send(message: object | Uint8Array): void;
	/** Why the door hung up, in words; undefined while it has not. */
	readonly refusal: string | undefined;
	/** Says goodbye, and resolves when the connection is gone. */
	close(): Promise<void>;
}

/** How long the other end may take to say goodbye. */
const goodbyeMs = 1000;

/**
 * Opens our own door as a platform would. Rejects with an Error that says in words why the door was not opened: a refusal
 * before the upgrade is answered in JSON, with our own text.
 */
export async function testSocket(url: string, headers: Record<string, string>, protocol?: string): Promise<TestSocket> {
	const socket = new WebSocket(url, protocol === undefined ? [] : [protocol], { headers });
	let refusal: string | undefined;
	const gone = new Promise<void>((resolve) => {
		socket.on('close', (code, reason) => {
			refusal = `Ycord hung up: ${reason.toString() || 'without a word'} (${code}).`;
			resolve();
		});
	});
	await new Promise<void>((resolve, reject) => {
		socket.once('open', resolve);
		socket.once('unexpected-response', (_request, response) => {
			let body = '';
			response.setEncoding('utf8').on('data', (part) => {
				body += part;
			});
			response.on('end', () => {
				socket.terminate();
				reject(new Error(`Ycord did not open its door (${response.statusCode}): ${textIn(body)}`));
			});
		});
		// Also what an abrupt end says later, which is told as the hang-up.
		socket.on('error', (error) =>
			reject(new Error(`Ycord’s own address cannot be reached from this machine: ${error.message}`)),
		);
	});
	return {
		send(message) {
			if (socket.readyState !== socket.OPEN) return;
			socket.send(message instanceof Uint8Array ? message : JSON.stringify(message));
		},
		get refusal() {
			return refusal;
		},
		async close() {
			const cut = setTimeout(() => socket.terminate(), goodbyeMs);
			socket.close(1000);
			await gone;
			clearTimeout(cut);
		},
	};
}

function textIn(body: string): string {
	try {
		return String(JSON.parse(body).message);
	} catch {
		return 'no reason was given.';
	}
}
