import type { SurveyCommand } from '#shared/survey.ts';

/** What agents and supervisors can do about a survey. */
export const surveyActs = {
	ask: { key: 's', word: 'Ask for a survey', says: 'Survey: ask the customer', busy: 'Asking…' },
	yes: { key: 'y', word: 'Yes', says: 'Survey: the customer says yes', busy: 'Saving…' },
	no: { key: 'x', word: 'No', says: 'Survey: the customer says no', busy: 'Saving…' },
	later: { key: 'l', word: 'Not now', says: 'Survey: the customer says not now', busy: 'Saving…' },
	withdraw: {
		key: 'c',
		word: 'Customer changed their mind',
		says: 'Survey: the customer changed their mind',
		busy: 'Ending…',
	},
	takeBack: { key: 't', word: 'Take the customer back', says: 'Survey: take the customer back', busy: 'Taking back…' },
	who: {
		key: 'w',
		word: 'Customer asked who this is',
		says: 'Survey: the customer asked who this is',
		busy: 'Customer asked who this is',
	},
} as const satisfies Record<string, { key: string; word: string; says: string; busy: string }>;

export type SurveyAct = keyof typeof surveyActs;

/** What is asked of the server for it. `ask` is no single command: what is read out is chosen first. */
export function commandOf(act: Exclude<SurveyAct, 'ask'>, segmentId: string): SurveyCommand {
	switch (act) {
		case 'yes':
			return { type: 'record-consent', segmentId, answer: 'agreed' };
		case 'no':
			return { type: 'record-consent', segmentId, answer: 'declined' };
		case 'later':
			return { type: 'record-consent', segmentId, answer: 'not-now' };
		case 'withdraw':
			return { type: 'withdraw-consent', segmentId };
		case 'takeBack':
			return { type: 'take-back', segmentId };
		case 'who':
			return { type: 'tell-identity', segmentId };
	}
}
