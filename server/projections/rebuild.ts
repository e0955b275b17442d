import type { Journal, Recorded } from '#server/journal/journal.ts';
import { markAt, nowhere } from '#server/projections/position.ts';
import { maxInBatch } from '#server/projections/search.ts';
import { sessions } from '#server/projections/sessions.ts';
import type { Views } from '#server/projections/views.ts';

/** Throws the views away and folds the whole journal into new ones; says how far it is. Gives back how many events there were. [V1] */
export async function rebuildViews(
	journal: Journal,
	views: Views,
	progress: (done: number, all: number) => void,
): Promise<number> {
	await views.ask('anew', journal.id);
	const all = await journal.last();
	const held = sessions({ read: journal.read });
	let batch: Recorded[] = [];
	let last: Recorded | undefined;
	const erased: string[] = [];
	let folding = Promise.resolve();
	if (all > 0)
		for await (const record of journal.follow(0, new AbortController().signal)) {
			held.fold(record);
			last = record;
			if (record.event.type === 'call-erased') erased.push(record.stream);
			batch.push(record);
			if (batch.length < maxInBatch && record.seq < all) continue;
			// The next ones are read while these are folded.
			await folding;
			progress(record.seq - batch.length, all);
			folding = views.ask('fold', { after: record.seq - batch.length, records: batch });
			batch = [];
			if (record.seq >= all) break;
		}
	await folding;
	progress(all, all);
	const ids = [...held.all()].map(({ callId }) => callId);
	await views.ask('keep', { ...(last ? markAt(last) : nowhere), held: ids, erased });
	return all;
}
