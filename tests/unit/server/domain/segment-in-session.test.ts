import { describe, expect, test } from 'vitest';
import type { Listener } from '#server/domain/listening.ts';
import { mustBeAllowed } from '#server/domain/roles.ts';
import type { SessionDecision, SessionEvent } from '#server/domain/session.ts';
import type { SessionCommand } from '#shared/call.ts';
import { type Person, type Role, roles } from '#shared/people.ts';
import { type SegmentAt, segmentStates } from '#shared/survey.ts';
import { codeOf, given, sessionAfter } from '#tests/support/given.ts';
import {
	answered,
	callAt,
	callBegan,
	callEnded,
	callThatCan,
	commands,
	ed,
	eve,
	finished,
	hears,
	lineLost,
	live,
	ofSegment,
	returned,
	segmentId,
	storyOf,
	taken,
	takenByPhone,
	withdrawn,
} from '#tests/support/segment-story.ts';

const ofCall = (
	type: 'protect-call' | 'lose-call' | 'restore-call' | 'hold-call' | 'resume-call',
): SessionDecision => ({
	of: 'call',
	command: { type },
});
const ofSeat = (listeningId: string, type: 'remove-listener' | 'withdraw-invitation'): SessionDecision => ({
	of: 'listening',
	listeningId,
	command: { type },
});
const stopped = (listeningId: string): SessionEvent => ({
	type: 'listening-stopped',
	listeningId,
	reason: 'connection-lost',
	audibleMs: 1,
	lostMs: 0,
});
const takeLine = ofSegment(commands['take-line']);
const byPhone = ofSegment({ ...commands['take-line'], taken: { executive: eve, by: 'phone', secretHash: '' } });
const onLine: SegmentAt[] = ['ready', 'live'];
const notOnLine = (['none', ...segmentStates] as const).filter(
	(at) => at !== 'ready' && at !== 'live' && at !== 'ended',
);

describe('taking the line', () => {
	test('[S2] needs the executive to hear the call', () => {
		given(callBegan, ...storyOf.agreed)
			.when(takeLine)
			.isRefused('survey.not-listening');
		given(callBegan, ...hears(eve), stopped(`seat of ${eve.id}`), ...storyOf.agreed)
			.when(takeLine)
			.isRefused('survey.not-listening');
		given(callBegan, ...hears(ed), ...storyOf.agreed)
			.when(takeLine)
			.isRefused('survey.not-listening');
		given(callBegan, ...hears(eve), ...storyOf.agreed)
			.when(takeLine)
			.happens(taken(undefined, eve, 'second'));
	});
	test('[T4] again, for who has it and lost all connections, does not wait to hear first', () => {
		for (const at of ['ready', 'live'] as const)
			given(...callAt(at), stopped(`seat of ${eve.id}`))
				.when(takeLine)
				.happens(taken(undefined, eve, 'second'));
	});
	test('[P1] waits until the call is not protected, by line and by phone', () => {
		for (const take of [takeLine, byPhone])
			given(...callAt('agreed'), { type: 'call-protected' })
				.when(take)
				.isRefused('survey.protected');
		given(...callAt('agreed'), { type: 'call-protected' }, { type: 'call-unprotected' })
			.when(takeLine)
			.happens(taken(undefined, eve, 'second'));
	});
	test('[S2] waits until the sound of a lost call is back', () => {
		for (const take of [takeLine, byPhone])
			given(...callAt('agreed'), { type: 'call-lost' })
				.when(take)
				.isRefused('call.not-now');
		given(...callAt('agreed'), { type: 'call-lost' }, { type: 'call-restored' })
			.when(takeLine)
			.happens(taken(undefined, eve, 'second'));
	});
	test('is refused where the platform cannot, and held by phone there', () => {
		const deaf = [callThatCan(), ...hears(eve), ...storyOf.agreed];
		given(...deaf)
			.when(takeLine)
			.isRefused('survey.cannot');
		given(...deaf)
			.when(byPhone)
			.happens(takenByPhone, { type: 'survey-live', segmentId, limitMs: 0 });
	});
	test('by phone is live at once, in the same append, with no need to hear in a tab', () =>
		given(callBegan, ...storyOf.agreed)
			.when(byPhone)
			.happens(takenByPhone, { type: 'survey-live', segmentId, limitMs: 0 }));
	test('by phone again makes nothing live anew', () =>
		given(...callAt('agreed'), takenByPhone, live())
			.when(byPhone)
			.happens(takenByPhone));
	test('in a call that has ended is refused', () =>
		given(...callAt('agreed'), callEnded)
			.when(takeLine)
			.isRefused('call.ended'));
	test('in a call that there never was is refused', () =>
		given().when(ofSegment(commands['offer-survey'])).isRefused('call.unknown'));
});

describe('[P1] [S2] the floor is the agent’s in the same append', () => {
	test.each(onLine)('when the call is protected while the segment is %s', (at) =>
		given(...callAt(at))
			.when(ofCall('protect-call'))
			.happens({ type: 'call-protected' }, finished('protected')),
	);
	test.each(onLine)('when the sound of the call is lost while it is %s', (at) =>
		given(...callAt(at))
			.when(ofCall('lose-call'))
			.happens({ type: 'call-lost' }, lineLost('gateway-lost')),
	);
	test.each(onLine)('when its executive is removed while it is %s, from every seat', (at) => {
		const seat = `seat of ${eve.id}`;
		const two = [...callAt(at), ...hears(eve, 'another seat')];
		given(...two)
			.when(ofSeat('another seat', 'remove-listener'))
			.happens(
				{ type: 'listener-removed', listeningId: 'another seat' },
				{ type: 'listener-removed', listeningId: seat },
				finished('removed'),
			);
	});
	test('when the invitation of who held it by phone is withdrawn', () => {
		const [invited] = hears(eve, 'invited') as [SessionEvent];
		const held = [callBegan, invited, ...storyOf.agreed, takenByPhone, live()];
		given(...held)
			.when(ofSeat('invited', 'withdraw-invitation'))
			.happens({ type: 'invitation-withdrawn', listeningId: 'invited' }, finished('removed'), returned());
	});
	test('but not when one of two ways in is withdrawn, and the other still leads there', () => {
		const [invited] = hears(eve, 'unused') as [SessionEvent];
		given(...callAt('live'), invited)
			.when(ofSeat('unused', 'withdraw-invitation'))
			.happens({ type: 'invitation-withdrawn', listeningId: 'unused' });
	});
	test('but not when another listener is removed', () =>
		given(...callAt('live'), ...hears(ed))
			.when(ofSeat(`seat of ${ed.id}`, 'remove-listener'))
			.happens({ type: 'listener-removed', listeningId: `seat of ${ed.id}` }));
	test.each(notOnLine)('and a segment that is %s is left as it is by all three', (at) => {
		given(...callAt(at))
			.when(ofCall('protect-call'))
			.happens({ type: 'call-protected' });
		given(...callAt(at))
			.when(ofCall('lose-call'))
			.happens({ type: 'call-lost' });
		const seat = `seat of ${eve.id}`;
		given(...callAt(at))
			.when(ofSeat(seat, 'remove-listener'))
			.happens({ type: 'listener-removed', listeningId: seat });
	});
	test('and nobody has it again by themselves when the sound is back or the protection ends', () => {
		const back: SessionEvent[][] = [
			[{ type: 'call-lost' }, lineLost('gateway-lost'), { type: 'call-restored' }],
			[{ type: 'call-protected' }, finished('protected'), { type: 'call-unprotected' }],
		];
		for (const events of back) {
			const past = [...callAt('live'), ...events];
			given(...past)
				.when(takeLine)
				.isRefused('survey.not-now');
			given(...past)
				.when(ofSegment(commands['go-live']))
				.isRefused('survey.not-now');
		}
	});
	test('a customer on hold is still on the line, and off hold again', () => {
		expect(sessionAfter(...callAt('live'), { type: 'call-held' }, { type: 'call-resumed' }).segment.at).toBe('live');
		given(...callAt('live'))
			.when(ofCall('hold-call'))
			.happens({ type: 'call-held' });
	});
});

describe('[C2] by phone', () => {
	const held = [...callAt('agreed'), takenByPhone, live()];
	const over: [string, SessionDecision, SessionEvent[]][] = [
		['finishes', ofSegment(commands['finish-survey']), [finished()]],
		['is withdrawn from', ofSegment(commands['withdraw-consent']), [withdrawn]],
		['is protected', ofCall('protect-call'), [{ type: 'call-protected' }, finished('protected')]],
		['loses its sound here', ofCall('lose-call'), [{ type: 'call-lost' }, lineLost('gateway-lost')]],
	];
	test.each(over)('the customer is with the agent again in the same append when it %s', (_, decision, events) =>
		given(...held)
			.when(decision)
			.happens(...events, returned()),
	);
	test('taking the line of one that is withdrawn before brings nobody back', () =>
		given(...callAt('agreed'))
			.when(ofSegment(commands['withdraw-consent']))
			.happens(withdrawn));
});

describe('[L3] erasing a call', () => {
	test('leaves who asked and what the customer agreed to, and none of the answers', () => {
		const stop = stopped(`seat of ${eve.id}`);
		const past = [...callAt('live'), answered('one-thing', 'My name is Carla'), callEnded, stop];
		expect(JSON.stringify(sessionAfter(...past), asText)).toContain('Carla');
		const session = sessionAfter(...past, { type: 'call-erased' });
		expect(JSON.stringify(session, asText)).not.toContain('Carla');
		expect(session.segment).toMatchObject({ at: 'ended', was: 'live', taken: { executive: eve }, answers: new Map() });
		given(...past, { type: 'call-erased' })
			.when(ofSegment(commands['answer-question']))
			.isRefused('call.erased');
	});
});
const asText = (_: string, value: unknown) => (value instanceof Map ? [...value] : value);

describe('[W13] who may ask for what', () => {
	const may: Record<string, Role[]> = {
		'offer-survey': ['agent', 'executive'],
		'ask-survey': ['agent'],
		'record-consent': ['agent'],
		'withdraw-consent': ['agent'],
		'take-line': ['executive'],
		'take-back': ['agent', 'supervisor'],
		'finish-survey': ['executive'],
		'answer-question': ['executive'],
		'tell-identity': ['agent', 'executive'],
	};
	const session = sessionAfter(...callAt('live'));
	const people: Record<Role, Person> = {
		agent: { id: 'agent-1', name: 'Ann Agent', role: 'agent', team: 'Orders' },
		executive: { ...eve, role: 'executive', team: 'Leadership' },
		supervisor: { id: 'sue', name: 'Sue Supervisor', role: 'supervisor', team: 'Orders' },
		administrator: { id: 'adam', name: 'Adam Administrator', role: 'administrator', team: 'Orders' },
	};
	const strangers: Record<Role, Person> = {
		agent: { ...people.agent, id: 'agent-2' },
		executive: { ...people.executive, id: ed.id },
		supervisor: { ...people.supervisor, team: 'Returns' },
		administrator: { ...people.administrator, id: 'ada' },
	};
	const asks = (who: Person, type: string) =>
		codeOf(() => mustBeAllowed(who, { type, segmentId } as unknown as SessionCommand, session));

	test.each(Object.entries(may))('%s', (type, allowed) => {
		for (const role of roles) {
			expect(asks(people[role], type)).toBe(allowed.includes(role) ? 'nothing refused' : 'access.denied');
			expect(asks(strangers[role], type)).toBe(allowed.includes(role) ? 'call.unknown' : 'access.denied');
		}
	});
	test('[C2] an executive who was removed is out of it', () => {
		const removed = sessionAfter(...callAt('live'), { type: 'listener-removed', listeningId: `seat of ${eve.id}` });
		for (const type of ['take-line', 'finish-survey', 'answer-question', 'offer-survey'])
			expect(
				codeOf(() => mustBeAllowed(people.executive, { type, segmentId } as unknown as SessionCommand, removed)),
			).toBe('call.unknown');
	});
});

test('a seat of a supervisor is no reason to end an executive’s turn', () => {
	const listener: Listener = { id: 'sue', name: 'Sue Supervisor', role: 'supervisor' };
	given(...callAt('live'), { type: 'joined', listeningId: 'sue', listener })
		.when(ofSeat('sue', 'remove-listener'))
		.happens({ type: 'listener-removed', listeningId: 'sue' });
});
