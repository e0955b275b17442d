import { createHmac } from 'node:crypto';
import { isOn } from '#server/domain/call.ts';
import type { SegmentCommand } from '#server/domain/handoff.ts';
import type { Session } from '#server/domain/session.ts';
import type { SurveyPolicy } from '#server/survey/policy.ts';
import type { ListeningView } from '#shared/call.ts';
import { Refusal, refusals } from '#shared/refusals.ts';

/** What changed in a session. */
interface Change {
	session: { callId: string; state: Session };
	listening?: Pick<ListeningView, 'at' | 'personRole'>;
}

/** What the draw needs from outside. */
export interface QuotaNeeds {
	policy: Pick<SurveyPolicy, 'rule'>;
	/** Tells of every change in a session; gives back what stops it. */
	onChange(seen: (change: Change) => void): () => void;
	/** Whether the sound of a call comes in on this node: one node draws. */
	isHere(callId: string): boolean;
	/** Where a call falls between 0 and 100: always in the same place, which nobody can know before. */
	placeOf(callId: string): number;
	newId(): string;
	/** Puts the offer on record; may refuse. */
	offer(callId: string, command: SegmentCommand): Promise<unknown>;
	/** An offer could not be put on record; ids only. */
	failed(callId: string, error: unknown): void;
	/** Whether rehearsals are drawn too, as in the demo. */
	rehearsals: boolean;
}

/**
 * The draw, so that agents do not choose who gets asked: when the first executive begins to listen to a call, as many
 * calls in a hundred as the queue's rule says are offered a survey by the house. Gives back what stops it.
 */
export function quota({ policy, onChange, isHere, placeOf, newId, offer, failed, rehearsals }: QuotaNeeds): () => void {
	return onChange(({ session: { callId, state }, listening }) => {
		if (listening?.at !== 'listening' || listening.personRole !== 'executive') return;
		const { call, segment } = state;
		if (!isOn(call) || call.at === 'none' || segment.at !== 'none' || !isHere(callId)) return;
		if (call.facts.rehearsal && !rehearsals) return;
		if (placeOf(callId) >= policy.rule(call.facts.team).quotaPercent) return;
		offer(callId, { type: 'offer-survey', segmentId: newId(), offer: { how: 'quota' } }).catch((error) => {
			// Somebody else offered first, or the call is over. What the journal would not take, the next executive's coming draws.
			if (!(error instanceof Refusal) || refusals[error.code].retry) failed(callId, error);
		});
	});
}

/**
 * Places calls by a secret and their id. So a call is drawn once however often somebody begins to listen, with nothing to be
 * remembered; and an agent can neither foresee nor change it: the id is the platform's, the secret never leaves the process.
 */
export const placing =
	(secret: string) =>
	(callId: string): number =>
		(createHmac('sha256', secret).update(callId).digest().readUIntBE(0, 6) / 2 ** 48) * 100;
