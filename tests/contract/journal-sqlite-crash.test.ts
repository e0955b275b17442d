import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventJournal } from '#server/journal/events.ts';
import type { Recorded } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import type { Acknowledged } from '#tests/support/append-until-stopped.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const writers = fileURLToPath(import.meta.resolve('#tests/support/append-until-stopped.ts'));

describe('sqlite journal of a process that stops', () => {
	let folder: Awaited<ReturnType<typeof temporaryFolder>>;
	let path: string;
	beforeEach(async () => {
		folder = await temporaryFolder();
		path = `${folder.path}/journal.sqlite`;
	});
	afterEach(() => folder.remove());

	test('[N1] [N2] [J1] after kill -9 every acknowledged note is there once, in its place, and no append is there in part', {
		timeout: 60_000,
	}, async () => {
		const random = randomNumbers(seedFor('kill -9'));
		const acknowledged: Acknowledged[] = [];
		for (let round = 1; round <= 6; round++) {
			const killAfter = 1 + random(600);
			const child = spawn(process.execPath, [writers, path, String(round), String(random(1e9)), '40']);
			const { lines, signal, errors } = await linesOf(child, (count) => {
				if (count === killAfter) child.kill('SIGKILL');
			});
			expect(signal, errors).toBe('SIGKILL');
			expect(lines.length).toBeGreaterThanOrEqual(killAfter);
			acknowledged.push(...(lines as Acknowledged[]));
			mustHold(await everything(path), acknowledged);
		}
	});

	test('[N1] [J1] when the disk takes no more, appends are refused by name and everything acknowledged is there', async () => {
		// The limit is on the size of one file, in blocks of 512 or 1024 bytes.
		const limited = ['-c', 'ulimit -f 600; exec "$0" "$@"', process.execPath, writers, path, '1', '7', '1500'];
		const { lines, code, errors } = await linesOf(spawn('sh', limited));
		expect(code, errors).toBe(0);
		const refused = lines.filter((line) => 'refused' in line);
		expect(refused).toHaveLength(8);
		for (const one of refused) expect(one).toEqual({ refused: 'journal.unavailable', cause: expect.any(String) });
		const acknowledged = lines.filter((line) => 'seq' in line);
		expect(acknowledged.length).toBeGreaterThan(20);
		const records = await everything(path);
		mustHold(records, acknowledged);
		expect(records).toHaveLength(acknowledged.flatMap((one) => one.noteIds).length);
	});
});

/** What the child says, line by line, until its output ends; a line that was cut off does not count. */
async function linesOf(child: ReturnType<typeof spawn>, said: (count: number) => void = () => {}) {
	let rest = '';
	let errors = '';
	const lines: (Acknowledged | { refused: string; cause: string })[] = [];
	child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
		errors += chunk;
	});
	child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
		const parts = (rest + chunk).split('\n');
		rest = parts.pop() ?? '';
		for (const line of parts) {
			lines.push(JSON.parse(line));
			said(lines.length);
		}
	});
	const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
		child.on('error', reject).on('close', (code, signal) => resolve([code, signal]));
	});
	return { lines, code, signal, errors };
}

async function everything(path: string): Promise<Recorded[]> {
	const journal = eventJournal(await sqliteJournal(path));
	const records: Recorded[] = [];
	const enough = new AbortController();
	const last = await journal.last();
	for await (const one of journal.follow(0, enough.signal)) {
		records.push(one);
		if (one.seq === last) enough.abort();
	}
	await journal.close();
	return records;
}

function mustHold(records: readonly Recorded[], acknowledged: readonly Acknowledged[]): void {
	expect(records.map((one) => one.seq)).toEqual(records.map((_, index) => index + 1));
	const noteIds = records.map(({ event }) => (event.type === 'note-written' ? event.noteId : event.type));
	expect(new Set(noteIds).size).toBe(noteIds.length);
	for (const { seq, stream, noteIds: mine } of acknowledged) {
		expect(noteIds.slice(seq - 1, seq - 1 + mine.length)).toEqual(mine);
		expect(records[seq - 1]?.stream).toBe(stream);
	}
	const versions = new Map<string, number>();
	for (const [index, { stream, version }] of records.entries()) {
		expect(version).toBe((versions.get(stream) ?? 0) + 1);
		versions.set(stream, version);
		// The name of a note says which part it is of how many: the parts of an append stand together or not at all.
		const [append, part, size] = named(noteIds[index] ?? '');
		if (part > 1) expect(noteIds[index - 1]).toBe(`${append}/${part - 1}/${size}`);
		if (part < size) expect(noteIds[index + 1]).toBe(`${append}/${part + 1}/${size}`);
	}
}

function named(noteId: string): [append: string, part: number, size: number] {
	const [round, writer, append, part, size] = noteId.split('/');
	return [`${round}/${writer}/${append}`, Number(part), Number(size)];
}
