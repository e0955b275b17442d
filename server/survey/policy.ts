import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { CannotStart } from '#server/cannot-start.ts';
import type { Asked, Someone } from '#server/domain/handoff.ts';
import { shippedScripts } from '#server/survey/shipped-scripts.ts';
import { Refusal } from '#shared/refusals.ts';
import { Identity, type Question, Script } from '#shared/survey.ts';
import { answersTo } from '#shared/survey-order.ts';

const strict = { additionalProperties: false };

/** What holds for one queue. */
const Rule = Type.Object(
	{
		/** What the customer is told of who comes on the line: the company's choice, never the agent's. [C3] */
		identity: Identity,
		/** Of how many calls in a hundred that an executive sits in on the agent is told to ask, so that agents do not choose. */
		quotaPercent: Type.Number({ minimum: 0, maximum: 100 }),
		/** How long an executive may have the line. */
		limitSeconds: Type.Integer({ minimum: 60, maximum: 3600 }),
		/** The agent's microphone while the executive has the line. */
		agent: Type.Enum(['muted', 'open']),
		/** Where the customer goes when the agent is not there to take them back. */
		fallback: Type.Enum(['queue', 'announcement', 'hang-up']),
	},
	strict,
);
export type SurveyRule = Static<typeof Rule>;

/** What differs from the usual rule: each field may be left out, and none may be misspelt. */
const Differing = Type.Partial(Rule, strict);

/** The policy file, `YCORD_SURVEY`: what holds everywhere, what differs for queues, and the scripts. */
const PolicyFile = Type.Object(
	{
		company: Type.String({ minLength: 1, maxLength: 80 }),
		/** How a leader of the company is called where the name is not told. */
		role: Type.String({ minLength: 1, maxLength: 80 }),
		rule: Differing,
		queues: Type.Optional(Type.Record(Type.String({ maxLength: 80 }), Differing)),
		scripts: Type.Optional(Type.Array(Script, { minItems: 1, maxItems: 200 })),
	},
	strict,
);
type PolicyFile = Static<typeof PolicyFile>;

/** What may be asked of a queue's customers, and how. */
export interface SurveyPolicy {
	rule(team: string): SurveyRule;
	readonly scripts: readonly Script[];
	/** The script with its words filled in. Refuses with `survey.script-unknown`; with `survey.nobody` if a name is to be told and there is none. */
	asked(team: string, scriptId: string, language: string, by: Someone, executive: Someone | undefined): Asked;
}

const usual: SurveyRule = {
	identity: 'role',
	quotaPercent: 0,
	limitSeconds: 300,
	agent: 'muted',
	fallback: 'announcement',
};

const shipped: PolicyFile = { company: 'our company', role: 'a member of our leadership', rule: {} };

export function surveyPolicy(file: PolicyFile = shipped): SurveyPolicy {
	const scripts = file.scripts ?? shippedScripts;
	const rule = (team: string): SurveyRule => ({ ...usual, ...file.rule, ...file.queues?.[team] });
	return {
		rule,
		scripts,
		asked(team, scriptId, language, askedBy, executive) {
			// The newest version is asked with; older ones stand in the file for those who read it.
			const script = scripts
				.filter((one) => one.id === scriptId && one.language === language)
				.reduce<Script | undefined>(
					(newest, one) => (newest && newest.version > one.version ? newest : one),
					undefined,
				);
			if (!script) throw new Refusal('survey.script-unknown');
			const { identity } = rule(team);
			if (identity === 'named' && !executive) throw new Refusal('survey.nobody');
			const named = identity === 'named' ? executive : undefined;
			const words: Record<string, string> = {
				company: file.company,
				role: file.role,
				name: named?.name ?? file.role,
			};
			const filled = (text: string) => text.replace(placeholder, (whole, word) => words[word] ?? whole);
			return {
				script,
				identity,
				askedBy,
				wording: filled(script.ask[identity]),
				who: filled(script.who[identity]),
				executive: named,
				shownAs: { named: named?.name ?? file.role, role: file.role, company: file.company }[identity],
			};
		},
	};
}

/** Reads the policy file; throws with what is wrong and where. */
export function readSurveyPolicy(path: string): SurveyPolicy {
	let content: unknown;
	try {
		content = JSON.parse(readFileSync(path, 'utf8'));
	} catch (error) {
		throw new CannotStart(`YCORD_SURVEY: ${path} cannot be read as JSON: ${(error as Error).message}`);
	}
	if (!Value.Check(PolicyFile, content)) {
		const [first] = Value.Errors(PolicyFile, content);
		const isUnknown = first?.keyword === 'boolean' || first?.keyword === 'additionalProperties';
		const problem = isUnknown ? 'is no field of a survey policy' : (first?.message ?? 'is not a survey policy');
		throw new CannotStart(`YCORD_SURVEY: ${path}: ${first?.instancePath || 'the file'} ${problem}`);
	}
	const known = new Set<string>();
	for (const script of content.scripts ?? []) {
		const name = `script “${script.id}” ${script.version} (${script.language})`;
		const problem = known.has(name) ? 'is there twice' : wrongWith(script);
		if (problem) throw new CannotStart(`YCORD_SURVEY: ${path}: ${name}: ${problem}`);
		known.add(name);
	}
	return surveyPolicy(content);
}

/** What a script's shape does not tell: where its rules lead, and that nobody is given a name that is not told. [C3] */
export function wrongWith({ ask, who, questions }: Script): string | undefined {
	for (const text of [ask, who].flatMap(({ role, company }) => [role, company]))
		if (text.includes('{name}')) return 'the name is told only where the identity is “named”';
	for (const text of [ask, who].flatMap((one) => Object.values(one)))
		if (/[{}]/.test(text.replace(placeholder, '')))
			return 'only {company}, {role} and {name} can stand in braces, and they would be read out as they are';
	const ids = questions.map(({ id }) => id);
	for (const [place, question] of questions.entries()) {
		const problem =
			ids.indexOf(question.id) !== place ? 'is there twice' : (wrongKind(question) ?? wrongSkips(question, ids));
		if (problem) return `question “${question.id}”: ${problem}`;
	}
	return undefined;
}

const placeholder = /\{(company|role|name)\}/g;

function wrongKind({ id, kind, choices, metric, text }: Question): string | undefined {
	if (id === 'end') return 'is what rules call the end of the survey';
	if (/[{}]/.test(text)) return 'braces are not filled in questions';
	if ((kind === 'choice') !== (choices !== undefined)) return 'needs choices if it is a choice, and none otherwise';
	if (new Set(choices?.map((one) => one.id)).size !== (choices?.length ?? 0)) return 'two of its choices have one id';
	if (metric === 'nps' && kind !== 'scale-10') return 'counts as NPS and is not 0–10';
	if (metric === 'csat' && kind !== 'scale-5') return 'counts as CSAT and is not 1–5';
	return undefined;
}

function wrongSkips(question: Question, ids: readonly string[]): string | undefined {
	for (const { when, to } of question.skips ?? []) {
		const never = when.find((answer) => !answersTo(question).includes(answer));
		if (never !== undefined) return `has a rule for “${never}”, which nobody can answer with a key`;
		if (to !== 'end' && ids.indexOf(to) <= ids.indexOf(question.id))
			return `leads to “${to}”, which does not come later`;
	}
	return undefined;
}
