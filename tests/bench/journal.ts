import { open } from 'node:fs/promises';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal } from '#server/journal/journal.ts';
import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** One figure of a benchmark. */
export interface Metric {
	name: string;
	value: number;
	unit: string;
	higherIsBetter: boolean;
}

const frameMs = 20;

/**
 * What putting notes on record costs with the embedded engine, on the disk of the temporary folder: appends a second, how
 * long one takes, how late a 20 ms clock of the main thread (the sound's) gets meanwhile, and the ratio to a bare file
 * that is written and synced note by note, which is as fast as this disk takes single notes.
 */
export async function journal(runMs = 3000): Promise<Metric[]> {
	const { path, remove } = await temporaryFolder();
	try {
		const bare = await bareAppends(`${path}/bare`, runMs);
		const metrics: Metric[] = [];
		for (const writers of [1, 64]) {
			const engine = eventJournal(await sqliteJournal(`${path}/${writers}.sqlite`));
			const { perSecond, tookMs, lateMs } = await load(engine, writers, runMs);
			await engine.close();
			const of = `${writers} ${writers === 1 ? 'writer' : 'writers'}`;
			metrics.push(
				{ name: `${of}: appends`, value: Math.round(perSecond), unit: '1/s', higherIsBetter: true },
				{
					name: `${of}: appends, to a bare synced file`,
					value: round(perSecond / bare),
					unit: 'ratio',
					higherIsBetter: true,
				},
				{ name: `${of}: append p50`, value: round(quantile(tookMs, 0.5)), unit: 'ms', higherIsBetter: false },
				{ name: `${of}: append p99`, value: round(quantile(tookMs, 0.99)), unit: 'ms', higherIsBetter: false },
				{
					name: `${of}: 20 ms clock late p99`,
					value: round(quantile(lateMs, 0.99)),
					unit: 'ms',
					higherIsBetter: false,
				},
			);
		}
		return metrics;
	} finally {
		await remove();
	}
}

async function load(engine: Journal, writers: number, runMs: number) {
	const tookMs: number[] = [];
	const lateMs: number[] = [];
	const begin = performance.now();
	let due = begin + frameMs;
	const frames = setInterval(() => {
		const nowMs = performance.now();
		lateMs.push(nowMs - due);
		due = nowMs + frameMs;
	}, frameMs);
	const write = async (stream: string) => {
		for (let version = 0; performance.now() - begin < runMs; version++) {
			const before = performance.now();
			await engine.append(stream, version, [{ event: note(version), by: 'eva', atMs: before }]);
			tookMs.push(performance.now() - before);
		}
	};
	await Promise.all(Array.from({ length: writers }, (_, writer) => write(`rehearsal-${writer}`)));
	clearInterval(frames);
	return { perSecond: (tookMs.length / (performance.now() - begin)) * 1000, tookMs, lateMs };
}

async function bareAppends(path: string, runMs: number): Promise<number> {
	const file = await open(path, 'a');
	const begin = performance.now();
	let count = 0;
	for (; performance.now() - begin < runMs; count++) {
		await file.write(JSON.stringify(note(count)));
		await file.datasync();
	}
	await file.close();
	return (count / (performance.now() - begin)) * 1000;
}

const note = (n: number) => ({
	type: 'note-written' as const,
	noteId: '0192f0c1-2b3c-7d4e-8f50-6172839405a6',
	kind: 'observation' as const,
	lane: 'team' as const,
	text: `The agent had to ask permission again before the refund could be booked (${n}).`,
	anchorMs: n,
	author: { id: 'eva', name: 'Eva', role: 'executive' as const },
});

const quantile = (values: number[], share: number) =>
	values.sort((one, other) => one - other)[Math.floor((values.length - 1) * share)] ?? 0;
const round = (value: number) => Math.round(value * 100) / 100;
