import { describe, expect, test } from 'vitest';
import {
	languageName,
	lastAskedWith,
	likeliest,
	rememberAskedWith,
	scriptsToAsk,
} from '#client/session/survey/scripts.ts';
import { shippedScripts } from '#server/survey/shipped-scripts.ts';

const titles = (scripts: Parameters<typeof scriptsToAsk>[0]) =>
	scriptsToAsk(scripts).map(({ scriptId, language, title }) => `${scriptId} ${language} ${title}`);

describe('what an agent chooses from', () => {
	test('each survey once in each language, as its newest version is called', () => {
		const [english, german] = shippedScripts as [(typeof shippedScripts)[0], (typeof shippedScripts)[0]];
		const newer = { ...english, version: 3, title: 'Newer' };
		expect(titles([english, newer, german, { ...english, version: 2, title: 'Older' }])).toEqual([
			'service en Newer',
			`service de ${german.title}`,
		]);
	});

	test('what was asked with last comes first to mind, then a language of the reader’s, then what is first', () => {
		const choices = scriptsToAsk(shippedScripts);
		const language = (...args: [Parameters<typeof likeliest>[1], string[]]) => likeliest(choices, ...args)?.language;
		expect(language({ scriptId: 'service', language: 'de' }, ['en'])).toBe('de');
		expect(language({ scriptId: 'gone', language: 'de' }, ['it', 'de-AT'])).toBe('de');
		expect(language(undefined, ['it'])).toBe('en');
		expect(likeliest([], undefined, ['en'])).toBeUndefined();
	});

	test('languages are called by their names', () => {
		expect([languageName('de'), languageName('pt-BR')]).toEqual(['German', 'Brazilian Portuguese']);
	});

	test('without storage nothing is remembered and nothing fails', () => {
		rememberAskedWith({ scriptId: 'service', language: 'de' });
		expect([undefined, 'service']).toContain(lastAskedWith()?.scriptId);
	});
});
