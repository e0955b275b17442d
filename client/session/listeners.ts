import type { ListeningAt, ListeningView } from '#shared/call.ts';

/** Who hears a call at this moment, longest first. [C0] */
export function listeningNow(listenings: readonly ListeningView[], callId: string): ListeningView[] {
	return ofCall(listenings, callId).filter((one) => one.at === 'listening');
}

/** Whoever was asked to a call and does not hear it, latest first: one row a person, the latest of each. */
export function notListening(listenings: readonly ListeningView[], callId: string): ListeningView[] {
	const all = ofCall(listenings, callId);
	const hearing = new Set(all.filter((one) => one.at === 'listening').map((one) => one.personId));
	const latest = new Map<string, ListeningView>();
	for (const one of all) if (!hearing.has(one.personId)) latest.set(one.personId, one);
	return [...latest.values()].reverse();
}

/** The seat somebody has in a call and can take again, also after a reload. */
export function seatOf(
	listenings: readonly ListeningView[],
	callId: string,
	personId: string,
): ListeningView | undefined {
	const open: ListeningAt[] = ['admitted', 'listening', 'left'];
	return ofCall(listenings, callId).findLast((one) => one.personId === personId && open.includes(one.at));
}

const ofCall = (listenings: readonly ListeningView[], callId: string) =>
	listenings.filter((one) => one.callId === callId).toSorted((a, b) => a.sinceMs - b.sinceMs);

/** Who came and who went between two looks at a call, for the banner that the agent gets. */
export function cameAndWent(before: readonly ListeningView[], now: readonly ListeningView[]) {
	const had = new Set(before.map((one) => one.personId));
	const has = new Set(now.map((one) => one.personId));
	return {
		came: now.filter((one) => !had.has(one.personId)),
		went: before.filter((one) => !has.has(one.personId)),
	};
}

/** Where an invitation stands, as the agent reads it. */
export const invitationWords: Record<ListeningAt, string> = {
	invited: 'Sent, not opened yet',
	admitted: 'Opened, not listening yet',
	listening: 'Listening',
	left: 'Not listening any more',
	declined: 'Declined',
	withdrawn: 'Withdrawn',
	removed: 'Removed by a supervisor',
};
