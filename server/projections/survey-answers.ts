import {
	isSatisfied,
	netPromoterScore,
	type Recommending,
	recommendingOf,
	share,
} from '#server/projections/survey-figures.ts';
import { maxSurveys } from '#shared/result-limits.ts';
import type { Question, Script } from '#shared/survey.ts';
import { answersTo, path } from '#shared/survey-order.ts';
import type { QuestionResult, SurveyAnswers } from '#shared/survey-results.ts';

/** A segment that was held, with what was answered. Those of one script come as one object, so that it is looked at once. */
export interface AnsweredSegment {
	script: Script;
	askedAtMs: number;
	answers: ReadonlyMap<string, string>;
}

/** One question over many segments, as it is counted. */
interface Counting {
	question: Question;
	versions: Set<number>;
	counts: Map<string, number>;
	answers: number;
	unanswered: number;
	skipped: number;
}

/** One survey over many segments. */
interface Asking {
	/** The last that was asked: its words are shown. */
	newest: Script;
	newestAtMs: number;
	lastAtMs: number;
	versions: Set<number>;
	languages: Map<string, number>;
	segments: number;
	questions: Map<string, Counting>;
}

/**
 * The answers to each survey, the last asked first. Each version of a script is one of its own, and scripts are never
 * mixed; with `mixed` all versions of a script are put together, but for questions that changed their kind: those stay
 * two. What was answered in own words is not in it.
 */
export function surveyAnswers(segments: Iterable<AnsweredSegment>, mixed: boolean): SurveyAnswers[] {
	const surveys = new Map<string, Asking>();
	for (const { script, askedAtMs, answers } of segments) {
		const { id, version, language } = script;
		const key = mixed ? id : `${id} ${version}`;
		const survey = surveys.get(key) ?? newAsking(script, askedAtMs);
		surveys.set(key, survey);
		if (isShownRather(script, askedAtMs, survey)) Object.assign(survey, { newest: script, newestAtMs: askedAtMs });
		survey.lastAtMs = Math.max(survey.lastAtMs, askedAtMs);
		survey.versions.add(version);
		survey.languages.set(language, (survey.languages.get(language) ?? 0) + 1);
		survey.segments += 1;
		const asked = new Set(path(script, answers).map((question) => question.id));
		for (const question of script.questions) {
			const counting = countingOf(survey, question);
			counting.versions.add(version);
			const answer = answers.get(question.id);
			if (answer !== undefined) {
				counting.answers += 1;
				if (question.kind !== 'open') counting.counts.set(answer, (counting.counts.get(answer) ?? 0) + 1);
			} else if (asked.has(question.id)) counting.unanswered += 1;
			else counting.skipped += 1;
		}
	}
	return [...surveys.values()]
		.sort((one, other) => other.lastAtMs - one.lastAtMs)
		.slice(0, maxSurveys)
		.map(told);
}

const newAsking = (script: Script, askedAtMs: number): Asking => ({
	newest: script,
	newestAtMs: askedAtMs,
	lastAtMs: askedAtMs,
	versions: new Set(),
	languages: new Map(),
	segments: 0,
	questions: new Map(),
});

/** The newest version, and of that the words that were read out last. */
const isShownRather = (script: Script, askedAtMs: number, { newest, newestAtMs }: Asking) =>
	script.version === newest.version ? askedAtMs > newestAtMs : script.version > newest.version;

/** The same question has the same name and kind; a choice may have more to choose from in another version. */
function countingOf({ questions }: Asking, question: Question): Counting {
	const key = `${question.kind} ${question.id}`;
	const counting = questions.get(key) ?? {
		question,
		versions: new Set(),
		counts: new Map(),
		answers: 0,
		unanswered: 0,
		skipped: 0,
	};
	questions.set(key, counting);
	const known = new Set(counting.question.choices?.map(({ id }) => id));
	const more = question.choices?.filter(({ id }) => !known.has(id)) ?? [];
	if (more.length > 0)
		counting.question = { ...counting.question, choices: [...(counting.question.choices ?? []), ...more] };
	return counting;
}

function told({ newest, versions, languages, segments, questions }: Asking): SurveyAnswers {
	const place = (key: string) => {
		const at = newest.questions.findIndex(({ id, kind }) => `${kind} ${id}` === key);
		// What the newest version does not ask any more comes last.
		return at === -1 ? newest.questions.length : at;
	};
	return {
		scriptId: newest.id,
		title: newest.title,
		versions: [...versions].sort((one, other) => one - other),
		languages: [...languages].sort((one, other) => other[1] - one[1]).map(([language]) => language),
		segments,
		questions: [...questions]
			.sort(([one], [other]) => place(one) - place(other))
			.map(([, counting]) => questionTold(counting, newest)),
	};
}

function questionTold(counting: Counting, newest: Script): QuestionResult {
	const { question, counts, answers, unanswered, skipped, versions } = counting;
	const { id, kind } = question;
	const worded = newest.questions.find((one) => one.id === id && one.kind === kind) ?? question;
	const textOf = (value: string) =>
		worded.choices?.find((one) => one.id === value)?.text ??
		question.choices?.find((one) => one.id === value)?.text ??
		value;
	const metric = worded.metric === undefined || answers === 0 ? {} : measured(worded.metric, counts, answers);
	return {
		questionId: id,
		kind,
		text: worded.text,
		...(worded.low === undefined ? {} : { lowMeans: worded.low }),
		...(worded.high === undefined ? {} : { highMeans: worded.high }),
		versions: [...versions].sort((one, other) => one - other),
		answers,
		unanswered,
		skipped,
		choices: answersTo(question).map((value) => ({ value, text: textOf(value), count: counts.get(value) ?? 0 })),
		...metric,
		said: [],
	};
}

function measured(metric: 'nps' | 'csat', counts: Counting['counts'], answers: number) {
	if (metric === 'csat') {
		let satisfied = 0;
		for (const [answer, count] of counts) if (isSatisfied(Number(answer))) satisfied += count;
		const measured = share(satisfied, answers);
		return measured && { csat: { measured, satisfied } };
	}
	const recommending: Recommending = { promoters: 0, passives: 0, detractors: 0 };
	for (const [answer, count] of counts) recommending[recommendingOf(Number(answer))] += count;
	const measured = netPromoterScore(recommending);
	return measured && { nps: { measured, ...recommending } };
}
