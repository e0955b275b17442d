import { useEffect, useState } from 'react';
import { surveyChoices } from '#client/rest/rest.ts';
import { faultWords } from '#client/session/asking.ts';
import type { SurveyChoices } from '#shared/survey.ts';

/** What the customer of the agent's call may be asked; a fault says why that is not known, and `again` asks once more. */
export function useSurveyChoices(callId: string) {
	const [choices, setChoices] = useState<SurveyChoices>();
	const [fault, setFault] = useState<string>();
	const [tries, setTries] = useState(0);
	// biome-ignore lint/correctness/useExhaustiveDependencies: each try asks anew.
	useEffect(() => {
		let current = true;
		setFault(undefined);
		surveyChoices(callId, 'agent').then(
			(found) => current && setChoices(found),
			(error: unknown) => current && setFault(faultWords(error)),
		);
		return () => {
			current = false;
		};
	}, [callId, tries]);
	return { choices, fault, again: () => setTries((before) => before + 1) };
}
