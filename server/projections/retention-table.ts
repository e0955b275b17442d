import type { DatabaseSync } from 'node:sqlite';
import type { Recorded } from '#server/journal/journal.ts';

/** When each call that the policy keeps for a time is to be erased; without a time while it is on. */
export const retentionSchema = `
	CREATE TABLE retention (
		call_id TEXT PRIMARY KEY,
		days INTEGER NOT NULL,
		due_ms REAL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX retention_due ON retention (due_ms) WHERE due_ms IS NOT NULL;
`;

const dayMs = 24 * 60 * 60_000;

export interface RetentionTable {
	fold(record: Recorded): void;
	/** Calls that are to be erased by now, the one that is due for the longest first, at most so many. */
	due(nowMs: number, most: number): string[];
}

export function retentionTable(database: DatabaseSync): RetentionTable {
	const begin = database.prepare('INSERT OR REPLACE INTO retention (call_id, days) VALUES (?, ?)');
	const end = database.prepare(`UPDATE retention SET due_ms = ? + days * ${dayMs} WHERE call_id = ?`);
	const erase = database.prepare('DELETE FROM retention WHERE call_id = ?');
	const due = database.prepare('SELECT call_id FROM retention WHERE due_ms <= ? ORDER BY due_ms LIMIT ?');
	return {
		fold({ event, stream, atMs }) {
			if (event.type === 'call-started') {
				const days = event.facts.terms?.retentionDays;
				if (days !== undefined) begin.run(stream, days);
			}
			if (event.type === 'call-ended') end.run(atMs, stream);
			if (event.type === 'call-erased') erase.run(stream);
		},
		due: (nowMs, most) => due.all(nowMs, most).map((row) => String(row.call_id)),
	};
}
