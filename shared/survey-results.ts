import { type Static, Type } from 'typebox';
import { Role } from '#shared/people.ts';
import { Identity, questionKinds } from '#shared/survey.ts';

const strict = { additionalProperties: false };
const TimeMs = Type.String({ pattern: '^[0-9]{1,15}$', description: 'ms since 1970, in decimal' });

/**
 * GET /api/survey/results: what calls are looked at. What is left out is not narrowed down; a period is that of the calls'
 * beginnings, from `fromMs` until before `toMs`.
 */
export const ResultsQuery = Type.Object(
	{
		as: Type.Optional(Role),
		queue: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
		/** The agent's id. */
		agent: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
		script: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' })),
		/** One version of `script`; `all` puts the answers to all versions of a script together. */
		version: Type.Optional(Type.String({ pattern: '^([1-9][0-9]{0,8}|all)$' })),
		identity: Type.Optional(Identity),
		fromMs: Type.Optional(TimeMs),
		toMs: Type.Optional(TimeMs),
		/** Whether rehearsal calls are looked at too. Left out: in the demo only, which has no others. */
		rehearsal: Type.Optional(Type.Enum(['yes', 'no'])),
	},
	strict,
);
export type ResultsQuery = Static<typeof ResultsQuery>;

const Count = Type.Integer({ minimum: 0 });

/**
 * Calls by how far the customer came; each call counts once, by the furthest of its segments. `asked` is the sum of
 * `noAnswer`, `declined`, `notNow` and `agreed`; `agreed` of `notHeld` and `held`; `held` of the last four.
 */
export const SurveyCounts = Type.Object({
	/** An executive listened, or the customer was asked all the same. Missing where a script or identity is asked for: a call in which nobody was asked has none. */
	possible: Type.Optional(Count),
	/** Possible, and the customer was not asked. */
	notAsked: Type.Optional(Count),
	asked: Count,
	/** Asked, and what the customer said is not on record. */
	noAnswer: Count,
	declined: Count,
	notNow: Count,
	agreed: Count,
	/** Agreed, and the executive never came on the line. */
	notHeld: Count,
	/** Executive and customer spoke. */
	held: Count,
	/** Every question that was to be asked has an answer. */
	complete: Count,
	partial: Count,
	/** The executive has the line now. */
	goingOn: Count,
	/** The call was erased, and its answers with it: nobody can tell whether they were complete. */
	erased: Count,
	/** How many of the calls are rehearsals. */
	rehearsals: Count,
});
export type SurveyCounts = Static<typeof SurveyCounts>;

/** Where the true value lies with 95 % confidence; `value` is what was measured. Parts of one: an NPS is between −1 and 1. */
export const Measured = Type.Object({ value: Type.Number(), low: Type.Number(), high: Type.Number() });
export type Measured = Static<typeof Measured>;

/** What a customer answered in own words. */
export const SaidAnswer = Type.Object({
	callId: Type.String(),
	callStartedAtMs: Type.Number(),
	agentName: Type.String(),
	queue: Type.String(),
	rehearsal: Type.Boolean(),
	text: Type.String(),
});
export type SaidAnswer = Static<typeof SaidAnswer>;

/** How one question was answered. */
export const QuestionResult = Type.Object({
	questionId: Type.String(),
	kind: Type.Enum([...questionKinds]),
	text: Type.String(),
	/** What the ends of a scale mean. */
	lowMeans: Type.Optional(Type.String()),
	highMeans: Type.Optional(Type.String()),
	/** The versions of the script that hold this question. */
	versions: Type.Array(Type.Integer()),
	answers: Count,
	/** Segments in which it was to be asked, and has no answer. */
	unanswered: Count,
	/** Segments in which an answer before led past it. */
	skipped: Count,
	/** Each answer with a key, in the order of the keys; none for open questions. */
	choices: Type.Array(Type.Object({ value: Type.String(), text: Type.String(), count: Count })),
	/** Promoters (9–10) less detractors (0–6). */
	nps: Type.Optional(Type.Object({ measured: Measured, promoters: Count, passives: Count, detractors: Count })),
	/** The share of 4 and 5. */
	csat: Type.Optional(Type.Object({ measured: Measured, satisfied: Count })),
	/** The newest answers to an open question that this person may read. */
	said: Type.Array(SaidAnswer),
});
export type QuestionResult = Static<typeof QuestionResult>;

/** The answers to one script, in one version, or in all of them where that was asked for. */
export const SurveyAnswers = Type.Object({
	scriptId: Type.String(),
	title: Type.String(),
	versions: Type.Array(Type.Integer()),
	languages: Type.Array(Type.String()),
	/** Segments that were held and not erased: what the answers are of. */
	segments: Count,
	questions: Type.Array(QuestionResult),
});
export type SurveyAnswers = Static<typeof SurveyAnswers>;

/** GET /api/survey/results: what came of asking customers, of the calls this person may count. The same by segment: `results.csv`. */
export const SurveyResults = Type.Object({
	/** Whether rehearsal calls are counted too. */
	rehearsal: Type.Boolean(),
	/** What can be narrowed down to, whatever is narrowed down to now. */
	choices: Type.Object({
		queues: Type.Array(Type.String()),
		agents: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), queue: Type.String() })),
		scripts: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), versions: Type.Array(Type.Integer()) })),
	}),
	counts: SurveyCounts,
	byQueue: Type.Array(Type.Object({ queue: Type.String(), counts: SurveyCounts })),
	byAgent: Type.Array(
		Type.Object({ agentId: Type.String(), agentName: Type.String(), queue: Type.String(), counts: SurveyCounts }),
	),
	surveys: Type.Array(SurveyAnswers),
});
export type SurveyResults = Static<typeof SurveyResults>;
