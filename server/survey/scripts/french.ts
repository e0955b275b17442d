import type { Script } from '#shared/survey.ts';

/** The shipped script in French. */
export const french: Script = {
	id: 'service',
	version: 1,
	language: 'fr',
	title: 'Comment avez-vous trouvé notre service ?',
	ask: {
		named:
			'Avant de terminer : avez-vous une ou deux minutes pour {name} de {company}, avec quelques questions sur notre service ? Vous pouvez arrêter à tout moment, et je reste en ligne.',
		role: 'Avant de terminer : avez-vous une ou deux minutes pour {role}, avec quelques questions sur notre service ? Vous pouvez arrêter à tout moment, et je reste en ligne.',
		company:
			'Avant de terminer : avez-vous une ou deux minutes pour une personne de {company}, avec quelques questions sur notre service ? Vous pouvez arrêter à tout moment, et je reste en ligne.',
	},
	who: {
		named:
			'Vous parlez avec {name} de {company}. Nous demandons de vive voix à quelques clients ce qu’ils pensent de nous, pour nous améliorer.',
		role: 'Vous parlez avec {role}. Nous demandons de vive voix à quelques clients ce qu’ils pensent de nous, pour nous améliorer. Vous pouvez arrêter à tout moment.',
		company:
			'Vous parlez avec une personne qui travaille pour {company}. Nous demandons de vive voix à quelques clients ce qu’ils pensent de nous, pour nous améliorer.',
	},
	questions: [
		{
			id: 'recommend',
			kind: 'scale-10',
			metric: 'nps',
			text: 'De 0 à 10, quelle est la probabilité que vous nous recommandiez à un proche ou à un collègue ?',
			low: 'pas du tout probable',
			high: 'extrêmement probable',
		},
		{
			id: 'satisfied',
			kind: 'scale-5',
			metric: 'csat',
			text: 'De 1 à 5, êtes-vous satisfait de la façon dont nous nous sommes occupés de vous aujourd’hui ?',
			low: 'très insatisfait',
			high: 'très satisfait',
		},
		{
			id: 'solved',
			kind: 'yes-no',
			text: 'La raison de votre appel est-elle réglée maintenant ?',
			skips: [{ when: ['yes'], to: 'one-thing' }],
		},
		{
			id: 'missing',
			kind: 'choice',
			text: 'Qu’est-ce qui manque encore ?',
			choices: [
				{ id: 'answer', text: 'une réponse' },
				{ id: 'delivery', text: 'une livraison ou une réparation' },
				{ id: 'money', text: 'un remboursement' },
				{ id: 'decision', text: 'quelqu’un qui a le droit de décider' },
				{ id: 'other', text: 'autre chose' },
			],
		},
		{ id: 'one-thing', kind: 'open', text: 'Si vous pouviez changer une seule chose chez nous, laquelle serait-ce ?' },
	],
};
