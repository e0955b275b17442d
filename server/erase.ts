import type { Ask } from '#server/ask.ts';
import type { Journal, Recorded } from '#server/journal/journal.ts';
import { apart } from '#server/journal/personal.ts';
import type { Sealing } from '#server/keys/sealing.ts';

/** Whoever runs the house, as the record names them: by the command line, beside the doors. */
export const operator = 'operator';

/** What erasing needs. */
export interface ErasingNeeds {
	ask: Ask;
	journal: Pick<Journal, 'read'>;
	sealing: Pick<Sealing, 'destroy'>;
	/** A key could not be destroyed just now; the next start tries again. */
	failed: (callId: string, error: unknown) => void;
}

/** What became of a call. */
export interface Erased {
	callId: string;
	/** False if it had been erased before; its key is gone all the same. */
	isNew: boolean;
	/** Notes that have no words any more. */
	notes: number;
	/** Events from before anything was sealed: no view shows their words any more, but the journal's file holds them. */
	inTheClear: number;
}

/** How a call loses what is personal in it. */
export interface Erasing {
	/**
	 * Says so on record first, then destroys the call's key: whatever happens in between, the record has it done in the
	 * end. Refuses what `ask` refuses: `call.unknown`, `call.not-now`, `journal.…`. [L3]
	 */
	erase(callId: string): Promise<Erased>;
	/** Folds the journal: each node destroys the key of an erased call, again if need be, and has it at hand no more. [X2] */
	fold(record: Recorded): void;
	/** The same for calls that were erased before the place the journal is followed from. [X2] */
	again(callIds: readonly string[]): void;
	/** Resolves when everything that was folded has been seen to. */
	settled(): Promise<void>;
}

/** Erases calls, one key after the other. */
export function erasing({ ask, journal, sealing, failed }: ErasingNeeds): Erasing {
	let last = Promise.resolve();
	const destroy = (callId: string) => {
		last = last.then(() => sealing.destroy(callId)).catch((error) => failed(callId, error));
	};
	return {
		async erase(callId) {
			const records = await ask.house(operator, callId, { of: 'call', command: { type: 'erase-call' } });
			await sealing.destroy(callId);
			const left = (await journal.read(callId)).map(({ event }) => event);
			return {
				callId,
				isNew: records.length > 0,
				notes: left.filter(({ type }) => type === 'note-written').length,
				inTheClear: left.filter((event) => apart(event).personal.some(([, value]) => value !== '')).length,
			};
		},
		fold({ event, stream }) {
			if (event.type === 'call-erased') destroy(stream);
		},
		again(callIds) {
			for (const callId of callIds) destroy(callId);
		},
		settled: () => last,
	};
}
