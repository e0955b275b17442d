import { request } from 'node:http';
import { controlPath } from '#server/control/control-socket.ts';
import { Refusal, type RefusalAnswer } from '#shared/refusals.ts';

/**
 * Asks the server that runs on this data folder. Undefined when none runs. Rejects with the Refusal it answered, or with
 * the system's own error when the socket may not be opened.
 */
export function askControl<T>(data: string, command: string, asked: unknown = {}): Promise<T | undefined> {
	return new Promise((resolve, reject) => {
		const asking = request({ socketPath: controlPath(data), path: command, method: 'POST' }, async (response) => {
			try {
				let text = '';
				for await (const part of response.setEncoding('utf8')) text += part;
				if (response.statusCode === 200) return resolve(JSON.parse(text));
				const { code, message } = JSON.parse(text) as RefusalAnswer;
				reject(Object.assign(new Refusal(code), { message }));
			} catch (error) {
				reject(error);
			}
		});
		asking.on('error', (error: NodeJS.ErrnoException) => {
			// Never there, left by a server that was killed, or a name that is too long for a socket.
			if (['ENOENT', 'ECONNREFUSED', 'EINVAL'].includes(error.code ?? '')) resolve(undefined);
			else reject(error);
		});
		asking.end(JSON.stringify(asked));
	});
}
