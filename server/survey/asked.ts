import type { Asked, Someone } from '#server/domain/handoff.ts';
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

function executiveOf({ segment, listenings }: Session): Someone | undefined {
	if (segment.at === 'offered' && segment.offer.how === 'executive') return segment.offer.person;
	for (const one of listenings.values())
		if (one.at === 'listening' && one.listener.role === 'executive')
			return { id: one.listener.id, name: one.listener.name };
	return undefined;
}
