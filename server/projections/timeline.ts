import type { Recorded } from '#server/journal/journal.ts';
import type { TimelineSpan } from '#shared/rest.ts';

/** What went on for a while in a session, in the order it began, by the call's clock. [V4] */
export function timeline(records: Iterable<Recorded>): TimelineSpan[] {
	const spans: TimelineSpan[] = [];
	/** What is going on, by what it is: listenings and segments by their id. */
	const open = new Map<string, TimelineSpan>();
	const names = new Map<string, string>();
	/** Who took the line, by segment. */
	const executives = new Map<string, string>();
	let startedAtMs = 0;

	for (const { event, atMs } of records) {
		const nowMs = Math.max(0, Math.round(atMs - startedAtMs));
		const begin = (what: TimelineSpan['what'], id: string = what, personName?: string) => {
			if (open.has(id)) return;
			const span: TimelineSpan = { what, fromMs: nowMs, ...(personName === undefined ? {} : { personName }) };
			open.set(id, span);
			spans.push(span);
		};
		const end = (id: string) => {
			const span = open.get(id);
			// Two reports can be told in another order than they were asked: nothing ends before it began.
			if (span) span.untilMs = Math.max(nowMs, span.fromMs);
			open.delete(id);
		};
		switch (event.type) {
			case 'call-started':
				startedAtMs = atMs;
				break;
			case 'call-held':
				begin('held');
				break;
			case 'call-resumed':
				end('held');
				break;
			case 'call-lost':
				end('held');
				begin('lost');
				break;
			case 'call-restored':
				end('lost');
				break;
			case 'call-protected':
				// A person may protect what the platform has protected already: one span.
				if (!open.has('protected')) begin('protected');
				break;
			case 'call-unprotected':
				end('protected');
				break;
			case 'call-ended':
				// Nobody hears anything any more, also where the record says so a moment later only.
				for (const id of [...open.keys()]) end(id);
				break;
			case 'invited':
			case 'joined':
				names.set(event.listeningId, event.listener.name);
				break;
			case 'listening-started':
				begin('listening', event.listeningId, names.get(event.listeningId) ?? '');
				break;
			case 'listening-stopped':
			case 'listener-removed':
				end(event.listeningId);
				break;
			case 'line-taken':
				executives.set(event.segmentId, event.taken.executive.name);
				break;
			case 'survey-live':
				begin('survey', event.segmentId, executives.get(event.segmentId) ?? '');
				break;
			case 'survey-finished':
			case 'line-lost':
			case 'consent-withdrawn':
				end(event.segmentId);
				break;
		}
	}
	return spans;
}
