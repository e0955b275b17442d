import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStart } from '#server/cannot-start.ts';
import { machineClock } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { DurableRecord } from '#server/record.ts';
import { Refusal } from '#shared/refusals.ts';

/**
 * Asks the server that runs on this data folder by its control socket; when none runs, opens the record and does it here.
 * What is refused, and what cannot be opened, is thrown as CannotStart: one line for the person who asked.
 */
export async function fromHouse<T>(
	config: Config,
	command: string,
	asked: unknown,
	here: (record: DurableRecord) => Promise<T>,
): Promise<T> {
	// Imported late: help is answered without opening a database.
	const { askControl } = await import('#server/control/ask-control.ts');
	const { openRecord } = await import('#server/record.ts');
	try {
		const answered = await askControl<T>(config.data, command, asked);
		if (answered !== undefined) return answered;
		if (!existsSync(join(config.data, 'journal.sqlite')))
			throw new CannotStart(`There is no journal in ${config.data}; name its folder with --data.`);
		const record = await openRecord(config, machineClock());
		try {
			return await here(record);
		} finally {
			await record.close();
		}
	} catch (error) {
		if (error instanceof Refusal) throw new CannotStart(error.message);
		if (error instanceof Error && 'syscall' in error) throw new CannotStart(error.message);
		throw error;
	}
}
