import { machineClock } from '#server/clock.ts';
import { eventJournal } from '#server/journal/events.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { checkpoints, sessionsSince } from '#server/projections/checkpoint.ts';
import { projector } from '#server/projections/projector.ts';
import { search } from '#server/projections/search.ts';
import { openViews } from '#server/projections/views.ts';
import { randomHistory } from '#tests/support/random-history.ts';
import { randomNumbers } from '#tests/support/seed.ts';

/**
 * A process of its own, started by the crash test as `fold-until-stopped.ts <folder> <seed>`: puts a random history on
 * record, from where an earlier one stopped, and folds it into the views as the server does, until it is killed. Says
 * after each append how far the journal is, and where the last checkpoint that is on the disk stands, in lines; and goes
 * no more than a few lines ahead of whoever reads them, who answers each with a byte.
 */
const maxAhead = 4;
const [folder = '', seed = '1'] = process.argv.slice(2);
const clock = machineClock();
const journal = eventJournal(await sqliteJournal(`${folder}/journal.sqlite`));
const views = await openViews(`${folder}/views.sqlite`, journal);
if (views.discarded) throw new Error(`thrown away: ${views.discarded}`);
const failed = (error: unknown) => {
	throw error;
};
const sessions = await sessionsSince((await views.ask('opened', undefined)).sessions, journal);
const checkpointing = checkpoints({ sessions, views, clock, failed });
const following = projector(journal, sessions.seq, (record) => {
	sessions.fold(record);
	checkpointing.folded(record);
});
following.broken.catch(failed);
search({ journal, views, clock, failed });

const history = randomHistory(randomNumbers(Number(seed)), 40, 20_000);
let ahead = 0;
let goOn = () => {};
process.stdin.on('data', (bytes) => {
	ahead -= bytes.length;
	goOn();
});

// What was on record when an earlier one was killed is a beginning of each stream, but not of the whole: groups under way
// at a time overtake each other, but no stream itself.
const had = new Map<string, number>();
for (const { stream } of history) if (!had.has(stream)) had.set(stream, (await journal.read(stream)).length);
const rest = history.filter(({ stream, version }) => version > (had.get(stream) ?? 0));
for (let first = 0; first < rest.length; first += 40) {
	const some = rest.slice(first, first + 40);
	await Promise.all(
		some.map(({ stream, version, by, atMs, event }) => journal.append(stream, version - 1, [{ event, by, atMs }])),
	);
	const kept = (await views.ask('opened', undefined)).sessions.seq;
	const reached = await journal.last();
	await new Promise((resolve) => process.stdout.write(`${reached} ${kept}\n`, resolve));
	ahead++;
	while (ahead > maxAhead)
		await new Promise<void>((resolve) => {
			goOn = resolve;
		});
}
