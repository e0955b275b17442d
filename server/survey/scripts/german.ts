import type { Script } from '#shared/survey.ts';

/** The shipped script in German. */
export const german: Script = {
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
};
