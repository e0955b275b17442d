import { describe, expect, test } from 'vitest';
import { floorOf, maxSegmentsPerCall, ownerOf, type Segment, type SegmentCommand } from '#server/domain/handoff.ts';
import type { SessionEvent } from '#server/domain/session.ts';
import type { RefusalCode } from '#shared/refusals.ts';
import { type Ending, endings, type SegmentAt, segmentStates } from '#shared/survey.ts';
import { given, sessionAfter } from '#tests/support/given.ts';
import {
	ann,
	another,
	answered,
	asked,
	askedFor,
	callAt,
	callBegan,
	callEnded,
	commands,
	ed,
	eve,
	finished,
	hears,
	lineLost,
	live,
	offered,
	ofSegment,
	returned,
	said,
	segmentId,
	storyOf,
	taken,
	takenByPhone,
	withdrawn,
} from '#tests/support/segment-story.ts';

const segmentAfter = (...past: SessionEvent[]): Segment => sessionAfter(...past).segment;
const states = ['none', ...segmentStates] as const;
type Outcome = SegmentAt | 'same' | RefusalCode;

/** Where each command leads from each state; what is not here is refused with `survey.not-now`. */
const leads: Record<SegmentAt | 'none', Partial<Record<SegmentCommand['type'], Outcome>>> = {
	none: { 'offer-survey': 'offered' },
	offered: { 'ask-survey': 'asked' },
	asked: { 'record-consent': 'agreed' },
	declined: {},
	'not-now': { 'offer-survey': 'offered' },
	agreed: { 'withdraw-consent': 'withdrawn', 'take-line': 'ready', 'tell-identity': 'same' },
	ready: {
		'withdraw-consent': 'withdrawn',
		'take-line': 'same',
		'go-live': 'live',
		'finish-survey': 'finished',
		'lose-line': 'lost',
		'tell-identity': 'same',
	},
	live: {
		'withdraw-consent': 'withdrawn',
		'take-line': 'same',
		'finish-survey': 'finished',
		'lose-line': 'lost',
		'answer-question': 'same',
		'tell-identity': 'same',
	},
	finished: { 'customer-returned': 'returned', 'answer-question': 'same' },
	withdrawn: { 'customer-returned': 'returned' },
	lost: { 'customer-returned': 'returned', 'answer-question': 'same' },
	returned: { 'answer-question': 'same', 'customer-returned': 'same' },
	ended: { 'customer-returned': 'returned', 'answer-question': 'same' },
};
/** What is asked once the call has ended is refused for that, but for what is only reported of it. */
const refusedIn = (at: SegmentAt | 'none', type: SegmentCommand['type']): RefusalCode => {
	if (at === 'ended' && type !== 'answer-question' && type !== 'customer-returned') return 'call.ended';
	return at === 'none' && type !== 'offer-survey' ? 'survey.unknown' : 'survey.not-now';
};

describe.each(states)('[W13] [S2] [C2] a segment that is %s', (at) => {
	test('is what its story leads to', () => expect(segmentAfter(...callAt(at)).at).toBe(at));

	test.each(Object.values(commands))('$type', (command) => {
		const sentence = given(...callAt(at)).when(ofSegment(command));
		const outcome = leads[at][command.type];
		if (outcome === undefined) return sentence.isRefused(refusedIn(at, command.type));
		const after = sessionAfter(...callAt(at), ...sentence.events()).segment;
		expect(after.at).toBe(outcome === 'same' ? at : outcome);
		if (at !== 'none' && after.at !== 'none') expect(after.id).toBe(command.segmentId);
	});

	test.each(Object.values(commands).filter(({ type }) => type !== 'offer-survey'))(
		'$type of another segment is refused',
		(command) => {
			const strange = { ...command, segmentId: 'a segment that never was' } as SegmentCommand;
			const isReport = command.type === 'answer-question' || command.type === 'customer-returned';
			given(...callAt(at))
				.when(ofSegment(strange))
				.isRefused(at === 'ended' && !isReport ? 'call.ended' : 'survey.unknown');
		},
	);
});

describe('[S2] the floor', () => {
	test.each(states)('in a segment that is %s is the executive’s only if it is live', (at) => {
		expect(floorOf(segmentAfter(...callAt(at)))).toBe(at === 'live' ? eve.id : undefined);
	});
	test('by phone is nobody’s: Ycord carries no sound toward that call', () => {
		expect(floorOf(segmentAfter(...callAt('agreed'), takenByPhone, live()))).toBeUndefined();
	});
});

test.each(states)('[C2] the customer of a segment that is %s is with somebody', (at) => {
	const owners: Partial<Record<typeof at, string>> = {
		live: 'executive',
		finished: 'platform',
		lost: 'platform',
		withdrawn: 'platform',
	};
	expect(ownerOf(segmentAfter(...callAt(at)))).toBe(owners[at] ?? 'agent');
});
test('[C2] the customer who withdrew before anybody took the line never left the agent', () => {
	expect(ownerOf(segmentAfter(...callAt('agreed'), withdrawn))).toBe('agent');
});
test.each(['queue', 'announcement', 'hung-up'] as const)(
	'[C2] the customer who came to be in “%s” is not with the agent',
	(to) => {
		expect(ownerOf(segmentAfter(...callAt('finished'), returned(to)))).toBe('platform');
	},
);

describe('[C2] consent', () => {
	test.each(['agreed', 'declined', 'not-now'] as const)(
		'“%s” names the script’s version, its language and who recorded it',
		(answer) =>
			given(...callAt('asked'))
				.when(ofSegment({ ...commands['record-consent'], answer }))
				.happens(said(answer)),
	);
	test('is given for one segment: another one has to be agreed to again', () => {
		const again = [...callAt('lost'), returned(), offered(another)];
		given(...again)
			.when(ofSegment({ ...commands['take-line'], segmentId: another }))
			.isRefused('survey.not-now');
		given(...again, asked(another), said('agreed', another))
			.when(ofSegment({ ...commands['take-line'], segmentId: another }))
			.happens(taken(another, eve, 'second'));
	});
	test('withdrawn is final: it is not asked for again', () => {
		for (const past of [[withdrawn], [taken(), live(), withdrawn, returned()]])
			given(...callAt('agreed'), ...past)
				.when(ofSegment(commands['offer-survey']))
				.isRefused('survey.not-now');
	});
	test('declined is final in this call', () =>
		given(...callAt('declined'))
			.when(ofSegment(commands['offer-survey']))
			.isRefused('survey.not-now'));
});

describe('[W13] offering again', () => {
	const broke: Ending[] = ['executive-lost', 'agent-lost', 'gateway-lost', 'protected', 'removed'];
	test.each(endings)('after one that ended “%s”', (how) => {
		const over = how.endsWith('-lost') ? lineLost(how) : finished(how);
		const sentence = given(...callAt('live'), over, returned()).when(ofSegment(commands['offer-survey']));
		if (broke.includes(how)) sentence.happens({ ...commands['offer-survey'], type: 'survey-offered' });
		else sentence.isRefused('survey.not-now');
	});
	test.each(['queue', 'announcement', 'hung-up'] as const)(
		'is refused where the customer is not with the agent any more but in “%s”',
		(to) =>
			given(...callAt('live'), lineLost('agent-lost'), returned(to))
				.when(ofSegment(commands['offer-survey']))
				.isRefused('survey.not-now'),
	);
	test('takes a new id: that of this or an earlier segment is refused, in every state', () => {
		for (const at of states) {
			if (at === 'none' || at === 'ended') continue;
			given(...callAt(at))
				.when(ofSegment({ ...commands['offer-survey'], segmentId: segmentId }))
				.isRefused('survey.exists');
		}
		given(...callAt('not-now'), offered(another), asked(another), said('not-now', another))
			.when(ofSegment({ ...commands['offer-survey'], segmentId: segmentId }))
			.isRefused('survey.exists');
	});
	test('what is asked of an earlier segment is refused', () => {
		const second = [...callAt('not-now'), offered(another), asked(another), said('agreed', another)];
		given(...second)
			.when(ofSegment(commands['take-line']))
			.isRefused('survey.unknown');
		given(...second)
			.when(ofSegment(commands['withdraw-consent']))
			.isRefused('survey.unknown');
	});
	test(`[B1] ends after ${maxSegmentsPerCall}: a customer who puts it off again and again has answered`, () => {
		const putOff = Array.from({ length: maxSegmentsPerCall }, (_, one) => [
			offered(`${one}`),
			asked(`${one}`),
			said('not-now', `${one}`),
		]).flat();
		given(callBegan, ...putOff.slice(3))
			.when(ofSegment(commands['offer-survey']))
			.happens({
				...commands['offer-survey'],
				type: 'survey-offered',
			});
		given(callBegan, ...putOff)
			.when(ofSegment(commands['offer-survey']))
			.isRefused('survey.not-now');
	});
});

describe('[S2] whose line it is', () => {
	const byEd = { ...commands['take-line'], taken: { executive: ed, by: 'line', secretHash: 'ed' } } as const;
	const both = [callBegan, ...hears(eve), ...hears(ed)];
	test('where a role was told, whoever hears may take it', () =>
		given(...both, ...storyOf.agreed)
			.when(ofSegment(byEd))
			.happens({
				type: 'line-taken',
				segmentId: byEd.segmentId,
				taken: byEd.taken,
			}));
	test('[C3] where a name was told, nobody else takes it', () => {
		const named = [...both, offered(), asked(segmentId, eve), said('agreed')];
		given(...named)
			.when(ofSegment(byEd))
			.isRefused('survey.another-executive');
		given(...named)
			.when(ofSegment(commands['take-line']))
			.happens(taken(undefined, eve, 'second'));
	});
	test.each(['ready', 'live'] as const)('of a segment that is %s is taken again by the same executive only', (at) => {
		given(...both, ...storyOf[at])
			.when(ofSegment(byEd))
			.isRefused('survey.another-executive');
		given(...both, ...storyOf[at])
			.when(ofSegment(commands['take-line']))
			.happens(taken(undefined, eve, 'second'));
		const byPhone = { ...commands['take-line'], taken: { executive: eve, by: 'phone', secretHash: '' } } as const;
		given(...both, ...storyOf[at])
			.when(ofSegment(byPhone))
			.isRefused('survey.not-now');
	});
	test('taken again keeps what was answered, and only the last address leads to it', () => {
		const again = segmentAfter(...callAt('live'), answered('solved', 'yes'), taken(undefined, eve, 'second'));
		expect(again).toMatchObject({ at: 'live', taken: { secretHash: 'second' }, answers: new Map([['solved', 'yes']]) });
	});
	test('is not another executive’s to finish, nor to answer on', () => {
		for (const type of ['finish-survey', 'answer-question'] as const)
			given(...callAt('live'))
				.when(ofSegment({ ...commands[type], by: ed.id } as SegmentCommand))
				.isRefused('survey.another-executive');
	});
	test('is taken back by the agent without being theirs', () =>
		given(...callAt('live'))
			.when(ofSegment({ type: 'finish-survey', segmentId: segmentId, how: 'taken-back' }))
			.happens(finished('taken-back')));
});

describe('[W13] answers', () => {
	const answer = (value: string, questionId = 'recommend') =>
		ofSegment({ ...commands['answer-question'], questionId, value });
	test.each([
		['never live', [...callAt('ready'), lineLost()]],
		['never live, and the call is over', [...callAt('ready'), callEnded]],
		['never live, and the customer is back', [...callAt('ready'), finished('taken-back'), returned()]],
		['withdrawn', callAt('withdrawn')],
		['withdrawn, and the customer is back', [...callAt('withdrawn'), returned()]],
		['withdrawn, and the call is over', [...callAt('withdrawn'), callEnded]],
		[
			'withdrawn, the call is over, and where the customer went is known',
			[...callAt('withdrawn'), callEnded, returned()],
		],
	])('to a segment that was %s are not taken', (_, past) =>
		given(...past)
			.when(answer('9'))
			.isRefused('survey.not-now'),
	);
	test('are those of the last turn only', () => {
		const again = [offered(another), asked(another), said('agreed', another), taken(another), live(another)];
		const after = segmentAfter(...callAt('live'), answered('recommend', '3'), lineLost(), returned(), ...again);
		expect(after).toMatchObject({ at: 'live', id: another, answers: new Map() });
	});
});

describe('[C2] the end of the call', () => {
	test.each(['offered', 'asked', 'agreed', 'ready', 'live', 'finished', 'withdrawn', 'lost'] as const)(
		'ends a segment that is %s',
		(at) => expect(segmentAfter(...callAt(at), callEnded)).toMatchObject({ at: 'ended', was: at }),
	);
	test.each(['none', 'declined', 'not-now', 'returned'] as const)('leaves one that is %s as it was', (at) => {
		expect(segmentAfter(...callAt(at), callEnded).at).toBe(at);
	});
	test('leaves one that was withdrawn before it was taken as it was', () => {
		expect(segmentAfter(...callAt('agreed'), withdrawn, callEnded).at).toBe('withdrawn');
	});
	test('does not keep off the record where the customer went', () => {
		for (const at of ['ready', 'live', 'finished', 'withdrawn', 'lost'] as const)
			given(...callAt(at), callEnded)
				.when(ofSegment({ ...commands['customer-returned'], to: 'hung-up' }))
				.happens(returned('hung-up'));
		expect(segmentAfter(...callAt('live'), callEnded, returned('hung-up'))).toMatchObject({
			at: 'returned',
			how: 'call-ended',
			to: 'hung-up',
		});
	});
	test('tells no customer to be back who was never away', () => {
		for (const past of [callAt('agreed'), [...callAt('agreed'), withdrawn]])
			for (const end of [[], [callEnded]])
				given(...past, ...end)
					.when(ofSegment(commands['customer-returned']))
					.isRefused('survey.not-now');
	});
});

test('[C3] the sentence that was said is the one of this script', () =>
	given(...callAt('live'))
		.when(ofSegment(commands['tell-identity']))
		.happens({
			type: 'identity-told',
			segmentId: segmentId,
			sentence: askedFor().who,
		}));
test('[C2] what the agent asked is on record whole: script, wording, disclosure, who', () =>
	given(...callAt('offered'))
		.when(ofSegment(commands['ask-survey']))
		.happens(asked()));
test('the agent’s own idea and the draw are told apart', () => {
	for (const offer of [{ how: 'agent', person: ann } as const, { how: 'quota' } as const])
		given(callBegan)
			.when(ofSegment({ ...commands['offer-survey'], offer }))
			.happens({ type: 'survey-offered', segmentId: another, offer });
});
