import type { RecordedText } from '#server/journal/journal.ts';

/** The newest end of the journal, kept in memory so that those who follow it live need not read the database. */
export interface Tail {
	/** The last position on record. */
	readonly last: number;
	/** Takes what was just recorded, in order, and wakes who waits. */
	add(records: readonly RecordedText[]): void;
	/** The next records after `seq`; undefined if they are no longer kept here, and must be read where they rest. */
	after(seq: number): readonly RecordedText[] | undefined;
	/** Settles when there is more than `seq`, when the signal aborts, or when the journal has ended. */
	moreThan(seq: number, signal: AbortSignal): Promise<void>;
	/** Nothing more will come: wakes everybody. */
	end(): void;
	readonly ended: boolean;
}

/** What is kept: who falls further behind reads the database, and nobody is waited for. [B1] */
export const maxKept = 1000;
const pageLength = 250;

/** The tail of a journal that stands at `last` when opened. */
export function tail(last: number): Tail {
	const kept: RecordedText[] = [];
	const waiting = new Set<() => void>();
	let ended = false;
	const wake = () => {
		for (const go of waiting) go();
		waiting.clear();
	};
	return {
		get last() {
			return last;
		},
		get ended() {
			return ended;
		},
		add(records) {
			if (records.length === 0) return;
			// Something else has written to the database: what is kept must not skip it.
			if (records[0]?.seq !== last + 1) kept.length = 0;
			for (const record of records) kept.push(record);
			last = kept.at(-1)?.seq ?? last;
			if (kept.length > 2 * maxKept) kept.splice(0, kept.length - maxKept);
			wake();
		},
		after(seq) {
			if (seq >= last) return [];
			const first = kept[0]?.seq;
			if (first === undefined || seq + 1 < first) return undefined;
			const start = seq + 1 - first;
			return kept.slice(start, start + pageLength);
		},
		moreThan(seq, signal) {
			return new Promise((resolve) => {
				if (ended || signal.aborted || last > seq) return resolve();
				const go = () => {
					waiting.delete(go);
					signal.removeEventListener('abort', go);
					resolve();
				};
				waiting.add(go);
				signal.addEventListener('abort', go);
			});
		},
		end() {
			ended = true;
			wake();
		},
	};
}
