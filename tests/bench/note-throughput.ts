import { randomBytes } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';
import { type Ask, asking } from '#server/ask.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { RecordedText } from '#server/journal/journal.ts';
import { keyBytes, type SealKey, type Seals, sealKey } from '#server/journal/seal.ts';
import { projector } from '#server/projections/projector.ts';
import { sessions } from '#server/projections/sessions.ts';
import type { Person } from '#shared/people.ts';
import type { EngineTrial } from '#tests/bench/note-engines.ts';
import { callStarted } from '#tests/support/given.ts';

/** One round, a second: notes acknowledged through `ask`, the journal's part of that, and the same appends bare. */
export interface Round {
	notes: number;
	/** Single sealed appends, one call a writer: what the journal does of it, without deciding and folding. */
	appends: number;
	bare: number;
	oneAtATime: number;
}

export const writers = 64;
/** Four writers share a call, and none holds as many notes as a call may. */
const writersOfOneCall = 4;
/** More than are written. */
const maxNotesPerMs = 60;
const agent = { id: 'ann', name: 'Ann Agent', role: 'agent', team: 'Orders' } as const satisfies Person;
const authors: readonly Person[] = [
	agent,
	{ id: 'sue', name: 'Sue Supervisor', role: 'supervisor', team: 'Orders' },
	{ id: 'sam', name: 'Sam Supervisor', role: 'supervisor', team: 'Orders' },
];

/** Measures the same time through the house's own code and bare, one right after the other. */
export async function throughput(trial: EngineTrial, runMs: number, isReversed: boolean): Promise<Round> {
	const { notes, rows } = await acknowledged(trial, runMs);
	const appends = await appended(trial, runMs);
	const perSecond = async (atOnce: number) => ((await trial.bare(rows, atOnce, runMs)) / runMs) * 1000;
	const order = trial.bareAtOnce === 1 ? [1] : isReversed ? [1, trial.bareAtOnce] : [trial.bareAtOnce, 1];
	const found = new Map<number, number>();
	for (const atOnce of order) found.set(atOnce, await perSecond(atOnce));
	return { notes, appends, bare: found.get(trial.bareAtOnce) ?? 0, oneAtATime: found.get(1) ?? 0 };
}

/** Decided, sealed, on record and in the views: what a note goes through but for the socket. */
async function acknowledged(trial: EngineTrial, runMs: number): Promise<{ notes: number; rows: RecordedText[] }> {
	const engine = await trial.journal();
	const journal = eventJournal(engine, seals());
	const views = sessions({ read: journal.read });
	const following = projector(journal, 0, views.fold);
	const ask = asking({
		journal,
		findPerson: (id) => authors.find((one) => one.id === id),
		now: Date.now,
		newSecret: () => ({ secret: '', hash: '' }),
		recorded: () => {},
		shut: () => () => {},
		asked() {
			throw new Error('no survey here');
		},
	});
	if (callStarted.type !== 'call-started') throw new Error('a call begins with call-started');
	const event = { ...callStarted, facts: { ...callStarted.facts, agentId: agent.id } };
	const callIds = Array.from({ length: writers / writersOfOneCall }, (_, place) => `bench-${place + 1}`);
	for (const callId of callIds) await journal.append(callId, 0, [{ event, by: 'gateway:bench', atMs: Date.now() }]);

	// The author's tab names a note, so that is not counted.
	const ids = Array.from({ length: (maxNotesPerMs * runMs) | 0 }, () => uuidV7());
	const begin = performance.now();
	let notes = 0;
	const write = async (author: Person, callId: string) => {
		while (performance.now() - begin < runMs) {
			await writeNote(ask, author, callId, ids.pop() ?? uuidV7());
			notes++;
		}
	};
	await Promise.all(
		Array.from({ length: writers }, (_, place) =>
			write(authors[place % authors.length] ?? agent, callIds[place % callIds.length] ?? ''),
		),
	);
	await following.caughtUp();
	const perSecond = (notes / (performance.now() - begin)) * 1000;
	const rows = (await engine.read(callIds[0] ?? '')).slice(1);
	await following.stop();
	await journal.close();
	return { notes: perSecond, rows };
}

/** The journal alone: every writer appends a note after the other to a call of its own. */
async function appended(trial: EngineTrial, runMs: number): Promise<number> {
	const engine = await trial.journal();
	const journal = eventJournal(engine, seals());
	const { id, name, role } = agent;
	const shape = {
		type: 'note-written',
		kind: 'observation',
		lane: 'team',
		anchorMs: 1000,
		author: { id, name, role },
	} as const;
	const ids = Array.from({ length: (maxNotesPerMs * runMs) | 0 }, () => uuidV7());
	const begin = performance.now();
	let count = 0;
	const write = async (callId: string) => {
		for (let version = 0; performance.now() - begin < runMs; version++) {
			const event = { ...shape, noteId: ids.pop() ?? uuidV7(), text: words };
			await journal.append(callId, version, [{ event, by: id, atMs: Date.now() }]);
			count++;
		}
	};
	await Promise.all(Array.from({ length: writers }, (_, place) => write(`bench-${place + 1}`)));
	const perSecond = (count / (performance.now() - begin)) * 1000;
	await journal.close();
	return perSecond;
}

const words = 'The agent had to ask permission again before the refund could be booked.';
const writeNote = (ask: Ask, author: Person, callId: string, noteId: string) =>
	ask.person(author, callId, {
		type: 'write-note',
		noteId,
		kind: 'observation',
		lane: 'team',
		text: words,
		anchorMs: 1000,
	});

/** A key a call, as a key store has it at hand. */
function seals(): Seals {
	const keys = new Map<string, SealKey>();
	return {
		known: (stream) => keys.get(stream),
		async find(stream) {
			const key = keys.get(stream) ?? sealKey(randomBytes(keyBytes));
			keys.set(stream, key);
			return key;
		},
	};
}
