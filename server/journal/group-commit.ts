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
 * Groups under way at once. While one is put on the disk, those who were answered by the one before decide anew and the
 * next one is made ready: with one, disk and house would wait for each other in turn.
 */
const maxUnderWay = 2;
/** Appends that are few enough to go all together: halved, each half would pay for a commit of its own. */
const fewAppends = 16;

/**
 * Whatever is appended while a commit runs goes into the next one, and nobody is answered before theirs is on the disk:
 * many writers share the price of one commit. Appends to one stream are never in two groups at once, so they take effect
 * in the order they came, whatever becomes of the groups.
 */
export function groupCommit(needs: GroupCommitNeeds): GroupCommit {
	const { maxInGroup, maxWaiting, commit } = needs;
	let waiting: Waiting[] = [];
	/** The streams of what is under way. */
	const busy = new Set<string>();
	const underWay = new Set<Promise<void>>();
	let planned: NodeJS.Immediate | undefined;

	/** At the end of this turn of the event loop, so that everything which arrives in one turn is one commit. */
	function plan() {
		if (waiting.length > 0 && underWay.size < maxUnderWay) planned ??= setImmediate(begin);
	}

	function begin() {
		planned = undefined;
		const group = nextGroup();
		if (group.length === 0) return;
		const streams = new Set(group.map(({ work }) => work.stream));
		for (const stream of streams) busy.add(stream);
		const running = commitGroup(group).finally(() => {
			underWay.delete(running);
			for (const stream of streams) busy.delete(stream);
			plan();
		});
		underWay.add(running);
		plan();
	}

	/** Of what may go now, about as much as is under way: two groups of a size overlap best. */
	function nextGroup(): Waiting[] {
		const all = waiting.length + busy.size;
		const size = Math.min(maxInGroup, all < fewAppends ? all : Math.ceil(all / maxUnderWay));
		const group: Waiting[] = [];
		const rest: Waiting[] = [];
		for (const one of waiting) (group.length < size && !busy.has(one.work.stream) ? group : rest).push(one);
		waiting = rest;
		return group;
	}

	async function commitGroup(group: readonly Waiting[]) {
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
			while (waiting.length > 0 || underWay.size > 0) {
				while (underWay.size < maxUnderWay && waiting.some(({ work }) => !busy.has(work.stream))) begin();
				await Promise.race(underWay);
			}
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
