import type { Script } from '#shared/survey.ts';

/** What an agent chooses before they ask: a survey, in a language. */
export interface ScriptChoice {
	scriptId: string;
	language: string;
}

/** What there is to choose from: each survey in each of its languages once, as its newest version is called. */
export function scriptsToAsk(scripts: readonly Script[]): (ScriptChoice & { title: string })[] {
	const newest = new Map<string, Script>();
	for (const script of scripts) {
		const name = `${script.id} ${script.language}`;
		if ((newest.get(name)?.version ?? 0) < script.version) newest.set(name, script);
	}
	return [...newest.values()].map(({ id, language, title }) => ({ scriptId: id, language, title }));
}

/** The one that was asked with last if it is still there, else the first in a language of the reader's, else the first. */
export function likeliest<Choice extends ScriptChoice>(
	choices: readonly Choice[],
	last: ScriptChoice | undefined,
	languages: readonly string[],
): Choice | undefined {
	const again = choices.find((one) => one.scriptId === last?.scriptId && one.language === last.language);
	const understood = (one: Choice) => languages.some((language) => primary(language) === primary(one.language));
	return again ?? choices.find(understood) ?? choices[0];
}

const primary = (language: string) => language.split('-')[0]?.toLowerCase();

/** A language as people call it: `German`. */
export const languageName = (language: string) =>
	new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? language;

const place = 'ycord.survey-asked-with';

/** What was asked with last in this browser. Storage may be forbidden, or hold anything: then there is no last one. */
export function lastAskedWith(): ScriptChoice | undefined {
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(place) ?? 'null');
		if (typeof kept !== 'object' || kept === null || !('scriptId' in kept && 'language' in kept)) return undefined;
		return { scriptId: String(kept.scriptId), language: String(kept.language) };
	} catch {
		return undefined;
	}
}

export function rememberAskedWith({ scriptId, language }: ScriptChoice) {
	try {
		localStorage.setItem(place, JSON.stringify({ scriptId, language }));
	} catch {
		// See lastAskedWith.
	}
}
