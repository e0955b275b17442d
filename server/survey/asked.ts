import type { Asked, Someone } from '#server/domain/handoff.ts';
import { mayStillHear } from '#server/domain/listening.ts';
import type { Session } from '#server/domain/session.ts';
import type { SurveyPolicy } from '#server/survey/policy.ts';
import type { Person } from '#shared/people.ts';

/** What the agent of a session reads out: with the name of whoever offered to ask, or of who listens, where one is told. */
export function askedOf(
	policy: SurveyPolicy,
	session: Session,
	{ id, name }: Person,
	scriptId: string,
	language: string,
): Asked {
	const team = session.call.at === 'none' ? '' : session.call.facts.team;
	return policy.asked(team, scriptId, language, { id, name }, executiveOf(session));
}

/** Whoever offered, while a seat of theirs leads in; else the first executive who listens. */
function executiveOf({ segment, listenings }: Session): Someone | undefined {
	const seats = [...listenings.values()].filter((one) => one.at !== 'none');
	const offered = segment.at === 'offered' && segment.offer.how === 'executive' ? segment.offer.person : undefined;
	if (offered && seats.some((one) => one.listener.id === offered.id && mayStillHear(one))) return offered;
	const listens = seats.find((one) => one.at === 'listening' && one.listener.role === 'executive');
	return listens && { id: listens.listener.id, name: listens.listener.name };
}
