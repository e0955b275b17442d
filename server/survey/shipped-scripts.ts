import type { Script } from '#shared/survey.ts';

/** What comes with Ycord, until a company brings its own: short, because the customer called about something else. */
export const shippedScripts: readonly Script[] = [
	{
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
	},
	{
		id: 'service',
		version: 1,
		language: 'de',
		title: 'Wie war unser Service?',
		ask: {
			named:
				'Bevor wir auflegen: Haben Sie ein, zwei Minuten für {name} von {company} und ein paar Fragen, wie wir waren? Sie können jederzeit aufhören, und ich bleibe in der Leitung.',
			role: 'Bevor wir auflegen: Haben Sie ein, zwei Minuten für {role} und ein paar Fragen, wie wir waren? Sie können jederzeit aufhören, und ich bleibe in der Leitung.',
			company:
				'Bevor wir auflegen: Haben Sie ein, zwei Minuten für jemanden von {company} und ein paar Fragen, wie wir waren? Sie können jederzeit aufhören, und ich bleibe in der Leitung.',
		},
		who: {
			named: 'Sie sprechen mit {name} von {company}. Wir fragen einige Kunden persönlich, um besser zu werden.',
			role: 'Sie sprechen mit {role}. Wir fragen einige Kunden persönlich, um besser zu werden. Sie können jederzeit aufhören.',
			company:
				'Sie sprechen mit jemandem, der für {company} arbeitet. Wir fragen einige Kunden persönlich, um besser zu werden.',
		},
		questions: [
			{
				id: 'recommend',
				kind: 'scale-10',
				metric: 'nps',
				text: 'Wie wahrscheinlich ist es von 0 bis 10, dass Sie uns weiterempfehlen?',
				low: 'gar nicht wahrscheinlich',
				high: 'äußerst wahrscheinlich',
			},
			{
				id: 'satisfied',
				kind: 'scale-5',
				metric: 'csat',
				text: 'Wie zufrieden sind Sie von 1 bis 5 damit, wie wir heute mit Ihnen umgegangen sind?',
				low: 'sehr unzufrieden',
				high: 'sehr zufrieden',
			},
			{
				id: 'solved',
				kind: 'yes-no',
				text: 'Ist Ihr Anliegen jetzt gelöst?',
				skips: [{ when: ['yes'], to: 'one-thing' }],
			},
			{
				id: 'missing',
				kind: 'choice',
				text: 'Was fehlt noch?',
				choices: [
					{ id: 'answer', text: 'eine Antwort' },
					{ id: 'delivery', text: 'eine Lieferung oder Reparatur' },
					{ id: 'money', text: 'Geld zurück' },
					{ id: 'decision', text: 'jemand, der entscheiden darf' },
					{ id: 'other', text: 'etwas anderes' },
				],
			},
			{ id: 'one-thing', kind: 'open', text: 'Wenn Sie eine Sache an uns ändern könnten, welche wäre das?' },
		],
	},
];
