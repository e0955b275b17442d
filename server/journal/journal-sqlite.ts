import type { SessionEvent } from '#server/domain/session.ts';
import type { Journal, Recorded } from '#server/journal/journal.ts';
import { journalThread, unavailable } from '#server/journal/journal-sqlite-thread.ts';
import type { AppendWork, Outcome, Row } from '#server/journal/journal-sqlite-worker.ts';
import { tail } from '#server/journal/tail.ts';
import { upcast, versionOf } from '#server/journal/upcast.ts';
import { Refusal } from '#shared/refusals.ts';

/** Appends that may wait for the disk; the next ones are refused with `journal.full`. [B1] */
export const maxWaiting = 10_000;
/** Appends in one commit: more of them would hold up reads here, and the sound of the calls when they are answered. */
const maxInGroup = 200;
/** Events read at once: few enough to become objects between two frames of sound. */
const pageLength = 250;
/** Reads under way at once; the next ones are refused with `journal.full`. [B1] */
const maxReads = 10_000;

interface Waiting {
	work: AppendWork;
	resolve(records: Recorded[]): void;
	reject(error: Error): void;
}

/**
 * The embedded engine: one SQLite database at `path` (`:memory:` for one that goes with the process), for one server at
 * a time. Whatever is appended while a commit runs goes into the next one, and nobody is answered before the commit is
 * on the disk. The database blocks, for milliseconds when the disk is slow, so it has a thread of its own and the sound
 * of the calls goes on. Throws an Error that says why, if the journal cannot be opened.
 */
export async function sqliteJournal(path: string): Promise<Journal> {
	const thread = await journalThread(path);
	const newest = tail(thread.lastAtOpening);
	const waiting: Waiting[] = [];
	let reads = 0;
	let underWay = 0;
	let planned: NodeJS.Immediate | undefined;
	let closing: Promise<void> | undefined;
	thread.gone.then(newest.end);

	/** At the end of this turn of the event loop, so that everything which arrives in one turn is one commit. */
	function plan() {
		if (waiting.length > 0 && underWay === 0) planned ??= setImmediate(commitNext);
	}

	async function commitNext() {
		planned = undefined;
		const group = waiting.splice(0, maxInGroup);
		underWay++;
		try {
			const outcomes = await thread.ask(
				'commit',
				group.map(({ work }) => work),
			);
			settle(group, outcomes);
		} catch (error) {
			for (const { reject } of group) reject(error as Error);
		}
		underWay--;
		plan();
	}

	function settle(group: readonly Waiting[], outcomes: readonly Outcome[]) {
		for (const [place, { work, resolve, reject }] of group.entries()) {
			const outcome = outcomes[place] as Outcome;
			if (outcome.at !== 'recorded') {
				reject(outcome.at === 'conflict' ? new Refusal('journal.conflict') : unavailable(outcome.reason));
				continue;
			}
			const records = work.events.map(([type, typeVersion, body], index) =>
				recorded([
					outcome.seq + index,
					work.stream,
					work.expected + index + 1,
					work.by,
					work.atMs,
					type,
					typeVersion,
					body,
				]),
			);
			newest.add(records);
			resolve(records);
		}
	}

	async function reading<T>(read: () => Promise<T>): Promise<T> {
		if (reads >= maxReads) throw new Refusal('journal.full');
		reads++;
		try {
			return await read();
		} finally {
			reads--;
		}
	}

	return {
		async append(stream, expected, events, by, atMs) {
			if (closing) throw unavailable('the journal is closed');
			if (waiting.length >= maxWaiting) throw new Refusal('journal.full');
			const work = { stream, expected, by, atMs, events: events.map(asText) };
			return new Promise<Recorded[]>((resolve, reject) => {
				waiting.push({ work, resolve, reject });
				plan();
			});
		},
		read(stream) {
			return reading(async () => {
				const records: Recorded[] = [];
				let page: Row[];
				do {
					page = await thread.ask('stream', { stream, after: records.length, limit: pageLength });
					for (const row of page) records.push(recorded(row));
				} while (page.length === pageLength);
				return records;
			});
		},
		async *follow(seq, signal) {
			let at = seq;
			while (!signal.aborted && !closing) {
				const page = newest.after(at) ?? (await thread.ask('order', { after: at, limit: pageLength })).map(recorded);
				for (const one of page) {
					if (signal.aborted) return;
					yield one;
					at = one.seq;
				}
				await newest.moreThan(at, signal);
				if (newest.ended && !closing) throw unavailable('the thread of the journal has ended');
			}
		},
		last() {
			return reading(() => thread.ask('last', undefined));
		},
		close() {
			closing ??= (async () => {
				clearImmediate(planned);
				// The thread works in the order it is asked, so all that was accepted is on record before it closes.
				while (waiting.length > 0) commitNext();
				newest.end();
				await thread.ask('close', undefined).catch(() => {});
				await thread.gone;
			})();
			return closing;
		},
	};
}

const asText = (event: SessionEvent): AppendWork['events'][number] => [
	event.type,
	versionOf(event.type),
	JSON.stringify(event),
];

/** The one place where what was written becomes an event again. */
function recorded([seq, stream, version, by, atMs, type, typeVersion, body]: Row): Recorded {
	return { seq, stream, version, by, atMs, event: upcast(type, typeVersion, JSON.parse(body)) };
}
