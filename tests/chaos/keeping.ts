import { DatabaseSync } from 'node:sqlite';
import { testRedis } from '#tests/support/redis.ts';

/** What an installation keeps its journal in, seen from outside: nothing here is Ycord's own code. */
export interface Keeping {
	/** What the server is told of it. */
	env: Record<string, string>;
	notesOnRecord(): Promise<{ callId: string; noteId: string }[]>;
	/** `kill -9`, and started again; where it is a process of its own. */
	kill(): Promise<void>;
	remove(): Promise<void>;
}

const noteIn = (stream: unknown, body: unknown) => ({
	callId: String(stream),
	noteId: String(JSON.parse(String(body)).noteId),
});

export const sqliteKeeping = (path: string): Keeping => ({
	env: {},
	async notesOnRecord() {
		const database = new DatabaseSync(path, { readOnly: true });
		const rows = database.prepare("SELECT stream, body FROM event WHERE type = 'note-written' ORDER BY seq").all();
		database.close();
		return rows.map(({ stream, body }) => noteIn(stream, body));
	},
	kill: () => Promise.reject(new Error('SQLite is no process of its own')),
	remove: async () => {},
});

const site = 'chaos';
const pageLength = 1000;

/** A redis-server of its own with `appendfsync always`, read by a client that has nothing to do with Ycord's. */
export async function redisKeeping(): Promise<Keeping> {
	const redis = await testRedis();
	return {
		env: { YCORD_REDIS: redis.url, YCORD_SITE: site },
		async notesOnRecord() {
			const witness = await redis.witness();
			const notes: { callId: string; noteId: string }[] = [];
			let from = '-';
			for (;;) {
				const page = (await witness.xRange(`ycord:{${site}}:journal`, from, '+', { COUNT: pageLength })) ?? [];
				for (const { message } of page) {
					const { stream, type } = JSON.parse(String(message.about));
					if (type === 'note-written') notes.push(noteIn(stream, message.body));
				}
				if (page.length < pageLength) return notes;
				from = `(${page.at(-1)?.id}`;
			}
		},
		async kill() {
			await redis.kill();
			await redis.start();
		},
		remove: redis.remove,
	};
}
