import { machineClock } from '#server/clock.ts';
import type { SessionEvent } from '#server/domain/session.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { sessionsSince } from '#server/projections/checkpoint.ts';
import { nowhere, type SessionsCheckpoint } from '#server/projections/position.ts';
import { projector } from '#server/projections/projector.ts';
import { rebuildViews } from '#server/projections/rebuild.ts';
import { search } from '#server/projections/search.ts';
import { openViews } from '#server/projections/views.ts';
import { noteKinds } from '#shared/note.ts';
import type { CallRole, Person } from '#shared/people.ts';
import type { NoteSearch } from '#shared/rest.ts';
import type { Findings, Metric } from '#tests/bench/benchmark.ts';
import { randomNumbers } from '#tests/support/seed.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const notesPerCall = 40;
const frameMs = 20;
const vocabularySize = 3000;
/** Words of letters alone; the first ones are in every other note, the last ones hardly anywhere, as in what people write. */
const vocabulary = Array.from({ length: vocabularySize }, (_, n) =>
	(n * 7919 + 1013).toString(26).replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))),
);

/**
 * What the views cost: folding a journal of so many notes from zero, how late a 20 ms clock of the main thread (the
 * sound's) gets meanwhile, how long a search takes as one of many people, and a start with and without a checkpoint.
 */
export async function views(notes: number, searches: number, seed: number): Promise<Findings> {
	const random = randomNumbers(seed);
	const word = () => vocabulary[Math.floor(vocabularySize ** (random(10_000) / 10_000)) - 1] as string;
	const { path, remove } = await temporaryFolder();
	const journal = eventJournal(await sqliteJournal(`${path}/journal.sqlite`));
	try {
		await fill(journal, notes, random, word);
	} finally {
		await journal.close();
	}
	// Opened again, so that nothing of it is at hand.
	const opened = eventJournal(await sqliteJournal(`${path}/journal.sqlite`));
	const kept = await openViews(`${path}/views.sqlite`, opened);
	try {
		const late = lateness();
		const began = performance.now();
		const events = await rebuildViews(opened, kept, () => {});
		const perSecond = (events / (performance.now() - began)) * 1000;
		const lateMs = late();
		const { sessions } = await kept.ask('opened', undefined);
		const withMs = await startMs(opened, sessions);
		const withoutMs = await startMs(opened, { ...nowhere, held: [] });

		const clock = machineClock();
		const searching = search({ journal: opened, views: kept, clock, failed: () => {} });
		await searching.caughtUp();
		const tookMs: number[] = [];
		const asks: (() => NoteSearch)[] = [
			() => ({ q: word() }),
			() => ({ q: `${word()} ${word()}` }),
			() => ({ q: word().slice(0, 1 + random(2)) }),
			() => ({ q: 'the' }),
			() => ({ tag: word() }),
			() => ({ kind: 'pinhole' }),
		];
		for (let n = 0; n < searches; n++) {
			const person = crew[random(crew.length)] as Person;
			const asked = (asks[n % asks.length] as () => NoteSearch)();
			const before = performance.now();
			await searching.find(person, asked);
			tookMs.push(performance.now() - before);
		}
		await searching.stop();
		return {
			metrics: [
				metric('rebuild', perSecond, '1/s', true),
				metric('rebuild: 20 ms clock late p99', quantile(lateMs, 0.99), 'ms'),
				metric('search p50', quantile(tookMs, 0.5), 'ms'),
				metric('search p99', quantile(tookMs, 0.99), 'ms'),
				metric('start with a checkpoint', withMs, 'ms'),
				metric('start without', withoutMs, 'ms'),
			],
			notes: [
				`${events} events, ${notes} of them notes in ${Math.ceil(notes / notesPerCall)} calls of ${notesPerCall}`,
			],
		};
	} finally {
		await kept.close();
		await opened.close();
		await remove();
	}
}

const metric = (name: string, value: number, unit: string, higherIsBetter = false): Metric => ({
	name,
	value: Math.round(value * 100) / 100,
	unit,
	higherIsBetter,
});
const quantile = (values: number[], part: number) =>
	[...values].sort((one, other) => one - other)[Math.floor(values.length * part)] ?? 0;

const person = (role: Person['role'], n: number, teams: number): Person => ({
	id: `${role}-${n}`,
	name: `${role} ${n}`,
	role,
	team: `Team ${n % teams}`,
});
const people = (role: Person['role'], count: number) => Array.from({ length: count }, (_, n) => person(role, n, 10));
const [agents, executives, supervisors] = [people('agent', 50), people('executive', 97), people('supervisor', 10)];
const crew = [...agents, ...executives, ...supervisors];

async function fill(journal: Journal, notes: number, random: (below: number) => number, word: () => string) {
	let asked: Promise<unknown>[] = [];
	for (let call = 0; call * notesPerCall < notes; call++) {
		const at = <T>(of: T[]) => of[call % of.length] as T;
		const [agent, executive, supervisor] = [at(agents), at(executives), at(supervisors)];
		const facts = { gateway: 'test', rehearsal: false, label: `Call ${call}`, disclosure: 'notice' } as const;
		const listener = { id: executive.id, name: executive.name, role: 'executive' } as const;
		const written = (n: number): SessionEvent => {
			const author = [agent, executive, supervisor][random(3)] as Person & { role: CallRole };
			return {
				type: 'note-written',
				noteId: `note-${call}-${n}`,
				kind: noteKinds[random(noteKinds.length)] ?? 'praise',
				lane: author.role === 'agent' || random(2) === 0 ? 'team' : 'leadership',
				text: `the ${Array.from({ length: 12 }, word).join(' ')} #${word()}`,
				anchorMs: n * 1000,
				author,
			};
		};
		const events: SessionEvent[] = [
			{
				type: 'call-started',
				facts: { ...facts, agentId: agent.id, agentName: agent.name, team: agent.team },
			},
			{ type: 'invited', listeningId: `listening-${call}`, listener, secretHash: `${call}`, expiresAtMs: 1 },
			...Array.from({ length: notesPerCall }, (_, n) => written(n)),
			{ type: 'call-ended', reason: 'hung-up' },
		];
		const atMs = 1_767_225_600_000 + call * 1000;
		const entries = events.map((event) => ({ event, by: 'bench', atMs }));
		asked.push(journal.append(`test-${call}`, 0, entries));
		if (asked.length < 100) continue;
		await Promise.all(asked);
		asked = [];
	}
	await Promise.all(asked);
}

async function startMs(journal: Journal, from: SessionsCheckpoint): Promise<number> {
	const began = performance.now();
	const sessions = await sessionsSince(from, journal);
	const following = projector(journal, sessions.seq, sessions.fold);
	await following.caughtUp();
	const tookMs = performance.now() - began;
	await following.stop();
	return tookMs;
}

/** Watches a clock of 20 ms; gives back what stops it and says how late each of its rings was. */
function lateness(): () => number[] {
	const lateMs: number[] = [];
	let due = performance.now() + frameMs;
	const timer = setInterval(() => {
		lateMs.push(Math.max(0, performance.now() - due));
		due = performance.now() + frameMs;
	}, frameMs);
	return () => {
		clearInterval(timer);
		return lateMs;
	};
}
