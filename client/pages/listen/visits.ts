import type { CallView, ListeningView } from '#shared/call.ts';

/** A listening with the call it is of. */
export interface Visit {
	call: CallView;
	listening: ListeningView;
}

/** What an executive can do something about, and what is over; latest first. */
export function lobbyOf(calls: readonly CallView[], listenings: readonly ListeningView[], personId: string) {
	const callOf = new Map(calls.map((call) => [call.callId, call]));
	const visits = listenings
		.filter((listening) => listening.personId === personId)
		.toSorted((a, b) => b.sinceMs - a.sinceMs)
		.flatMap((listening): Visit[] => {
			const call = callOf.get(listening.callId);
			return call ? [{ call, listening }] : [];
		});
	const on = visits.filter(({ call }) => call.at !== 'ended');
	const seats: readonly string[] = ['admitted', 'listening', 'left'];
	return {
		invited: on.filter(({ listening }) => listening.at === 'invited'),
		open: on.filter(({ listening }) => seats.includes(listening.at)),
		past: visits.filter(({ call, listening }) => call.at === 'ended' && seats.includes(listening.at)),
	};
}
