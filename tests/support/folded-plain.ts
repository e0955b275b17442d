import { evolve, noSession, type Session } from '#server/domain/session.ts';
import type { Recorded } from '#server/journal/journal.ts';

/** What records fold to, by call, in a form that can be written as JSON. */
export function foldedPlain(records: readonly Recorded[]) {
	const sessions = new Map<string, Session>();
	for (const { stream, event, by } of records)
		sessions.set(stream, evolve(sessions.get(stream) ?? noSession, event, by));
	const plain = [...sessions].map(([callId, { call, listenings, notes, segment }]) => [
		callId,
		{
			call,
			listenings: Object.fromEntries(listenings),
			notes: Object.fromEntries(notes),
			segment: 'answers' in segment ? { ...segment, answers: Object.fromEntries(segment.answers ?? []) } : segment,
		},
	]);
	return JSON.parse(JSON.stringify(Object.fromEntries(plain))) as Record<string, unknown>;
}
