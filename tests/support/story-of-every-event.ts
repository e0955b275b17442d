import type { Asked } from '#server/domain/handoff.ts';
import type { SessionEvent } from '#server/domain/session.ts';
import type { ConsentAnswer, Script } from '#shared/survey.ts';

/** One line of a journal to be written: who recorded what of which call. */
export interface Line {
	stream: string;
	by: string;
	event: SessionEvent;
}

const eve = { id: 'eve', name: 'Eve Executive', role: 'executive' } as const;
const ed = { id: 'ed', name: 'Ed Executive', role: 'executive' } as const;
const sue = { id: 'sue', name: 'Sue Supervisor', role: 'supervisor' } as const;
const facts = {
	gateway: 'twilio',
	rehearsal: false,
	agentId: 'ann',
	agentName: 'Ann Agent',
	team: 'Orders',
	disclosure: 'notice',
} as const;
const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const noteId = (n: number) => `01890000-0000-7000-8000-00000000000${n}`;
const invite = (listener: typeof eve | typeof ed, n: number) =>
	({ type: 'invited', listeningId: id(n), listener, secretHash: `hash ${n}`, expiresAtMs: 1_700_003_600_000 }) as const;
const note = (n: number, author: typeof eve | typeof sue, text: string, lane: 'team' | 'private' | 'leadership') =>
	({ type: 'note-written', noteId: noteId(n), kind: 'pinhole', lane, text, anchorMs: n * 1000, author }) as const;

/** A call with every type of event that release 0.1 has, but for its erasing. */
export const oneCall: Line[] = [
	{ by: 'gateway:twilio', event: { type: 'call-started', facts: { ...facts, label: 'Order enquiry …4711' } } },
	{ by: 'ann', event: invite(eve, 1) },
	{ by: 'eve', event: { type: 'invitation-accepted', listeningId: id(1) } },
	{ by: 'eve', event: { type: 'listening-started', listeningId: id(1), disclosure: 'notice' } },
	{ by: 'ann', event: invite(ed, 2) },
	{ by: 'ed', event: { type: 'invitation-declined', listeningId: id(2) } },
	{ by: 'ann', event: invite(ed, 3) },
	{ by: 'ann', event: { type: 'invitation-withdrawn', listeningId: id(3) } },
	{ by: 'sue', event: { type: 'joined', listeningId: id(4), listener: sue } },
	{ by: 'eve', event: note(1, eve, 'They hold for minutes – “again”.', 'team') },
	{ by: 'sue', event: note(2, sue, 'Schön gelöst 👏', 'leadership') },
	{ by: 'sue', event: { ...note(4, sue, 'Told Eve #praise', 'leadership'), replyTo: noteId(2) } },
	{
		by: 'eve',
		event: { type: 'note-edited', noteId: noteId(1), kind: 'suggestion', text: 'They hold for 11 minutes.' },
	},
	{ by: 'sue', event: { type: 'note-widened', noteId: noteId(2), lane: 'team' } },
	{
		by: 'ann',
		event: {
			type: 'note-heard',
			noteId: noteId(1),
			heard: true,
			person: { ...eve, id: 'ann', name: 'Ann Agent', role: 'agent' },
		},
	},
	{
		by: 'sue',
		event: { type: 'note-linked', noteId: noteId(2), to: { callId: 'twilio-CA01', noteId: noteId(1) }, linked: true },
	},
	{ by: 'sue', event: { type: 'note-deleted', noteId: noteId(4) } },
	{ by: 'ann', event: { type: 'call-protected' } },
	{ by: 'ann', event: { type: 'call-unprotected' } },
	{ by: 'gateway:twilio', event: { type: 'call-held' } },
	{ by: 'gateway:twilio', event: { type: 'call-resumed' } },
	{ by: 'gateway:twilio', event: { type: 'call-lost' } },
	{ by: 'gateway:twilio', event: { type: 'call-restored' } },
	{ by: 'eve', event: { type: 'sound-refused', listeningId: id(1), bytes: 176 } },
	{ by: 'sue', event: { type: 'listener-removed', listeningId: id(1) } },
	{
		by: 'eve',
		event: { type: 'listening-stopped', listeningId: id(1), reason: 'removed', audibleMs: 61_000, lostMs: 20 },
	},
	{ by: 'gateway:twilio', event: { type: 'call-ended', reason: 'hung-up' } },
].map((line) => ({ stream: 'twilio-CA01', ...line }) as Line);

const segmentId = (n: number) => `01890000-0000-7000-8000-0000000000a${n}`;
const script: Script = {
	id: 'service',
	version: 2,
	language: 'de-AT',
	title: 'Wie war’s?',
	ask: { named: '{name} fragt.', role: '{role} fragt.', company: '{company} fragt.' },
	who: { named: 'Das ist {name}.', role: 'Das ist {role}.', company: 'Das ist {company}.' },
	questions: [
		{
			id: 'recommend',
			kind: 'scale-10',
			metric: 'nps',
			text: 'Von 0 bis 10?',
			skips: [{ when: ['10'], to: 'end' }],
		},
		{ id: 'one-thing', kind: 'open', text: 'Was sollen wir ändern?' },
	],
};
const leader = { id: eve.id, name: eve.name };
const agent = { id: 'ann', name: 'Ann Agent' };
const askedFor: Asked = {
	script,
	askedBy: agent,
	identity: 'named',
	wording: 'Eve Executive fragt.',
	who: 'Das ist Eve Executive.',
	executive: leader,
	shownAs: 'Eve Executive',
};
const consent = (n: number, answer: ConsentAnswer) =>
	({
		type: 'consent-recorded',
		segmentId: segmentId(n),
		answer,
		script: { id: script.id, version: script.version, language: script.language },
		recordedBy: agent,
	}) as const;
const taken = (n: number, by: 'line' | 'phone') =>
	({
		type: 'line-taken',
		segmentId: segmentId(n),
		taken: { executive: leader, by, secretHash: `hash of ${n}` },
	}) as const;

/** A call with every type of event of a survey segment: put off, broken off, withdrawn by the customer. */
const surveyedOnce: Omit<Line, 'stream'>[] = [
	{
		by: 'gateway:twilio',
		event: {
			type: 'call-started',
			facts: { ...facts, label: 'Delivery …0815', abilities: ['survey', 'returnToAgent'] },
		},
	},
	{ by: 'ann', event: invite(eve, 5) },
	{ by: 'eve', event: { type: 'invitation-accepted', listeningId: id(5) } },
	{ by: 'eve', event: { type: 'listening-started', listeningId: id(5), disclosure: 'notice' } },
	{ by: 'ycord', event: { type: 'survey-offered', segmentId: segmentId(1), offer: { how: 'quota' } } },
	{ by: 'ann', event: { type: 'survey-asked', segmentId: segmentId(1), asked: { ...askedFor, executive: undefined } } },
	{ by: 'ann', event: consent(1, 'not-now') },
	{
		by: 'eve',
		event: { type: 'survey-offered', segmentId: segmentId(2), offer: { how: 'executive', person: leader } },
	},
	{ by: 'ann', event: { type: 'survey-asked', segmentId: segmentId(2), asked: askedFor } },
	{ by: 'ann', event: consent(2, 'agreed') },
	{ by: 'eve', event: taken(2, 'line') },
	{ by: 'ycord', event: { type: 'survey-live', segmentId: segmentId(2), limitMs: 300_000 } },
	{ by: 'eve', event: { type: 'identity-told', segmentId: segmentId(2), sentence: askedFor.who } },
	{ by: 'eve', event: { type: 'question-answered', segmentId: segmentId(2), questionId: 'recommend', value: '9' } },
	{ by: 'ycord', event: { type: 'line-lost', segmentId: segmentId(2), how: 'executive-lost' } },
	{ by: 'ycord', event: { type: 'customer-returned', segmentId: segmentId(2), to: 'agent' } },
	{ by: 'ann', event: { type: 'survey-offered', segmentId: segmentId(3), offer: { how: 'agent', person: agent } } },
	{ by: 'ann', event: { type: 'survey-asked', segmentId: segmentId(3), asked: askedFor } },
	{ by: 'ann', event: consent(3, 'agreed') },
	{ by: 'eve', event: taken(3, 'line') },
	{ by: 'ycord', event: { type: 'survey-live', segmentId: segmentId(3), limitMs: 0 } },
	{
		by: 'eve',
		event: {
			type: 'question-answered',
			segmentId: segmentId(3),
			questionId: 'one-thing',
			value: 'Schneller – „bitte“.',
		},
	},
	{ by: 'ycord', event: { type: 'consent-withdrawn', segmentId: segmentId(3), who: 'customer' } },
	{ by: 'gateway:twilio', event: { type: 'call-ended', reason: 'hung-up' } },
	{ by: 'ycord', event: { type: 'customer-returned', segmentId: segmentId(3), to: 'hung-up' } },
	{
		by: 'eve',
		event: { type: 'listening-stopped', listeningId: id(5), reason: 'call-ended', audibleMs: 90_000, lostMs: 0 },
	},
];
/** The same by phone, finished in good order, and erased. */
const surveyedAndErased: Omit<Line, 'stream'>[] = [
	{ by: 'gateway:twilio', event: { type: 'call-started', facts: { ...facts, label: 'Delivery …4712' } } },
	{ by: 'ann', event: { type: 'survey-offered', segmentId: segmentId(4), offer: { how: 'agent', person: agent } } },
	{ by: 'ann', event: { type: 'survey-asked', segmentId: segmentId(4), asked: askedFor } },
	{ by: 'ann', event: consent(4, 'agreed') },
	{ by: 'eve', event: taken(4, 'phone') },
	{ by: 'eve', event: { type: 'survey-live', segmentId: segmentId(4), limitMs: 0 } },
	{
		by: 'eve',
		event: {
			type: 'question-answered',
			segmentId: segmentId(4),
			questionId: 'one-thing',
			value: 'What nobody may read.',
		},
	},
	{ by: 'eve', event: { type: 'survey-finished', segmentId: segmentId(4), how: 'executive' } },
	{ by: 'eve', event: { type: 'customer-returned', segmentId: segmentId(4), to: 'agent' } },
	{ by: 'gateway:twilio', event: { type: 'call-ended', reason: 'hung-up' } },
	{ by: 'operator', event: { type: 'call-erased' } },
];
/** Calls with survey segments, which came after release 0.1. */
export const surveyedCalls: Line[] = [
	...surveyedOnce.map((line) => ({ stream: 'twilio-CA03', ...line })),
	...surveyedAndErased.map((line) => ({ stream: 'twilio-CA04', ...line })),
];

/** A call that was erased. */
export const erasedCall: Line[] = [
	{ by: 'gateway:twilio', event: { type: 'call-started', facts: { ...facts, label: 'A caller by name' } } },
	{ by: 'eve', event: note(3, eve, 'What nobody may read any more.', 'private') },
	{ by: 'gateway:twilio', event: { type: 'call-ended', reason: 'lost' } },
	{ by: 'operator', event: { type: 'call-erased' } },
].map((line) => ({ stream: 'twilio-CA02', ...line }) as Line);
