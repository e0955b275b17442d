import { writeSync } from 'node:fs';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { randomNumbers } from '#tests/support/seed.ts';

/**
 * A process of its own, started by the crash tests as `append-until-stopped.ts <journal> <round> <seed> <note length>`:
 * eight writers append at full speed until the process is killed or an append is refused, and each says on standard
 * output what was acknowledged, in lines of JSON. Every append is one to three notes that name their append.
 */
const [path = '', round = '', seed = '1', noteLength = '10'] = process.argv.slice(2);
// A file that may not grow further is to be an error of the write, as a full disk is, not the end of this process.
process.on('SIGXFSZ', () => {});

/** One acknowledged append: the place of its first event, and what its notes are named. */
export interface Acknowledged {
	seq: number;
	stream: string;
	noteIds: string[];
}

async function write(journal: Journal, writer: number, random: (below: number) => number): Promise<void> {
	const stream = `rehearsal-${writer}`;
	let version = (await journal.read(stream)).length;
	for (let append = 0; ; append++) {
		const size = 1 + random(3);
		const noteIds = Array.from({ length: size }, (_, part) => `${round}/${writer}/${append}/${part + 1}/${size}`);
		const [first] = await journal.append(
			stream,
			version,
			noteIds.map((noteId) => ({ event: note(noteId), by: 'eva', atMs: 1 })),
		);
		version += size;
		say({ seq: first?.seq, stream, noteIds });
	}
}

const note = (noteId: string) => ({
	type: 'note-written' as const,
	noteId,
	kind: 'observation' as const,
	lane: 'team' as const,
	text: 'x'.repeat(Number(noteLength)),
	anchorMs: 0,
	author: { id: 'eva', name: 'Eva', role: 'executive' as const },
});

/** Before anything else happens, so that what was said has left the process when it is killed. */
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

const journal = eventJournal(await sqliteJournal(path));
const random = randomNumbers(Number(seed));
const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, writer) => write(journal, writer, random)));
for (const one of outcomes) if (one.status === 'rejected') say({ refused: one.reason.code, cause: one.reason.cause });
await journal.close();
