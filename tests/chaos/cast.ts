import { v7 as uuidV7 } from 'uuid';
import { AskRefused, type Connection, openConnection } from '#client/live/connection.ts';
import { nodeSocket } from '#client/live/node.ts';
import { machineClock } from '#server/clock.ts';
import { type Lane, lanes } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import type { Seen, WrittenNote } from '#tests/chaos/verdict.ts';
import type { Installation } from '#tests/chaos/victim.ts';

/** Those who take part in the chaos, each with the typed client as pages and programs use it. */
export interface Troupe {
	connect(person: Person): Connection;
	/** The server is back: nobody waits out the back-off. */
	back(): void;
	close(): void;
}

export function troupe({ address, cookieOf }: Installation, random: () => number): Troupe {
	const clock = machineClock();
	const connections: Connection[] = [];
	const waiting = new Set<() => void>();
	return {
		connect(person) {
			const connection = openConnection({
				role: person.role,
				url: `${address.replace(/^http/, 'ws')}/live?as=${person.role}`,
				openSocket: nodeSocket(cookieOf(person)),
				clock,
				random,
				whenBack(back) {
					waiting.add(back);
					return () => waiting.delete(back);
				},
			});
			connections.push(connection);
			return connection;
		},
		back() {
			for (const back of waiting) back();
		},
		close() {
			for (const connection of connections) connection.close();
		},
	};
}

/** Resolves when the link is open; rejects when it is closed for good. */
export function linked({ link }: Connection): Promise<void> {
	return new Promise((resolve, reject) => {
		const look = () => {
			const state = link.get();
			if (state.at === 'open') resolve();
			else if (state.at === 'closed') reject(new Error(`hung up: ${state.reason}`));
			else return;
			stop();
		};
		const stop = link.subscribe(look);
		queueMicrotask(look);
	});
}

/** Somebody who writes one note after the other, each until it is acknowledged, as fast as the client lets them. */
export interface Writer {
	/** Puts down the pen; resolves when the last note is acknowledged. */
	stop(): Promise<void>;
}

export interface WriterNeeds {
	name: string;
	person: Person;
	connection: Connection;
	/** The session to write in now. */
	callId: () => string;
	random: (below: number) => number;
	wrote: (note: WrittenNote) => void;
	/** A note was sent that had been sent before. */
	again: () => void;
}

const pauseMs = 100;

export function writer({ name, person, connection, callId, random, wrote, again }: WriterNeeds): Writer {
	const open: readonly Lane[] = person.role === 'agent' ? ['private', 'team'] : lanes;
	let stopping = false;

	async function untilAcked(note: WrittenNote, text: string) {
		const { noteId, lane } = note;
		const command = { type: 'write-note', noteId, kind: 'observation', lane, text, anchorMs: 0 } as const;
		for (let tries = 1; !note.acked; tries++) {
			await linked(connection);
			if (tries > 1) again();
			try {
				await connection.ask(note.callId, command);
				note.acked = true;
			} catch (error) {
				if (!(error instanceof AskRefused) || !error.refusal.retry) throw error;
				await new Promise((resolve) => setTimeout(resolve, pauseMs));
			}
		}
	}
	const writing = (async () => {
		for (let count = 1; !stopping; count++) {
			const lane = open[random(open.length)] ?? 'team';
			const note = { noteId: uuidV7(), callId: callId(), writer: name, authorId: person.id, lane, acked: false };
			wrote(note);
			await untilAcked(note, `${name}, the ${count}.`);
		}
	})();
	return {
		stop() {
			stopping = true;
			return writing;
		},
	};
}

/** Somebody who looks at sessions; what they see is what stands on the screen, never loaded again. */
export interface Reader {
	watch(callId: string): void;
	seen(): Seen[];
}

/** Views one connection of a reader watches; a socket may have 16. */
const viewsPerConnection = 12;

export function reader(person: Person, how: 'live' | 'anew', connect: (person: Person) => Connection): Reader {
	const views = new Map<string, { get(): { notes: { noteId: string }[] } }>();
	let connection: Connection | undefined;
	return {
		watch(callId) {
			if (views.has(callId)) return;
			if (!connection || views.size % viewsPerConnection === 0) connection = connect(person);
			const view = connection.watch({ view: 'session', callId });
			view.subscribe(() => {});
			views.set(callId, view);
		},
		seen: () =>
			[...views].map(([callId, view]) => ({
				callId,
				by: { personId: person.id, role: person.role, how },
				noteIds: view.get().notes.map(({ noteId }) => noteId),
			})),
	};
}
