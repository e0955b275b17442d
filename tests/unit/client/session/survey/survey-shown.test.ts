import { describe, expect, test } from 'vitest';
import { type Seen, surveyShown } from '#client/session/survey/survey-shown.ts';
import { customerIsWith } from '#client/session/survey/survey-words.ts';
import { timeToSecond } from '#client/ui/times.ts';
import { endings, type SegmentView, segmentStates } from '#shared/survey.ts';
import { ann, call, robin, segmentAt, withdrawnEarly } from '#tests/support/segment-views.ts';

const seen = (segment: SegmentView | undefined, more: Partial<Seen> = {}): Seen => ({
	segment,
	call,
	role: 'agent',
	meId: ann.id,
	executives: [robin.name],
	microphone: 'muted',
	known: true,
	...more,
});
const agentSees = (segment: SegmentView | undefined, more: Partial<Seen> = {}) => surveyShown(seen(segment, more));
const supervisorSees = (segment: SegmentView | undefined) =>
	surveyShown(seen(segment, { role: 'supervisor', meId: 'sue' }));
const held = { taken: { executive: robin, by: 'phone' as const, atMs: 0 } };

describe('what the agent is told and can do', () => {
	test('what to press on the platform, where it does not bring the executive by itself; a supervisor that it is up to them', () => {
		const onHand = { call: { ...call, agentMust: 'In Genesys, press Transfer → Ycord survey' } };
		expect(agentSees(segmentAt('ready'), onHand)?.says).toEqual(['In Genesys, press Transfer → Ycord survey.']);
		const supervisor = surveyShown(seen(segmentAt('ready'), { ...onHand, role: 'supervisor', meId: 'sue' }));
		expect(supervisor?.says).toEqual([`${call.agentName} hands the customer over on the phone platform.`]);
	});

	const table: [string, SegmentView | undefined, string, string[]][] = [
		['nothing', undefined, 'The customer is with you', ['ask']],
		[
			'offered',
			segmentAt('offered'),
			'Robin Reyes asks whether they may put a few questions to your customer',
			['ask'],
		],
		['drawn', segmentAt('offered', { offeredBy: { how: 'quota' } }), 'This call was drawn for a survey', ['ask']],
		[
			'begun by the agent',
			segmentAt('offered', { offeredBy: { how: 'agent', person: ann } }),
			'Ask for a survey',
			['ask'],
		],
		['asked', segmentAt('asked'), 'Read this out', ['yes', 'no', 'later']],
		['agreed', segmentAt('agreed'), 'The customer said yes', ['who', 'withdraw']],
		['declined', segmentAt('declined'), 'The customer said no', []],
		['not now', segmentAt('not-now'), 'Not now', ['ask']],
		['ready', segmentAt('ready'), 'Robin Reyes is about to come on', ['takeBack', 'who', 'withdraw']],
		['live', segmentAt('live'), 'Robin Reyes is on the line with your customer', ['takeBack', 'who', 'withdraw']],
		[
			'by phone',
			segmentAt('live', held),
			'Robin Reyes speaks with your customer by phone',
			['takeBack', 'who', 'withdraw'],
		],
		['finished', segmentAt('finished'), 'The customer is on the way back to you', []],
		['lost', segmentAt('lost'), 'The customer is on the way back to you', []],
		['withdrawn on the line', segmentAt('withdrawn'), 'The customer is on the way back to you', []],
		['withdrawn before', withdrawnEarly(), 'The customer changed their mind', []],
		['returned', segmentAt('returned'), 'The customer is with you again', []],
		['in the queue', segmentAt('returned', { returnedTo: 'queue' }), 'The customer is in the queue', []],
		['ended', segmentAt('ended'), 'The call has ended', []],
	];
	test.each(table)('[C2] %s', (_, segment, title, acts) => {
		expect(agentSees(segment)).toMatchObject({ title, acts });
	});

	test('every state is in the table', () => {
		expect(new Set(table.flatMap(([, segment]) => segment?.at ?? []))).toEqual(new Set(segmentStates));
	});

	test('[C2] a yes is told with its second and who recorded it', () => {
		const says = agentSees(segmentAt('agreed'))?.says.join(' ');
		expect(says).toContain(`At ${timeToSecond(1000)}, recorded by you.`);
		expect(says).toContain('Robin Reyes gets ready');
		expect(agentSees(segmentAt('agreed'), { executives: [] })?.says.join(' ')).toContain('does not listen just now');
		const byAgent = segmentAt('agreed', { offeredBy: { how: 'agent', person: ann } });
		expect(agentSees(byAgent, { executives: [] })?.says.join(' ')).toContain('No executive is listening');
		expect(agentSees(byAgent, { executives: ['A', 'B'] })?.says.join(' ')).toContain('A or B can come on the line');
	});

	test('a platform that cannot is named with its reason', () => {
		const cannot = { ...call, abilities: [], cannot: 'it can only be listened to' };
		expect(agentSees(segmentAt('agreed'), { call: cannot })?.says.join(' ')).toContain(
			'cannot bring an executive on the line: it can only be listened to.',
		);
	});

	test('the microphone is what the policy says, and unknown until that is known', () => {
		const says = (microphone: Seen['microphone']) => agentSees(segmentAt('live'), { microphone })?.says.join(' ');
		expect(says('muted')).toContain('is muted');
		expect(says('open')).toContain('hears you too');
		expect(says(undefined)).toBe('');
		expect(agentSees(segmentAt('live', held))?.says.join(' ')).not.toContain('microphone');
	});

	test.each(endings)('what was broken off may be asked for again, what was held may not: %s', (how) => {
		const shown = agentSees(segmentAt('returned', { over: { how, atMs: 0 } }));
		const broke = ['executive-lost', 'agent-lost', 'gateway-lost', 'protected', 'removed'].includes(how);
		expect(shown?.acts).toEqual(broke ? ['ask'] : []);
		expect(shown?.says[0]).not.toBe('');
	});

	test('while the connection is lost nothing is claimed, and taking back stays', () => {
		const shown = agentSees(segmentAt('live'), { known: false });
		expect(shown?.title).toContain('not known');
		expect(shown?.acts).toContain('takeBack');
	});

	test('on a protected call nobody comes on the line; on hold nobody hears the question', () => {
		expect(agentSees(segmentAt('agreed'), { call: { ...call, protected: true } })?.says.join(' ')).toContain(
			'protected',
		);
		expect(agentSees(segmentAt('asked'), { call: { ...call, at: 'held' } })?.says.join(' ')).toContain('on hold');
	});

	test('with the call the card goes', () => {
		for (const at of segmentStates)
			expect(agentSees(segmentAt(at), { call: { ...call, at: 'ended' } })).toBeUndefined();
	});
});

describe('what others are told', () => {
	test('a supervisor sees every state and can take back while somebody has the line, and nothing else', () => {
		expect(supervisorSees(undefined)).toBeUndefined();
		for (const at of segmentStates)
			expect(supervisorSees(segmentAt(at))?.acts).toEqual(at === 'ready' || at === 'live' ? ['takeBack'] : []);
	});

	test('only the agent is called “you”', () => {
		for (const at of segmentStates) {
			const { title = '', says = [] } = supervisorSees(segmentAt(at)) ?? {};
			expect([title, ...says].join(' ')).not.toMatch(/\byou|\byour/i);
		}
	});

	test('nobody else is offered what the server would refuse them', () => {
		for (const at of segmentStates)
			expect(surveyShown(seen(segmentAt(at), { role: 'executive', meId: 'ed' }))?.acts).toEqual([]);
	});
});

describe('who speaks with the customer', () => {
	test('the agent is always told; others, when it is not the agent', () => {
		for (const at of segmentStates) expect(customerIsWith(segmentAt(at), 'agent')).toBeTruthy();
		expect(customerIsWith(undefined, 'agent')).toBe('The customer is with you');
		expect(customerIsWith(segmentAt('ready'), 'agent')).toBe('The customer is with you');
		expect(customerIsWith(withdrawnEarly(), 'agent')).toBe('The customer is with you');
		expect(customerIsWith(segmentAt('live'), 'agent')).toBe('Robin Reyes speaks with your customer');
		expect(customerIsWith(segmentAt('live'), 'supervisor')).toBe('Robin Reyes speaks with the customer');
		expect(customerIsWith(segmentAt('agreed'), 'executive')).toBeUndefined();
		expect(customerIsWith(segmentAt('returned', { returnedTo: 'announcement' }), 'agent')).toContain('announcement');
	});
});
