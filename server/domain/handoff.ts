import { type Answers, checkedAnswer, withAnswer } from '#server/domain/survey.ts';
import { Refusal } from '#shared/refusals.ts';
import type { ConsentAnswer, Ending, Identity, Script, SegmentAt } from '#shared/survey.ts';

/** Somebody as the record names them. */
export interface Someone {
	id: string;
	name: string;
}

/** Who had the idea of asking; `quota` is the draw, so that nobody chooses who gets asked. */
export type Offer = { how: 'executive' | 'agent'; person: Someone } | { how: 'quota' };

/** What was read out to the customer. */
export interface Asked {
	/** Whole, so that answers can be read for ever, whatever becomes of the script. */
	script: Script;
	askedBy: Someone;
	identity: Identity;
	wording: string;
	/** The honest sentence for a customer who asks who this is. */
	who: string;
	/** Whose name was told: only they may take the line. */
	executive: Someone | undefined;
	/** How the executive may be shown to the customer: never more than was told. [C3] */
	shownAs: string;
}

/** Who took the line. By phone, Ycord carries no sound toward the call. */
export interface Taken {
	executive: Someone;
	by: 'line' | 'phone';
	/** Of the survey socket's credential. */
	secretHash: string;
}

interface Offered {
	id: string;
	offer: Offer;
}
interface WasAsked extends Offered {
	asked: Asked;
}
interface WasTaken extends WasAsked {
	taken: Taken;
	answers: Answers;
}

/** Where the customer came to be after a segment. */
export type ReturnedTo = 'agent' | 'queue' | 'announcement' | 'hung-up';

/** A survey segment. A state carries only what is true in it. */
export type Segment =
	| { at: 'none' }
	| ({ at: 'offered' } & Offered)
	| ({ at: 'asked' | 'agreed' | 'declined' | 'not-now' } & WasAsked)
	| ({ at: 'ready' | 'live' } & WasTaken)
	/** The floor is the agent's again; the customer is on the way back. */
	| ({ at: 'finished' | 'lost'; how: Ending } & WasTaken)
	| ({ at: 'withdrawn' } & WasAsked & { taken: Taken | undefined; answers: Answers })
	| ({ at: 'returned'; how: Ending; to: ReturnedTo } & WasTaken)
	/** The call ended first. */
	| ({ at: 'ended'; was: SegmentAt } & Offered & { asked?: Asked; taken?: Taken | undefined; answers?: Answers });

export type SegmentCommand =
	| { type: 'offer-survey'; segmentId: string; offer: Offer }
	| { type: 'ask-survey'; segmentId: string; asked: Asked }
	| { type: 'record-consent'; segmentId: string; answer: ConsentAnswer; by: Someone }
	| { type: 'withdraw-consent'; segmentId: string; who: 'agent' | 'customer' }
	| { type: 'take-line'; segmentId: string; taken: Taken }
	| { type: 'go-live'; segmentId: string; limitMs: number }
	| { type: 'finish-survey'; segmentId: string; how: Ending; by?: string }
	| { type: 'lose-line'; segmentId: string; how: Ending }
	| { type: 'customer-returned'; segmentId: string; to: ReturnedTo }
	| { type: 'answer-question'; segmentId: string; questionId: string; value: string; by: string }
	| { type: 'tell-identity'; segmentId: string };

export type SegmentEvent = { segmentId: string } & (
	| { type: 'survey-offered'; offer: Offer }
	| { type: 'survey-asked'; asked: Asked }
	/** Consent names the version of the script and who recorded it; when is on every record. [C2] */
	| {
			type: 'consent-recorded';
			answer: ConsentAnswer;
			script: { id: string; version: number; language: string };
			recordedBy: Someone;
	  }
	| { type: 'consent-withdrawn'; who: 'agent' | 'customer' }
	| { type: 'line-taken'; taken: Taken }
	| { type: 'survey-live'; limitMs: number }
	| { type: 'survey-finished'; how: Ending }
	| { type: 'line-lost'; how: Ending }
	| { type: 'customer-returned'; to: ReturnedTo }
	| { type: 'question-answered'; questionId: string; value: string }
	| { type: 'identity-told'; sentence: string }
);

/**
 * The state diagram. [S2] [C2]: nothing leads to `live` but `ready`, to `ready` but `agreed`, to `agreed` but having been
 * asked. `take-line` in `live` is the same executive's, whose connection broke for a moment.
 */
const open = {
	none: ['offer-survey'],
	offered: ['ask-survey'],
	asked: ['record-consent'],
	declined: [],
	'not-now': ['offer-survey'],
	agreed: ['withdraw-consent', 'take-line', 'tell-identity'],
	ready: ['withdraw-consent', 'go-live', 'finish-survey', 'lose-line', 'tell-identity'],
	live: ['withdraw-consent', 'take-line', 'finish-survey', 'lose-line', 'answer-question', 'tell-identity'],
	finished: ['customer-returned', 'answer-question'],
	withdrawn: ['customer-returned'],
	lost: ['customer-returned', 'answer-question'],
	returned: ['answer-question', 'offer-survey'],
	ended: ['answer-question'],
} satisfies Record<Segment['at'], SegmentCommand['type'][]>;

export const noSegment: Segment = { at: 'none' };

/** Pure. Refuses with `survey.not-now`, `survey.unknown`, `survey.another-executive`, `survey.answer`, `survey.question-unknown`. */
export function decideSegment(segment: Segment, command: SegmentCommand): SegmentEvent[] {
	const { segmentId } = command;
	const asked: string[] = open[segment.at];
	const isNew = command.type === 'offer-survey';
	if (!isNew && (segment.at === 'none' || segment.id !== segmentId)) throw new Refusal('survey.unknown');
	if (!asked.includes(command.type)) throw new Refusal('survey.not-now', inWords[segment.at]);
	switch (command.type) {
		case 'offer-survey':
			if (segment.at !== 'none' && segment.id === segmentId) throw new Refusal('survey.exists');
			// Once it was held the customer has given their minutes; one that broke may be asked for again, with a new consent.
			if (segment.at === 'returned' && !broke(segment.how)) throw new Refusal('survey.not-now', 'over');
			return [{ type: 'survey-offered', segmentId, offer: command.offer }];
		case 'ask-survey':
			return [{ type: 'survey-asked', segmentId, asked: command.asked }];
		case 'record-consent': {
			const { id, version, language } = askedIn(segment).script;
			const script = { id, version, language };
			return [{ type: 'consent-recorded', segmentId, answer: command.answer, script, recordedBy: command.by }];
		}
		case 'withdraw-consent':
			return [{ type: 'consent-withdrawn', segmentId, who: command.who }];
		case 'take-line': {
			const { executive } = askedIn(segment);
			const holder = segment.at === 'live' ? segment.taken.executive : executive;
			if (holder && holder.id !== command.taken.executive.id)
				throw new Refusal('survey.another-executive', holder.name);
			if (segment.at === 'live' && segment.taken.by !== command.taken.by)
				throw new Refusal('survey.not-now', inWords.live);
			return [{ type: 'line-taken', segmentId, taken: command.taken }];
		}
		case 'go-live':
			return [{ type: 'survey-live', segmentId, limitMs: command.limitMs }];
		case 'finish-survey':
			if (command.by !== undefined) mustHold(segment, command.by);
			return [{ type: 'survey-finished', segmentId, how: command.how }];
		case 'lose-line':
			return [{ type: 'line-lost', segmentId, how: command.how }];
		case 'customer-returned':
			if (!('taken' in segment) || !segment.taken) throw new Refusal('survey.not-now', inWords[segment.at]);
			return [{ type: 'customer-returned', segmentId, to: command.to }];
		case 'answer-question': {
			mustHold(segment, command.by);
			const value = checkedAnswer(askedIn(segment).script, command.questionId, command.value);
			return [{ type: 'question-answered', segmentId, questionId: command.questionId, value }];
		}
		case 'tell-identity':
			return [{ type: 'identity-told', segmentId, sentence: askedIn(segment).who }];
	}
}

export function evolveSegment(segment: Segment, event: SegmentEvent): Segment {
	const before = segment as Segment & WasTaken;
	switch (event.type) {
		case 'survey-offered':
			return { at: 'offered', id: event.segmentId, offer: event.offer };
		case 'survey-asked':
			return { at: 'asked', id: before.id, offer: before.offer, asked: event.asked };
		case 'consent-recorded':
			return { at: event.answer, id: before.id, offer: before.offer, asked: before.asked };
		case 'line-taken': {
			const answers = segment.at === 'live' ? segment.answers : new Map();
			const at = segment.at === 'live' ? 'live' : 'ready';
			return { at, id: before.id, offer: before.offer, asked: before.asked, taken: event.taken, answers };
		}
		case 'survey-live':
			return { ...before, at: 'live' };
		case 'survey-finished':
			return { ...before, at: 'finished', how: event.how };
		case 'line-lost':
			return { ...before, at: 'lost', how: event.how };
		case 'consent-withdrawn':
			return {
				at: 'withdrawn',
				id: before.id,
				offer: before.offer,
				asked: before.asked,
				taken: before.taken,
				answers: before.answers ?? new Map(),
			};
		case 'customer-returned':
			return {
				...before,
				at: 'returned',
				how: segment.at === 'withdrawn' ? 'withdrawn' : (segment as { how: Ending }).how,
				to: event.to,
			};
		case 'question-answered':
			return { ...segment, answers: withAnswer(before.answers ?? new Map(), event.questionId, event.value) } as Segment;
		case 'identity-told':
			return segment;
	}
}

/** The call is over: whoever was on the line, the segment is too. What had come to its own end stays as it was. */
export function endSegment(segment: Segment): Segment {
	switch (segment.at) {
		case 'none':
		case 'declined':
		case 'not-now':
		case 'returned':
		case 'ended':
			return segment;
		default:
			return { ...segment, at: 'ended', was: segment.at };
	}
}

/** Whose voice may go toward the call now: nobody's but the executive's who took the line, while the segment is live. [S2] */
export const floorOf = (segment: Segment): string | undefined =>
	segment.at === 'live' && segment.taken.by === 'line' ? segment.taken.executive.id : undefined;

/** Who has the customer: there is no state in which nobody has. `platform` is on the way back to the agent. */
export function ownerOf(segment: Segment): 'agent' | 'executive' | 'platform' {
	switch (segment.at) {
		case 'live':
			return 'executive';
		case 'finished':
		case 'lost':
			return 'platform';
		case 'withdrawn':
			return segment.taken ? 'platform' : 'agent';
		case 'returned':
			return segment.to === 'agent' ? 'agent' : 'platform';
		default:
			return 'agent';
	}
}

/** Whether the line is taken, or on its way there or back. */
export const isTaken = (segment: Segment): segment is Extract<Segment, { at: 'ready' | 'live' }> =>
	segment.at === 'ready' || segment.at === 'live';

const broke = (how: Ending) => how.endsWith('-lost') || how === 'protected' || how === 'removed';

function askedIn(segment: Segment): Asked {
	if ('asked' in segment && segment.asked) return segment.asked;
	throw new Refusal('survey.not-now', inWords[segment.at]);
}

/** Only whoever took the line says what was answered on it, and never after consent was withdrawn. */
function mustHold(segment: Segment, personId: string) {
	const taken = 'taken' in segment ? segment.taken : undefined;
	if (!taken) throw new Refusal('survey.not-now', inWords[segment.at]);
	if (taken.executive.id !== personId) throw new Refusal('survey.another-executive', taken.executive.name);
	const withdrawn =
		(segment.at === 'returned' && segment.how === 'withdrawn') ||
		(segment.at === 'ended' && segment.was === 'withdrawn');
	if (withdrawn) throw new Refusal('survey.not-now', inWords.withdrawn);
}

const inWords: Record<Segment['at'], string> = {
	none: 'not offered',
	offered: 'only offered',
	asked: 'waiting for the customer’s answer',
	declined: 'declined; a no stays a no in this call',
	'not-now': 'put off',
	agreed: 'agreed to, and nobody has taken the line',
	ready: 'about to begin',
	live: 'live',
	finished: 'over',
	withdrawn: 'withdrawn by the customer',
	lost: 'broken off',
	returned: 'over',
	ended: 'over, with the call',
};
