import type { Script } from '#shared/survey.ts';

/** The shipped script in Spanish. */
export const spanish: Script = {
	id: 'service',
	version: 1,
	language: 'es',
	title: '¿Qué le ha parecido nuestro servicio?',
	ask: {
		named:
			'Antes de terminar: ¿tiene uno o dos minutos para {name}, de {company}, con unas preguntas sobre cómo le hemos atendido? Puede parar en cualquier momento, y yo sigo en la línea.',
		role: 'Antes de terminar: ¿tiene uno o dos minutos para {role}, con unas preguntas sobre cómo le hemos atendido? Puede parar en cualquier momento, y yo sigo en la línea.',
		company:
			'Antes de terminar: ¿tiene uno o dos minutos para una persona de {company}, con unas preguntas sobre cómo le hemos atendido? Puede parar en cualquier momento, y yo sigo en la línea.',
	},
	who: {
		named:
			'Está hablando con {name}, de {company}. Preguntamos en persona a algunos clientes cómo les hemos atendido, para mejorar.',
		role: 'Está hablando con {role}. Preguntamos en persona a algunos clientes cómo les hemos atendido, para mejorar. Puede parar en cualquier momento.',
		company:
			'Está hablando con una persona que trabaja para {company}. Preguntamos en persona a algunos clientes cómo les hemos atendido, para mejorar.',
	},
	questions: [
		{
			id: 'recommend',
			kind: 'scale-10',
			metric: 'nps',
			text: 'De 0 a 10, ¿qué probabilidad hay de que nos recomiende a un amigo o colega?',
			low: 'nada probable',
			high: 'muy probable',
		},
		{
			id: 'satisfied',
			kind: 'scale-5',
			metric: 'csat',
			text: 'De 1 a 5, ¿cuál es su satisfacción con la atención que le hemos dado hoy?',
			low: 'muy baja',
			high: 'muy alta',
		},
		{
			id: 'solved',
			kind: 'yes-no',
			text: '¿Está resuelto ya el motivo de su llamada?',
			skips: [{ when: ['yes'], to: 'one-thing' }],
		},
		{
			id: 'missing',
			kind: 'choice',
			text: '¿Qué falta todavía?',
			choices: [
				{ id: 'answer', text: 'una respuesta' },
				{ id: 'delivery', text: 'una entrega o una reparación' },
				{ id: 'money', text: 'la devolución del dinero' },
				{ id: 'decision', text: 'alguien que pueda decidir' },
				{ id: 'other', text: 'otra cosa' },
			],
		},
		{ id: 'one-thing', kind: 'open', text: 'Si pudiera cambiar una sola cosa de nosotros, ¿cuál sería?' },
	],
};
