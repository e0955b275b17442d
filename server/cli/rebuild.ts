import { mkdirSync } from 'node:fs';
import { type Command, Misuse, readArguments } from '#server/cli/command.ts';
import { readConfig } from '#server/config.ts';

/** Folds the journal into new views. Nothing is lost by it: the journal holds everything. */
export const rebuild: Command = {
	about: 'Fold the journal into new views: search, and where a start goes on from. The server must not run.',
	settings: true,
	async run(args) {
		const { flags, rest } = readArguments(args);
		const config = readConfig(process.env, flags);
		if (rest.length > 0) throw new Misuse(`rebuild takes settings only, given ${JSON.stringify(rest[0])}`);
		mkdirSync(config.data, { recursive: true, mode: 0o700 });
		// Imported late: help is answered without opening a database.
		const { machineClock } = await import('#server/clock.ts');
		const { openRecord } = await import('#server/record.ts');
		const { openViewsOf } = await import('#server/open-views.ts');
		const { rebuildViews } = await import('#server/projections/rebuild.ts');
		const { journal, close } = await openRecord(config, machineClock());
		try {
			const views = await openViewsOf(journal, config);
			const began = performance.now();
			const events = await rebuildViews(journal, views, process.stderr.isTTY ? bar : lines()).finally(views.close);
			const seconds = (performance.now() - began) / 1000;
			const perSecond = Math.round(events / Math.max(seconds, 0.001));
			console.log(`Rebuilt from ${events} events in ${seconds.toFixed(1)} s (${perSecond} events/s).`);
		} finally {
			await close();
		}
	},
};

const barLength = 30;

/** One line of a terminal, drawn again and again. */
function bar(done: number, all: number): void {
	const part = all === 0 ? 1 : done / all;
	const full = Math.round(part * barLength);
	const line = `${'#'.repeat(full)}${'.'.repeat(barLength - full)} ${Math.floor(part * 100)} % of ${all} events`;
	process.stderr.write(`\r${line}${done === all ? '\n' : ''}`);
}

/** A line each tenth, where nobody looks at a terminal. */
function lines(): (done: number, all: number) => void {
	let told = 0;
	return (done, all) => {
		const tenth = all === 0 ? 10 : Math.floor((done / all) * 10);
		if (tenth <= told) return;
		told = tenth;
		console.error(`${done} of ${all} events`);
	};
}
