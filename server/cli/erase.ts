import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, Misuse, readArguments } from '#server/cli/command.ts';
import { fromHouse } from '#server/cli/from-house.ts';
import { readConfig } from '#server/config.ts';
import type { Erased } from '#server/erase.ts';
import type { DurableRecord } from '#server/record.ts';

/** Destroys what is personal in a call that has ended, while the server runs or while it does not. */
export const erase: Command = {
	takes: '<call> [--yes]',
	about: 'Erase what is personal in a call that has ended, by id; asks first, unless --yes.',
	settings: true,
	async run(args) {
		const { flags, rest } = readArguments(args);
		const { yes, ...given } = flags;
		const config = readConfig(process.env, given);
		const [callId, ...more] = rest;
		if (callId === undefined || more.length > 0) throw new Misuse(`erase takes one call, by id, given ${rest.length}`);
		if (yes !== true && !(await isConfirmed(callId))) return console.log('Nothing was erased.');
		console.log(
			told(await fromHouse<Erased>(config, '/erase', { callId }, (record) => eraseHere(record, callId, config.data))),
		);
	},
};

/** An end of the input is no yes. */
async function isConfirmed(callId: string): Promise<boolean> {
	const terminal = createInterface({ input: process.stdin, output: process.stdout });
	try {
		const asked = terminal.question(`Erase what is personal in the call ${callId}? It cannot be had back. [y/N] `);
		const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
		return /^y(es)?$/i.test((await Promise.race([asked, ended])).trim());
	} finally {
		terminal.close();
	}
}

/** Nobody else runs on this record: what a killed server left open is over, and may be erased. */
async function eraseHere({ journal, keys }: DurableRecord, callId: string, data: string): Promise<Erased> {
	// The search holds words too: the next start makes it again, without these.
	for (const end of ['', '-wal', '-shm']) rmSync(join(data, `views.sqlite${end}`), { force: true });
	const { asking } = await import('#server/ask.ts');
	const { endLeftOver } = await import('#server/calls/left-over.ts');
	const { evolve, noSession } = await import('#server/domain/session.ts');
	const { erasing } = await import('#server/erase.ts');
	const ask = asking({
		journal,
		findPerson: () => undefined,
		now: Date.now,
		newSecret: () => ({ secret: '', hash: '' }),
		recorded() {},
		shut: () => () => {},
		asked() {
			throw new Error('nobody is asked anything while a call is erased');
		},
	});
	const past = await journal.read(callId);
	await endLeftOver(ask, [[callId, past.reduce((state, one) => evolve(state, one.event, one.by), noSession)]]);
	return erasing({ ask, journal, sealing: keys.sealing, failed() {} }).erase(callId);
}

function told({ callId, isNew, notes, inTheClear }: Erased): string {
	return [
		isNew
			? `Erased: how the call ${callId} was called, and the words of its notes (${notes}). The key they were sealed with is destroyed.`
			: `The call ${callId} had been erased before. Its key is gone.`,
		'Left on record: that there was this call and when, who took part, who heard it for how long, and of each note its author, time, kind and lane.',
		'Not reached: copies that were made before, such as backups of the key store together with the master key.',
		...(inTheClear > 0
			? [
					`Still in the journal’s file: the words of ${inTheClear} events from before anything was sealed. No page shows them any more.`,
				]
			: []),
	].join('\n');
}
