import type { Script } from '#shared/survey.ts';

/** The shipped script in English. */
export const english: Script = {
	id: 'service',
	version: 1,
	language: 'en',
	title: 'How was your service?',
	ask: {
		named:
			'Before we finish: do you have a minute or two for {name} of {company}, with a few questions on how we did? You can stop at any time, and I stay on the line.',
		role: 'Before we finish: do you have a minute or two for {role}, with a few questions on how we did? You can stop at any time, and I stay on the line.',
		company:
			'Before we finish: do you have a minute or two for a colleague from {company}, with a few questions on how we did? You can stop at any time, and I stay on the line.',
	},
	who: {
		named: 'You are speaking with {name} of {company}. We ask some customers in person how we did, to do better.',
		role: 'You are speaking with {role}. We ask some customers in person how we did, to do better. You can stop at any time.',
		company:
			'You are speaking with someone who works for {company}. We ask some customers in person how we did, to do better.',
	},
	questions: [
		{
			id: 'recommend',
			kind: 'scale-10',
			metric: 'nps',
			text: 'How likely are you to recommend us to a friend or colleague, from 0 to 10?',
			low: 'not at all likely',
			high: 'extremely likely',
		},
		{
			id: 'satisfied',
			kind: 'scale-5',
			metric: 'csat',
			text: 'How satisfied are you with how we dealt with you today, from 1 to 5?',
			low: 'very dissatisfied',
			high: 'very satisfied',
		},
		{
			id: 'solved',
			kind: 'yes-no',
			text: 'Is what you called about solved now?',
			skips: [{ when: ['yes'], to: 'one-thing' }],
		},
		{
			id: 'missing',
			kind: 'choice',
			text: 'What is still missing?',
			choices: [
				{ id: 'answer', text: 'an answer' },
				{ id: 'delivery', text: 'a delivery or a repair' },
				{ id: 'money', text: 'money back' },
				{ id: 'decision', text: 'somebody who may decide' },
				{ id: 'other', text: 'something else' },
			],
		},
		{ id: 'one-thing', kind: 'open', text: 'If you could change one thing about us, what would it be?' },
	],
};
