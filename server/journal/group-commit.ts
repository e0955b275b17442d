import type { Entry, EventText, RecordedText } from '#server/journal/journal.ts';
import { Refusal } from '#shared/refusals.ts';

/** One append as it is put to an engine. */
export interface AppendWork {
	stream: string;
	expected: number;
	entries: readonly Entry<EventText>[];
}

/** What became of one append of a group. `seq` is the place of its first event. */
export type Outcome = { at: 'recorded'; seq: number } | { at: 'conflict' } | { at: 'failed'; reason: string };

/** What a group commit needs of its engine. */
export interface GroupCommitNeeds {
	/** Appends in one commit: more of them would hold up reads, and the sound of the calls when they are answered. */
	maxInGroup: number;
	/** Appends that may wait; the next ones are refused with `journal.full`. [B1] */
	maxWaiting: number;
	/** Groups that may be under way at once; they must take effect in the order they are given. */
	maxUnderWay: number;
	/** Puts all on record, in this order; what fails in one leaves the others as they are. Rejects when it fails as a whole. */
	commit(group: readonly AppendWork[]): Promise<readonly Outcome[]>;
	/** Sees what was recorded, in order, before whoever appended it is answered. */
	recorded?(records: readonly RecordedText[]): void;
}

/** Appends on their way to the disk. */
export interface GroupCommit {
	append(work: AppendWork): Promise<RecordedText[]>;
	/** Appends that wait for their group. */
	readonly waiting: number;
	/** Refuses all that waits, which is not on record; what is under way goes on. */
	refuseWaiting(error: Error): void;
	/** Commits what waits, without waiting for more; resolves when nothing is under way any more. */
	flush(): Promise<void>;
}

interface Waiting {
	work: AppendWork;
	resolve(records: RecordedText[]): void;
	reject(error: Error): void;
}

/**
 * Whatever is appended while a commit runs goes into the next one, and nobody is answered before theirs is on the disk:
 * many writers share the price of one commit.
 */
export function groupCommit(needs: GroupCommitNeeds): GroupCommit {
	const { maxInGroup, maxWaiting, maxUnderWay, commit } = needs;
	const waiting: Waiting[] = [];
	const underWay = new Set<Promise<void>>();
	let planned: NodeJS.Immediate | undefined;

	/** At the end of this turn of the event loop, so that everything which arrives in one turn is one commit. */
	function plan() {
		if (waiting.length > 0 && underWay.size < maxUnderWay) planned ??= setImmediate(begin);
	}

	function begin() {
		planned = undefined;
		const running = commitNext().finally(() => {
			underWay.delete(running);
			plan();
		});
		underWay.add(running);
		plan();
	}

	async function commitNext() {
		const group = waiting.splice(0, maxInGroup);
		if (group.length === 0) return;
		try {
			settle(group, await commit(group.map(({ work }) => work)));
		} catch (error) {
			for (const { reject } of group) reject(error as Error);
		}
	}

	function settle(group: readonly Waiting[], outcomes: readonly Outcome[]) {
		for (const [place, { work, resolve, reject }] of group.entries()) {
			const outcome = outcomes[place] as Outcome;
			if (outcome.at === 'recorded') {
				const records = recordsOf(work, outcome.seq);
				needs.recorded?.(records);
				resolve(records);
			} else reject(outcome.at === 'conflict' ? new Refusal('journal.conflict') : unavailable(outcome.reason));
		}
	}

	return {
		get waiting() {
			return waiting.length;
		},
		append(work) {
			if (waiting.length >= maxWaiting) return Promise.reject(new Refusal('journal.full'));
			return new Promise((resolve, reject) => {
				waiting.push({ work, resolve, reject });
				plan();
			});
		},
		refuseWaiting(error) {
			for (const { reject } of waiting.splice(0)) reject(error);
		},
		async flush() {
			clearImmediate(planned);
			planned = undefined;
			while (waiting.length > 0) begin();
			while (underWay.size > 0) await Promise.all(underWay);
		},
	};
}

const recordsOf = ({ stream, expected, entries }: AppendWork, seq: number): RecordedText[] =>
	entries.map((entry, index) => ({ seq: seq + index, stream, version: expected + index + 1, ...entry }));

/** What an engine could not do, and why, for the log. */
export function unavailable(reason: string): Refusal {
	const refusal = new Refusal('journal.unavailable');
	refusal.cause = reason;
	return refusal;
}
