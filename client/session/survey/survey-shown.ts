import { mayAskAgain } from '#client/session/survey/segment-now.ts';
import type { SurveyAct } from '#client/session/survey/survey-acts.ts';
import type { SurveyTone } from '#client/session/survey/survey-chip.ts';
import { overWords, returnedWords, whoComes, whoOffered } from '#client/session/survey/survey-words.ts';
import { timeToSecond } from '#client/ui/times.ts';
import type { CallView } from '#shared/call.ts';
import type { Role } from '#shared/people.ts';
import type { SegmentView } from '#shared/survey.ts';

/** Everything that decides what somebody is shown of a survey. */
export interface Seen {
	segment: SegmentView | undefined;
	call: Pick<CallView, 'at' | 'protected' | 'abilities' | 'cannot' | 'agentMust' | 'agentName'>;
	role: Role;
	/** Who looks at it. */
	meId: string;
	/** The executives who hear the call now, by name. */
	executives: readonly string[];
	/** The agent's microphone while an executive has the line; nothing while that is not known here. */
	microphone?: 'muted' | 'open' | undefined;
	/** Whether the connection is there: without it nobody here knows how a segment stands. */
	known: boolean;
}

/** What the card about a survey says, and what can be done with it. */
export interface Shown {
	tone: SurveyTone | 'none' | 'unknown';
	title: string;
	says: string[];
	acts: SurveyAct[];
}

/** What somebody is told of a survey in each of its states. Nothing where there is nothing to tell. */
export function surveyShown(seen: Seen): Shown | undefined {
	const { segment, role, call } = seen;
	if (call.at === 'ended') return undefined;
	if (!segment) return role === 'agent' ? none : undefined;
	const shown = shownAt(seen, segment);
	const acts = shown.acts.filter((act) => mayDo[role].includes(act));
	if (seen.known || shown.tone === 'over') return { ...shown, acts };
	return {
		tone: 'unknown',
		title: 'Connection lost: how the survey stands is not known here',
		says: ['It is shown here as soon as the connection is back.'],
		acts,
	};
}

const none: Shown = { tone: 'none', title: 'The customer is with you', says: [], acts: ['ask'] };

/** The server refuses the rest. Executives have a card of their own. */
const mayDo: Record<Role, readonly SurveyAct[]> = {
	agent: ['ask', 'yes', 'no', 'later', 'withdraw', 'takeBack', 'who'],
	supervisor: ['takeBack'],
	executive: [],
	administrator: [],
};

function shownAt(seen: Seen, segment: SegmentView): Shown {
	const isAgent = seen.role === 'agent';
	const { call } = seen;
	const customer = isAgent ? 'your customer' : 'the customer';
	const name = segment.taken?.executive.name ?? 'The executive';
	switch (segment.at) {
		case 'offered':
			return { tone: 'wanted', ...offered(segment, isAgent, call.agentName), acts: ['ask'] };
		case 'asked':
			return {
				tone: 'asked',
				title: isAgent ? 'Read this out' : `${call.agentName} is asking the customer`,
				says: isAgent
					? [
							...(call.at === 'held' ? ['The call is on hold: the customer does not hear you.'] : []),
							'What you press goes on record with your name. A yes by mistake can be taken back in the next step; a no stays a no.',
						]
					: ['What the customer says to it is recorded by the agent.'],
				acts: ['yes', 'no', 'later'],
			};
		case 'agreed':
			return {
				tone: 'agreed',
				title: 'The customer said yes',
				says: [
					recorded(segment, seen.meId),
					call.abilities.includes('survey')
						? whoComes(segment, seen.executives)
						: `This phone platform cannot bring an executive on the line${because(call.cannot)} The survey can be held by phone.`,
					...(call.protected ? ['The call is protected: nobody can come on the line until that ends.'] : []),
				],
				acts: ['who', 'withdraw'],
			};
		case 'declined':
			return {
				tone: 'over',
				title: 'The customer said no',
				says: [isAgent ? 'A no is a no: they are not asked again in this call. It costs you nothing.' : asNo],
				acts: [],
			};
		case 'not-now':
			return {
				tone: 'over',
				title: 'Not now',
				says: [
					isAgent ? 'You may ask again later in this call.' : `${call.agentName} may ask again later in this call.`,
				],
				acts: ['ask'],
			};
		case 'ready':
			return {
				tone: 'begins',
				title: `${name} is about to come on`,
				says: call.agentMust
					? [isAgent ? `${call.agentMust}.` : `${call.agentName} hands the customer over on the phone platform.`]
					: [`In a moment they talk with ${customer}.`, ...(isAgent ? microphoneWords(seen.microphone, true) : [])],
				acts: ['takeBack', 'who', 'withdraw'],
			};
		case 'live':
			return segment.taken?.by === 'phone'
				? {
						tone: 'live',
						title: `${name} speaks with ${customer} by phone`,
						says: ['Ycord carries no sound for it: it keeps only the consent and the answers.'],
						acts: ['takeBack', 'who', 'withdraw'],
					}
				: {
						tone: 'live',
						title: `${name} is on the line with ${customer}`,
						says: isAgent ? microphoneWords(seen.microphone, false) : [],
						acts: ['takeBack', 'who', 'withdraw'],
					};
		case 'finished':
		case 'lost':
			return onTheWay(segment, isAgent);
		case 'withdrawn':
			if (segment.taken) return onTheWay(segment, isAgent);
			return { tone: 'over', title: 'The customer changed their mind', says: [asNo], acts: [] };
		case 'returned': {
			const again = mayAskAgain(segment);
			return {
				tone: 'over',
				title: returnedWords(segment.returnedTo, isAgent),
				says: [
					overWords(segment, seen.meId),
					...(again && isAgent ? ['It may be asked for again, with a new yes of the customer.'] : []),
				],
				acts: again ? ['ask'] : [],
			};
		}
		case 'ended':
			return { tone: 'over', title: 'The call has ended', says: [overWords(segment, seen.meId)], acts: [] };
	}
}

const asNo = 'They are not asked again in this call.';

function offered(segment: SegmentView, isAgent: boolean, agentName: string): Pick<Shown, 'title' | 'says'> {
	if (!isAgent)
		return { title: `${whoOffered(segment)} a survey`, says: [`${agentName} asks the customer when it suits.`] };
	switch (segment.offeredBy.how) {
		case 'executive':
			return {
				title: `${segment.offeredBy.person?.name ?? 'An executive'} asks whether they may put a few questions to your customer`,
				says: ['Ask the customer when it suits. You get the words to read out.'],
			};
		case 'quota':
			return {
				title: 'This call was drawn for a survey',
				says: ['Please ask when it suits. Whom we ask is drawn, so it is neither yours nor ours to pick.'],
			};
		case 'agent':
			return { title: 'Ask for a survey', says: ['You get the words to read out.'] };
	}
}

const recorded = ({ consent }: SegmentView, meId: string) =>
	consent ? `At ${timeToSecond(consent.atMs)}, recorded by ${consent.by.id === meId ? 'you' : consent.by.name}.` : '';

const because = (cannot: string | undefined) => (cannot ? `: ${cannot}.` : '.');

function microphoneWords(microphone: Seen['microphone'], soon: boolean): string[] {
	if (!microphone) return [];
	if (microphone === 'muted') return [`Your microphone ${soon ? 'will be' : 'is'} muted. You hear everything.`];
	return [`Your microphone ${soon ? 'stays' : 'is'} open: the customer hears you too.`];
}

function onTheWay(segment: SegmentView, isAgent: boolean): Shown {
	const byPhone = segment.taken?.by === 'phone';
	return {
		tone: 'back',
		title: byPhone ? 'The survey is over' : `The customer is on the way back${isAgent ? ' to you' : ''}`,
		says: [overWords(segment, ''), ...(byPhone ? ['Held by phone: your phone system brings the customer back.'] : [])],
		acts: [],
	};
}
