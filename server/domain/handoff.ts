import { holdsCardNumber } from '#server/domain/card-number.ts';
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
	/** The segments before it in this call, by id: none is offered twice, and there are few. */
	earlier: readonly string[];
}
interface WasAsked extends Offered {
	asked: Asked;
}
interface WasTaken extends WasAsked {
	taken: Taken;
}
/** Over, one way or another. There are answers if it ever was live: nothing is asked before. */
interface WasOver {
	how: Ending;
	answers: Answers | undefined;
}

/** Where the customer came to be after a segment. */
export type ReturnedTo = 'agent' | 'queue' | 'announcement' | 'hung-up';

/** A survey segment. A state carries only what is true in it. */
export type Segment =
	| { at: 'none' }
	| ({ at: 'offered' } & Offered)
	| ({ at: 'asked' | 'agreed' | 'declined' | 'not-now' } & WasAsked)
	| ({ at: 'ready' } & WasTaken)
	| ({ at: 'live'; answers: Answers } & WasTaken)
	/** The floor is the agent's again; the customer is on the way back. */
	| ({ at: 'finished' | 'lost' } & WasTaken & WasOver)
	/** So is it here, if the line was taken. */
	| ({ at: 'withdrawn'; taken: Taken | undefined } & WasAsked & WasOver)
	| ({ at: 'returned'; to: ReturnedTo } & WasTaken & WasOver)
	/** The call ended first. */
	| ({ at: 'ended'; was: SegmentAt } & Offered & { asked?: Asked; taken?: Taken | undefined } & Partial<WasOver>);

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
 * asked. `take-line` in `ready` and `live` is the same executive's again, whose connection broke or who never got the answer.
 */
const open = {
	none: ['offer-survey'],
	offered: ['ask-survey'],
	asked: ['record-consent'],
	declined: [],
	'not-now': ['offer-survey'],
	agreed: ['withdraw-consent', 'take-line', 'tell-identity'],
	ready: ['withdraw-consent', 'take-line', 'go-live', 'finish-survey', 'lose-line', 'tell-identity'],
	live: ['withdraw-consent', 'take-line', 'finish-survey', 'lose-line', 'answer-question', 'tell-identity'],
	finished: ['customer-returned', 'answer-question'],
	withdrawn: ['customer-returned'],
	lost: ['customer-returned', 'answer-question'],
	returned: ['answer-question', 'offer-survey', 'customer-returned'],
	ended: ['customer-returned', 'answer-question'],
} satisfies Record<Segment['at'], SegmentCommand['type'][]>;

/** How often a call may come to a segment: a customer who puts it off again and again has answered. [B1] */
export const maxSegmentsPerCall = 5;

export const noSegment: Segment = { at: 'none' };

/** Pure. Refuses with `survey.not-now`, `survey.unknown`, `survey.exists`, `survey.another-executive`, `survey.answer`, `survey.question-unknown`. */
export function decideSegment(segment: Segment, command: SegmentCommand): SegmentEvent[] {
	const { segmentId } = command;
	const asked: string[] = open[segment.at];
	if (command.type === 'offer-survey') {
		if (idsUpTo(segment).includes(segmentId)) throw new Refusal('survey.exists');
	} else if (segment.at === 'none' || segment.id !== segmentId) throw new Refusal('survey.unknown');
	if (!asked.includes(command.type)) throw notNow(segment);
	switch (command.type) {
		case 'offer-survey':
			if (segment.at === 'returned') mayBeAskedAgain(segment);
			if (idsUpTo(segment).length >= maxSegmentsPerCall)
				throw new Refusal('survey.not-now', 'put off too often in this call');
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
			const before = isTaken(segment) ? segment.taken : undefined;
			const holder = before ? before.executive : askedIn(segment).executive;
			if (holder && holder.id !== command.taken.executive.id)
				throw new Refusal('survey.another-executive', holder.name);
			if (before && before.by !== command.taken.by) throw notNow(segment);
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
			if (!('taken' in segment) || !segment.taken) throw notNow(segment);
			// Reported again by whoever never heard that it got on record.
			if (segment.at === 'returned') return [];
			return [{ type: 'customer-returned', segmentId, to: command.to }];
		case 'answer-question': {
			mustHold(segment, command.by);
			if (!('answers' in segment) || !segment.answers) throw notNow(segment);
			const value = checkedAnswer(askedIn(segment).script, command.questionId, command.value);
			if (holdsCardNumber(value)) throw new Refusal('text.card-number');
			return [{ type: 'question-answered', segmentId, questionId: command.questionId, value }];
		}
		case 'tell-identity':
			return [{ type: 'identity-told', segmentId, sentence: askedIn(segment).who }];
	}
}

export function evolveSegment(segment: Segment, event: SegmentEvent): Segment {
	const before = segment as Segment & WasTaken & WasOver;
	switch (event.type) {
		case 'survey-offered':
			return { at: 'offered', id: event.segmentId, offer: event.offer, earlier: idsUpTo(segment) };
		case 'survey-asked':
			return { ...before, at: 'asked', asked: event.asked };
		case 'consent-recorded':
			return { ...before, at: event.answer };
		case 'line-taken':
			return segment.at === 'live'
				? { ...segment, taken: event.taken }
				: { ...before, at: 'ready', taken: event.taken };
		case 'survey-live':
			return { ...before, at: 'live', answers: new Map() };
		case 'survey-finished':
			return { ...before, at: 'finished', how: event.how };
		case 'line-lost':
			return { ...before, at: 'lost', how: event.how };
		case 'consent-withdrawn':
			return { ...before, at: 'withdrawn', how: 'withdrawn' };
		case 'customer-returned':
			return { ...before, at: 'returned', to: event.to };
		case 'question-answered':
			return { ...before, answers: withAnswer(before.answers ?? new Map(), event.questionId, event.value) } as Segment;
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
		case 'ready':
		case 'live':
			return { ...segment, at: 'ended', was: segment.at, how: 'call-ended' };
		case 'withdrawn':
			return segment.taken ? { ...segment, at: 'ended', was: segment.at } : segment;
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

/** Whether the line is taken: an executive has it, or is about to. */
export const isTaken = (segment: Segment): segment is Extract<Segment, { at: 'ready' | 'live' }> =>
	segment.at === 'ready' || segment.at === 'live';

/** This segment and those before it in the call. */
const idsUpTo = (segment: Segment): readonly string[] =>
	segment.at === 'none' ? [] : [...segment.earlier, segment.id];

/** Once it was held the customer has given their minutes; one that broke may be asked for again, with a new consent, where the agent has them. */
function mayBeAskedAgain({ at, how, to }: Extract<Segment, { at: 'returned' }>) {
	const broke = how.endsWith('-lost') || how === 'protected' || how === 'removed';
	if (!broke || to !== 'agent') throw new Refusal('survey.not-now', inWords[at]);
}

function askedIn(segment: Segment): Asked {
	if ('asked' in segment && segment.asked) return segment.asked;
	throw notNow(segment);
}

/** Only whoever took the line says what was answered on it, and never after consent was withdrawn. */
function mustHold(segment: Segment, personId: string) {
	const taken = 'taken' in segment ? segment.taken : undefined;
	if (!taken) throw notNow(segment);
	if (taken.executive.id !== personId) throw new Refusal('survey.another-executive', taken.executive.name);
	if ('how' in segment && segment.how === 'withdrawn') throw new Refusal('survey.not-now', inWords.withdrawn);
}

const notNow = ({ at }: Segment) => new Refusal('survey.not-now', inWords[at]);

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
