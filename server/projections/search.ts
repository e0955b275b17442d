import type { Journal, Recorded } from '#server/journal/journal.ts';
import { progress } from '#server/projections/progress.ts';
import { searchTerms } from '#server/projections/search-query.ts';
import type { SegmentRow } from '#server/projections/survey-rows.ts';
import type { ResultsFilter } from '#server/projections/survey-tables.ts';
import type { Views } from '#server/projections/views.ts';
import type { ViewsOperations } from '#server/projections/views-worker.ts';
import type { Clock } from '#shared/clock.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';
import type { FoundNotes, NoteSearch } from '#shared/rest.ts';
import type { SurveyResults } from '#shared/survey-results.ts';

/** Notes, found by their words, tags and kinds; and what came of surveys, which is looked up in the same file. */
export interface Search {
	/**
	 * What this person may see of what fits, newest first. [V2] Refuses with `search.empty` what asks for nothing, with
	 * `search.unavailable` what cannot be looked up now, with `request.too-many` when too many wait.
	 */
	find(person: Person, search: NoteSearch): Promise<FoundNotes>;
	/** What came of surveys in the calls this person may count. [V6] Refuses with `results.unavailable`, `request.too-many`. */
	results(person: Person, filter: ResultsFilter): Promise<SurveyResults>;
	/** The next segments of those calls, in the order they were offered, `after` the place of one; the same refusals. */
	segments(person: Person, filter: ResultsFilter, after: number): Promise<{ rows: SegmentRow[]; more: boolean }>;
	/** The questions that those segments answer, script by script; the same refusals. */
	questions(person: Person, filter: ResultsFilter): Promise<{ scriptId: string; questionId: string }[]>;
	/** Resolves when everything that is on record by now is found. */
	caughtUp(): Promise<void>;
	stop(): Promise<void>;
}

/** What searching needs from outside. `failed` is told when something could not be folded; it is tried again. */
export interface SearchNeeds {
	journal: Journal;
	views: Views;
	clock: Clock;
	failed: (error: unknown) => void;
}

/** Records folded in one transaction; as many wait at most while it goes on, and the journal keeps the rest. [B1] */
export const maxInBatch = 1000;
/** Searches that may wait for the thread; whoever would be one more is told to come back. [B1] */
const maxFinding = 50;
const retryMs = 5000;

/**
 * Follows the journal into the search, from where it was when it was last open. It goes its own pace: a search that is
 * behind or out of order disturbs nothing else.
 */
export function search({ journal, views, clock, failed }: SearchNeeds): Search {
	const stopping = new AbortController();
	const { signal } = stopping;
	const folded = progress(0);
	let finding = 0;
	/** Aborted when what was folded cannot be trusted any more. */
	let trouble = new AbortController();

	const following = (async () => {
		while (!signal.aborted) {
			try {
				const { search } = await views.ask('opened', undefined);
				folded.reached(search.seq);
				await follow();
			} catch (error) {
				if (signal.aborted) break;
				failed(error);
				await pause();
			}
		}
		folded.end();
	})();

	/** Folds batch after batch: while one is folded the next comes together. */
	async function follow() {
		trouble = new AbortController();
		let batch: Recorded[] = [];
		let folding: Promise<void> | undefined;
		const goOn = () => {
			if (folding || batch.length === 0 || trouble.signal.aborted) return;
			const next = batch;
			batch = [];
			folding = views.ask('fold', { after: folded.seq, records: next }).then(
				() => {
					folding = undefined;
					folded.reached(next.at(-1)?.seq ?? folded.seq);
					goOn();
				},
				(error) => {
					folding = undefined;
					trouble.abort(error);
				},
			);
		};
		for await (const record of journal.follow(folded.seq, AbortSignal.any([signal, trouble.signal]))) {
			batch.push(record);
			if (batch.length === 1) setImmediate(goOn);
			if (batch.length >= maxInBatch) {
				goOn();
				await folding;
			}
			if (trouble.signal.aborted) break;
		}
		goOn();
		while (folding) await folding;
		trouble.signal.throwIfAborted();
	}

	function pause(): Promise<void> {
		return new Promise((resolve) => {
			const done = () => {
				stopWaiting();
				signal.removeEventListener('abort', done);
				resolve();
			};
			const stopWaiting = clock.after(retryMs, done);
			signal.addEventListener('abort', done);
		});
	}

	/** Looks something up in the file; who would be one too many is told to come back. */
	async function looked<What extends 'find' | 'results' | 'segments' | 'questions'>(
		what: What,
		asked: Parameters<ViewsOperations[What]>[0],
		unavailable: 'search.unavailable' | 'results.unavailable',
	): Promise<ReturnType<ViewsOperations[What]>> {
		if (finding >= maxFinding) throw new Refusal('request.too-many');
		finding++;
		try {
			return await views.ask(what, asked);
		} catch (error) {
			// Whatever it was, what there is to be found is looked at anew.
			trouble.abort(error);
			throw new Refusal(unavailable);
		} finally {
			finding--;
		}
	}

	return {
		async find(person, asked) {
			const terms = searchTerms(asked);
			if (!terms) throw new Refusal('search.empty');
			const before = asked.before === undefined ? undefined : Number(asked.before);
			return looked('find', { person, terms, callId: asked.callId, before }, 'search.unavailable');
		},
		results: (person, filter) => looked('results', { person, filter }, 'results.unavailable'),
		segments: (person, filter, after) => looked('segments', { person, filter, after }, 'results.unavailable'),
		questions: (person, filter) => looked('questions', { person, filter }, 'results.unavailable'),
		async caughtUp() {
			await folded.until(await journal.last());
		},
		async stop() {
			stopping.abort();
			await following;
		},
	};
}
