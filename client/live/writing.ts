import type { ToServer } from '#shared/live.ts';
import type { Lane } from '#shared/note.ts';

/** What the others are told of our writing. */
export interface WritingTold {
	writing(callId: string, lane: Lane, on: boolean): void;
	/** The link is gone: nobody knows of it any more. */
	lost(): void;
}

/** Said again while it goes on: well within the time after which the others take it for over. */
const againMs = 3_000;

/** Says "is writing" at most every three seconds however fast the keys come, and "no more" once. [W11] */
export function writingTold(send: (message: ToServer) => boolean, now: () => number): WritingTold {
	/** By call: the lane it was said in, and when. A call leaves when its note was sent or given up. */
	const said = new Map<string, { lane: Lane; atMs: number }>();
	const over = (callId: string) => {
		const last = said.get(callId);
		if (last && said.delete(callId)) send({ type: 'writing', callId, lane: last.lane, on: false });
	};
	return {
		writing(callId, lane, on) {
			const last = said.get(callId);
			if (!on || last?.lane !== lane) over(callId);
			// Nobody else may see a private note: nobody is told of one.
			if (!on || lane === 'private') return;
			if (last?.lane === lane && now() - last.atMs < againMs) return;
			if (send({ type: 'writing', callId, lane, on })) said.set(callId, { lane, atMs: now() });
		},
		lost: () => said.clear(),
	};
}
