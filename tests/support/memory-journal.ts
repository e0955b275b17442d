import type { JournalEngine, RecordedText } from '#server/journal/journal.ts';
import { Refusal } from '#shared/refusals.ts';

/** What a journal in memory keeps: opened again on the same shelf, it is the same journal. */
export interface JournalShelf {
	readonly id: string;
	readonly records: RecordedText[];
}

/**
 * An engine in memory that settles by promises alone: no thread, no timer, no file. What runs on it runs in the same
 * order each time, which tests that choose the order need.
 */
export function memoryJournal(shelf: JournalShelf): JournalEngine {
	const { id, records } = shelf;
	const waiting = new Set<() => void>();
	let closed = false;
	const wake = () => {
		for (const go of [...waiting]) go();
	};
	const unavailable = () => {
		const refusal = new Refusal('journal.unavailable');
		refusal.cause = 'the journal is closed';
		return refusal;
	};
	const of = (stream: string) => records.filter((one) => one.stream === stream);
	const more = (seq: number, signal: AbortSignal) =>
		new Promise<void>((resolve) => {
			const go = () => {
				if (records.length <= seq && !closed && !signal.aborted) return;
				waiting.delete(go);
				signal.removeEventListener('abort', go);
				resolve();
			};
			waiting.add(go);
			signal.addEventListener('abort', go);
			go();
		});

	return {
		id,
		async append(stream, expected, entries) {
			if (closed) throw unavailable();
			if (of(stream).length !== expected) throw new Refusal('journal.conflict');
			const recorded = entries.map((entry, index) => ({
				seq: records.length + index + 1,
				stream,
				version: expected + index + 1,
				...entry,
			}));
			records.push(...recorded);
			wake();
			return recorded;
		},
		async read(stream) {
			if (closed) throw unavailable();
			return of(stream);
		},
		async *follow(seq, signal) {
			let at = seq;
			while (!signal.aborted && !closed) {
				const next = records[at];
				if (next) {
					at = next.seq;
					yield next;
				} else await more(at, signal);
			}
		},
		async last() {
			if (closed) throw unavailable();
			return records.length;
		},
		async close() {
			closed = true;
			wake();
		},
	};
}
