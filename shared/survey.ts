import { type Static, Type } from 'typebox';
import { codecs } from '#shared/audio.ts';
import { uuidPattern } from '#shared/ids.ts';

const strict = { additionalProperties: false };
const SegmentId = Type.String({ pattern: uuidPattern });
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' });
const Line = Type.String({ minLength: 1, maxLength: 400 });
/** A language as BCP 47 writes it, such as `en` or `pt-BR`. */
const Language = Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$' });

/** What the customer is told of who comes on the line: the name, the role, or the company only. Never a false name. [C3] */
export const identities = ['named', 'role', 'company'] as const;
export const Identity = Type.Enum([...identities]);
export type Identity = (typeof identities)[number];

/** `scale-10` is 0–10, `scale-5` is 1–5; answers to `open` are typed, the rest is a key. */
export const questionKinds = ['scale-10', 'scale-5', 'yes-no', 'choice', 'open'] as const;
export type QuestionKind = (typeof questionKinds)[number];

/** One question, in one language. */
export const Question = Type.Object(
	{
		/** The same in every language and version of a script, so that answers can be put together. */
		id: Id,
		kind: Type.Enum([...questionKinds]),
		/** What the executive reads out. */
		text: Line,
		/** For `choice`: two to nine, each with a key of its own. */
		choices: Type.Optional(Type.Array(Type.Object({ id: Id, text: Line }, strict), { minItems: 2, maxItems: 9 })),
		/** What the ends of a scale mean. */
		low: Type.Optional(Line),
		high: Type.Optional(Line),
		/** What it is counted as in results: NPS needs `scale-10`, CSAT `scale-5`. */
		metric: Type.Optional(Type.Enum(['nps', 'csat'])),
		/** The first rule that fits the answer says which later question comes next; `end` ends the survey. */
		skips: Type.Optional(
			Type.Array(
				Type.Object(
					{ when: Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 12 }), to: Id },
					strict,
				),
				{
					maxItems: 12,
				},
			),
		),
	},
	strict,
);
export type Question = Static<typeof Question>;

/** A survey, in one language and version. Wording may hold `{company}`, `{role}` and, where the name is told, `{name}`. */
export const Script = Type.Object(
	{
		id: Id,
		version: Type.Integer({ minimum: 1 }),
		language: Language,
		title: Line,
		/** What the agent reads out to ask for consent, by what is told of who comes next. */
		ask: Type.Object({ named: Line, role: Line, company: Line }, strict),
		/** The honest sentence for a customer who asks who this is. */
		who: Type.Object({ named: Line, role: Line, company: Line }, strict),
		questions: Type.Array(Question, { minItems: 1, maxItems: 20 }),
	},
	strict,
);
export type Script = Static<typeof Script>;

/** What a platform can be asked to do with a call, so that screens offer only that. */
export const abilities = ['survey', 'returnToAgent', 'hold', 'hangUp', 'announce'] as const;
export type Ability = (typeof abilities)[number];

/** An executive asks whether they may, or an agent means to ask the customer. */
export const OfferSurvey = Type.Object({ type: Type.Literal('offer-survey'), segmentId: SegmentId }, strict);
/** The agent asks the customer, with the words that come back in the segment's `wording`. */
export const AskSurvey = Type.Object(
	{ type: Type.Literal('ask-survey'), segmentId: SegmentId, scriptId: Id, language: Language },
	strict,
);
export const consentAnswers = ['agreed', 'declined', 'not-now'] as const;
export type ConsentAnswer = (typeof consentAnswers)[number];
/** What the customer said to it. */
export const RecordConsent = Type.Object(
	{ type: Type.Literal('record-consent'), segmentId: SegmentId, answer: Type.Enum([...consentAnswers]) },
	strict,
);
/** The customer, or the agent for them, takes it back: the floor is the agent's before the next frame. [C2] */
export const WithdrawConsent = Type.Object({ type: Type.Literal('withdraw-consent'), segmentId: SegmentId }, strict);
/** The executive takes the line; or holds the segment by phone, where the platform cannot bring them on. */
export const TakeLine = Type.Object(
	{ type: Type.Literal('take-line'), segmentId: SegmentId, by: Type.Enum(['line', 'phone']) },
	strict,
);
/** The agent, or a supervisor, takes the customer back. */
export const TakeBack = Type.Object({ type: Type.Literal('take-back'), segmentId: SegmentId }, strict);
/** The executive is done. */
export const FinishSurvey = Type.Object({ type: Type.Literal('finish-survey'), segmentId: SegmentId }, strict);
/**
 * What the customer answered: `0`–`10`, `1`–`5`, `yes` or `no`, a choice's id, or open text. A later answer to the same
 * question replaces the one before; the empty one takes it back.
 */
export const AnswerQuestion = Type.Object(
	{
		type: Type.Literal('answer-question'),
		segmentId: SegmentId,
		questionId: Id,
		value: Type.String({ maxLength: 2000 }),
	},
	strict,
);
/** The customer asked who this is, and was told the honest sentence. [C3] */
export const TellIdentity = Type.Object({ type: Type.Literal('tell-identity'), segmentId: SegmentId }, strict);

export const SurveyCommand = Type.Union([
	OfferSurvey,
	AskSurvey,
	RecordConsent,
	WithdrawConsent,
	TakeLine,
	TakeBack,
	FinishSurvey,
	AnswerQuestion,
	TellIdentity,
]);
export type SurveyCommand = Static<typeof SurveyCommand>;

export const segmentStates = [
	'offered',
	'asked',
	'agreed',
	'declined',
	'not-now',
	'ready',
	'live',
	'finished',
	'withdrawn',
	'lost',
	'returned',
	'ended',
] as const;
export type SegmentAt = (typeof segmentStates)[number];

/** How an executive's turn came to its end. */
export const endings = [
	'executive',
	'taken-back',
	'time-limit',
	'protected',
	'removed',
	'withdrawn',
	'executive-lost',
	'agent-lost',
	'gateway-lost',
	'call-ended',
] as const;
export type Ending = (typeof endings)[number];

const TimeMs = Type.Number({ description: 'server time, ms since 1970' });
const Someone = Type.Object({ id: Type.String(), name: Type.String() });

/** A survey segment as whoever sees the session sees it; `answers` reach executives and supervisors. */
export const SegmentView = Type.Object({
	segmentId: Type.String(),
	seq: Type.Integer({ description: 'when it last changed, as a position of the journal' }),
	callId: Type.String(),
	at: Type.Enum([...segmentStates]),
	/** When the present state began. */
	sinceMs: TimeMs,
	/** Who had the idea; `quota` is the draw, which nobody chooses. */
	offeredBy: Type.Object({ how: Type.Enum(['executive', 'agent', 'quota']), person: Type.Optional(Someone) }),
	/** What was read out to the customer, in which version of which script. */
	asked: Type.Optional(
		Type.Object({
			atMs: TimeMs,
			by: Someone,
			script: Script,
			identity: Identity,
			wording: Type.String(),
			/** The honest sentence for "who is this?". */
			who: Type.String(),
			/** Whose name was told; only they may take the line. */
			executive: Type.Optional(Someone),
		}),
	),
	/** What the customer said, and who put that on record. */
	consent: Type.Optional(Type.Object({ answer: Type.Enum([...consentAnswers]), atMs: TimeMs, by: Someone })),
	/** Who took the line, and how. */
	taken: Type.Optional(Type.Object({ executive: Someone, by: Type.Enum(['line', 'phone']), atMs: TimeMs })),
	/** When both began to hear each other, and how long that may last; 0 is as long as it takes. */
	live: Type.Optional(Type.Object({ atMs: TimeMs, limitMs: Type.Number() })),
	/** How the executive's turn ended, and when. */
	over: Type.Optional(Type.Object({ how: Type.Enum([...endings]), atMs: TimeMs })),
	/** Where the customer is now. */
	returnedTo: Type.Optional(Type.Enum(['agent', 'queue', 'announcement', 'hung-up'])),
	answers: Type.Array(Type.Object({ questionId: Type.String(), value: Type.String() })),
	/** How often "who is this?" was asked and answered. */
	identityTold: Type.Integer(),
});
export type SegmentView = Static<typeof SegmentView>;

/** GET /api/calls/:callId/survey: what may be asked in this call, by the policy of its queue. */
export const SurveyChoices = Type.Object({
	scripts: Type.Array(Script),
	identity: Identity,
	agent: Type.Enum(['muted', 'open']),
	limitMs: Type.Number(),
});
export type SurveyChoices = Static<typeof SurveyChoices>;

/** The survey socket, `/survey/sound/<secret>`: what the server says on it in text. PROTOCOL.md [T…]. */
export const SurveyTold = Type.Object({
	type: Type.Literal('survey'),
	segmentId: Type.String(),
	state: Type.Enum(['ready', 'live']),
	/** How sound must be coded. */
	codec: Type.Enum([...codecs]),
	/** Frames dropped so far because they came too late or too many at once. */
	droppedFrames: Type.Integer(),
});
export type SurveyTold = Static<typeof SurveyTold>;
