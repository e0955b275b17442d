import type { AppendWork } from '#server/journal/group-commit.ts';
import type { JournalEngine, RecordedText } from '#server/journal/journal.ts';
import { Refusal } from '#shared/refusals.ts';

/** An engine in memory whose disk turns only by hand, so that a test says when a commit ends and how. */
export interface HandJournal extends JournalEngine {
	readonly records: readonly RecordedText[];
	/** Appends that wait for the disk. */
	readonly waiting: number;
	/**
	 * `keeps` puts all that waits on record; `fails` none of it, and says so; `unsure` the first half, and says of none
	 * whether it is.
	 */
	turn(how: 'keeps' | 'fails' | 'unsure'): void;
}

interface Waiting {
	work: AppendWork;
	resolve(records: RecordedText[]): void;
	reject(error: Error): void;
}

export function handJournal(): HandJournal {
	const records: RecordedText[] = [];
	const followers = new Set<() => void>();
	let waiting: Waiting[] = [];
	let closed = false;
	const of = (stream: string) => records.filter((one) => one.stream === stream);
	const wake = () => {
		for (const go of followers) go();
		followers.clear();
	};

	function put({ stream, expected, entries }: AppendWork): RecordedText[] {
		if (of(stream).length !== expected) throw new Refusal('journal.conflict');
		const recorded = entries.map((entry, index) => ({
			seq: records.length + index + 1,
			stream,
			version: expected + index + 1,
			...entry,
		}));
		records.push(...recorded);
		return recorded;
	}
	function keep({ work, resolve, reject }: Waiting) {
		try {
			resolve(put(work));
		} catch (error) {
			reject(error as Error);
		}
	}

	return {
		id: 'by-hand',
		records,
		get waiting() {
			return waiting.length;
		},
		turn(how) {
			const turned = waiting;
			waiting = [];
			if (how === 'keeps') for (const one of turned) keep(one);
			else {
				const kept = how === 'unsure' ? turned.slice(0, Math.ceil(turned.length / 2)) : [];
				for (const { work } of kept) {
					try {
						put(work);
					} catch {
						// In conflict, and nobody is told that either.
					}
				}
				for (const { reject } of turned)
					reject(new Refusal(how === 'unsure' ? 'journal.unsure' : 'journal.unavailable'));
			}
			wake();
		},
		append: (stream, expected, entries) =>
			new Promise((resolve, reject) => {
				waiting.push({ work: { stream, expected, entries }, resolve, reject });
			}),
		read: async (stream) => of(stream),
		async *follow(seq, signal) {
			for (let at = seq; !signal.aborted && !closed; ) {
				const next = records[at];
				if (next) {
					yield next;
					at = next.seq;
				} else
					await new Promise<void>((resolve) => {
						followers.add(resolve);
						signal.addEventListener('abort', () => resolve(), { once: true });
					});
			}
		},
		last: async () => records.length,
		async close() {
			closed = true;
			wake();
		},
	};
}
