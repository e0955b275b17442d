import type { Asked, SegmentCommand, Someone } from '#server/domain/handoff.ts';
import type { SessionDecision, SessionEvent } from '#server/domain/session.ts';
import { shippedScripts } from '#server/survey/shipped-scripts.ts';
import type { Ability, Ending, Script, SegmentAt } from '#shared/survey.ts';
import { callStarted } from '#tests/support/given.ts';

/** The people and parts of the segments that tests tell of. */
export const ann: Someone = { id: 'agent-1', name: 'Ann Agent' };
export const eve: Someone = { id: 'exec-1', name: 'Eve Executive' };
export const ed: Someone = { id: 'exec-2', name: 'Ed Executive' };
export const script = shippedScripts[0] as Script;
export const segmentId = '00000000-0000-4000-8000-0000000000a1';
export const another = '00000000-0000-4000-8000-0000000000a2';

/** A call whose platform can bring an executive on the line, or do what is given. */
export function callThatCan(...abilities: Ability[]): SessionEvent {
	if (callStarted.type !== 'call-started') throw new Error('a call begins with call-started');
	return { ...callStarted, facts: { ...callStarted.facts, abilities } };
}
export const callBegan = callThatCan('survey', 'returnToAgent');

/** Somebody sits in, and hears. */
export const hears = ({ id, name }: Someone, listeningId = `seat of ${id}`): SessionEvent[] => [
	{
		type: 'invited',
		listeningId,
		listener: { id, name, role: 'executive' },
		secretHash: listeningId,
		expiresAtMs: 1,
	},
	{ type: 'invitation-accepted', listeningId },
	{ type: 'listening-started', listeningId, disclosure: 'notice' },
];

/** What an agent read out; with the name of an executive it was told, else their role. */
export const askedFor = (executive?: Someone): Asked => ({
	script,
	askedBy: ann,
	identity: executive ? 'named' : 'role',
	wording: 'Do you have a minute?',
	who: 'You are speaking with a leader of the company.',
	executive,
	shownAs: executive?.name ?? 'a leader of the company',
});

/** What happens to a segment, event by event. */
export const offered = (id = segmentId): SessionEvent => ({
	type: 'survey-offered',
	segmentId: id,
	offer: { how: 'executive', person: eve },
});
export const asked = (id = segmentId, executive?: Someone): SessionEvent => ({
	type: 'survey-asked',
	segmentId: id,
	asked: askedFor(executive),
});
export const said = (answer: 'agreed' | 'declined' | 'not-now', id = segmentId): SessionEvent => ({
	type: 'consent-recorded',
	segmentId: id,
	answer,
	script: { id: script.id, version: script.version, language: script.language },
	recordedBy: ann,
});
export const taken = (id = segmentId, executive = eve, secretHash = 'first'): SessionEvent => ({
	type: 'line-taken',
	segmentId: id,
	taken: { executive, by: 'line', secretHash },
});
export const takenByPhone: SessionEvent = {
	type: 'line-taken',
	segmentId,
	taken: { executive: eve, by: 'phone', secretHash: '' },
};
export const live = (id = segmentId): SessionEvent => ({ type: 'survey-live', segmentId: id, limitMs: 300_000 });
export const finished = (how: Ending = 'executive'): SessionEvent => ({ type: 'survey-finished', segmentId, how });
export const lineLost = (how: Ending = 'executive-lost'): SessionEvent => ({ type: 'line-lost', segmentId, how });
export const withdrawn: SessionEvent = { type: 'consent-withdrawn', segmentId, who: 'agent' };
export const returned = (to: 'agent' | 'queue' | 'announcement' | 'hung-up' = 'agent'): SessionEvent => ({
	type: 'customer-returned',
	segmentId,
	to,
});
export const answered = (questionId: string, value: string): SessionEvent => ({
	type: 'question-answered',
	segmentId,
	questionId,
	value,
});
export const callEnded: SessionEvent = { type: 'call-ended', reason: 'hung-up' };

const agreed = [offered(), asked(), said('agreed')];
const onLine = [...agreed, taken(), live()];
/** What leads to each state a segment can be in, in a call that Eve listens to. */
export const storyOf: Record<SegmentAt | 'none', SessionEvent[]> = {
	none: [],
	offered: [offered()],
	asked: [offered(), asked()],
	agreed,
	declined: [offered(), asked(), said('declined')],
	'not-now': [offered(), asked(), said('not-now')],
	ready: [...agreed, taken()],
	live: onLine,
	finished: [...onLine, finished()],
	withdrawn: [...onLine, withdrawn],
	lost: [...onLine, lineLost()],
	returned: [...onLine, finished(), returned()],
	ended: [...onLine, callEnded],
};
/** A call up to that state. */
export const callAt = (at: SegmentAt | 'none'): SessionEvent[] => [callBegan, ...hears(eve), ...storyOf[at]];

/** Every command there is, as it is meant for the usual segment. */
export const commands = {
	'offer-survey': { type: 'offer-survey', segmentId: another, offer: { how: 'agent', person: ann } },
	'ask-survey': { type: 'ask-survey', segmentId, asked: askedFor() },
	'record-consent': { type: 'record-consent', segmentId, answer: 'agreed', by: ann },
	'withdraw-consent': { type: 'withdraw-consent', segmentId, who: 'agent' },
	'take-line': { type: 'take-line', segmentId, taken: { executive: eve, by: 'line', secretHash: 'second' } },
	'go-live': { type: 'go-live', segmentId, limitMs: 300_000 },
	'finish-survey': { type: 'finish-survey', segmentId, how: 'executive', by: eve.id },
	'lose-line': { type: 'lose-line', segmentId, how: 'executive-lost' },
	'customer-returned': { type: 'customer-returned', segmentId, to: 'agent' },
	'answer-question': { type: 'answer-question', segmentId, questionId: 'recommend', value: '9', by: eve.id },
	'tell-identity': { type: 'tell-identity', segmentId },
} as const satisfies Record<SegmentCommand['type'], SegmentCommand>;

/** A command of the segment as the session decides it. */
export const ofSegment = (command: SegmentCommand): SessionDecision => ({ of: 'segment', command });
