import { v7 as uuidV7 } from 'uuid';
import type { Connection } from '#client/live/connection.ts';
import type { Person } from '#shared/people.ts';
import { delayCount } from '#tests/bench/delay-count.ts';
import { calls } from '#tests/chaos/calls.ts';
import { linked, troupe } from '#tests/chaos/cast.ts';
import { pause, until } from '#tests/chaos/until.ts';
import { type Engine, installation } from '#tests/chaos/victim.ts';

/** One round's delays in ms: from giving a note to the client to its answer, and to its place on another's screen. */
export interface Delays {
	safe: { p50: number; p99: number };
	seen: { p50: number; p99: number };
}

export interface DelayPace {
	rounds: number;
	roundMs: number;
	warmUpMs: number;
}

const connections = 64;
const connectionsOfOneCall = 8;
/** Steady, and far from what the server can take: a delay is to be the path's, not a queue's. */
export const notesPerSecond = 128;
const everyMs = (connections / notesPerSecond) * 1000;

const agent: Person = { id: 'ann', name: 'Ann Agent', role: 'agent', team: 'Orders' };
const supervisors: Person[] = Array.from({ length: connectionsOfOneCall - 1 }, (_, place) => ({
	id: `supervisor-${place + 1}`,
	name: `Supervisor ${place + 1}`,
	role: 'supervisor',
	team: 'Orders',
}));

/** The next one in the same call. */
const neighbourOf = (index: number) => {
	const place = index % connectionsOfOneCall;
	return index - place + ((place + 1) % connectionsOfOneCall);
};

/** The whole house in a process of its own; 64 typed clients write, and each reads what the others of its call write. */
export async function delays(engine: Engine, pace: DelayPace): Promise<Delays[]> {
	const place = await installation({ engine, victim: 'server', people: [agent, ...supervisors] });
	const stage = troupe(place, Math.random);
	try {
		const callIds = await calls(place, stage, agent, [], connections / connectionsOfOneCall);
		const [safe, seen] = [delayCount(), delayCount()];
		/** Notes on their way to whom they are looked for at: the writer's neighbour in the call. */
		const given = new Map<string, { atMs: number; reader: number }>();
		const tabs = callIds.flatMap((callId) =>
			[agent, ...supervisors].map((person) => ({ callId, connection: stage.connect(person) })),
		);
		for (const [index, { callId, connection }] of tabs.entries()) {
			await linked(connection);
			const view = connection.watch({ view: 'session', callId });
			let known = 0;
			view.subscribe(() => {
				const { notes } = view.get();
				for (const { noteId } of notes.slice(known)) {
					const note = given.get(noteId);
					if (note?.reader !== index) continue;
					given.delete(noteId);
					seen.add((performance.now() - note.atMs) * 1000);
				}
				known = notes.length;
			});
			await until(() => view.get().ready, 'a view was there');
		}

		const write = async (connection: Connection, callId: string, index: number) => {
			const noteId = uuidV7();
			const atMs = performance.now();
			given.set(noteId, { atMs, reader: neighbourOf(index) });
			const text = 'The agent had to ask permission again before the refund could be booked.';
			const note = { noteId, kind: 'observation', lane: 'team', text, anchorMs: 0 } as const;
			await connection.ask(callId, { type: 'write-note', ...note });
			safe.add((performance.now() - atMs) * 1000);
		};
		const underWay = new Set<Promise<void>>();
		const timers = tabs.map(({ callId, connection }, index) => {
			const next = () => {
				const writing = write(connection, callId, index).finally(() => underWay.delete(writing));
				underWay.add(writing);
			};
			let stop = () => {};
			const first = setTimeout(
				() => {
					const timer = setInterval(next, everyMs);
					stop = () => clearInterval(timer);
				},
				(index / tabs.length) * everyMs,
			);
			return () => {
				clearTimeout(first);
				stop();
			};
		});
		await pause(pace.warmUpMs);
		const found: Delays[] = [];
		for (let round = 0; round < pace.rounds; round++) {
			safe.clear();
			seen.clear();
			await pause(pace.roundMs);
			const of = (count: typeof safe) => ({ p50: count.percentileMs(0.5), p99: count.percentileMs(0.99) });
			found.push({ safe: of(safe), seen: of(seen) });
		}
		for (const stop of timers) stop();
		await Promise.all(underWay);
		return found;
	} finally {
		stage.close();
		await place.remove();
	}
}
