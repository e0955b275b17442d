import { describe, expect, test } from 'vitest';
import type { SessionEvent } from '#server/domain/session.ts';
import { floor } from '#server/segments/floor.ts';
import { type SegmentAt, segmentStates } from '#shared/survey.ts';
import {
	another,
	answered,
	asked,
	callAt,
	callBegan,
	callEnded,
	ed,
	eve,
	finished,
	lineLost,
	live,
	offered,
	returned,
	said,
	segmentId,
	taken,
	takenByPhone,
	withdrawn,
} from '#tests/support/segment-story.ts';

const callId = 'test-1';
/** A floor after these events of one call. */
function floorAfter(...past: SessionEvent[]) {
	const it = floor();
	const happens = (...events: SessionEvent[]) => it.recorded(events.map((event) => ({ stream: callId, event })));
	happens(...past);
	return { ...it, happens, isOpen: (who = eve.id, of = segmentId) => it.isOpen(callId, of, who) };
}
/** A second segment in the same call, up to live. */
const second = [offered(another), asked(another), said('agreed', another), taken(another), live(another)];

describe('[S2] the customer hears', () => {
	test.each(segmentStates)(
		'in a segment that is %s: the executive who took the line if it is live, and nobody else',
		(at: SegmentAt) => {
			const it = floorAfter(...callAt(at));
			expect(it.isOpen()).toBe(at === 'live');
			expect(it.isOpen(ed.id)).toBe(false);
			expect(it.isOpen(eve.id, another)).toBe(false);
		},
	);
	test('nobody by Ycord in a segment that is held by phone', () =>
		expect(floorAfter(...callAt('agreed'), takenByPhone, live()).isOpen()).toBe(false));
	test('nobody in a call that is not known', () => expect(floor().isOpen('test-2', segmentId, eve.id)).toBe(false));
	test.each([
		['withdrawn', withdrawn],
		['finished', finished()],
		['lost', lineLost()],
		['over with the call', callEnded],
	])('nobody any more once it is on record that it is %s', (_, event) => {
		const it = floorAfter(...callAt('live'));
		it.happens(event);
		expect(it.isOpen()).toBe(false);
	});
	test('in the second segment of a call only who took that one', () => {
		const it = floorAfter(...callAt('lost'), returned(), ...second);
		expect(it.isOpen(eve.id, another)).toBe(true);
		expect(it.isOpen()).toBe(false);
	});
	test('nobody by what is still recorded of a segment after its call: an answer, where the customer went', () => {
		const it = floorAfter(...callAt('live'), callEnded, answered('solved', 'yes'), returned('hung-up'), live());
		expect(it.isOpen()).toBe(false);
		expect(it.segment(callId)).toEqual({ at: 'none' });
	});
});

describe('[C2] a key that takes the customer back', () => {
	test('shuts before it is on record, and a rule that refuses it opens again', () => {
		const it = floorAfter(...callAt('live'));
		const cameOut = it.shut(callId, 'take-back');
		expect(it.isOpen()).toBe(false);
		cameOut('refused');
		expect(it.isOpen()).toBe(true);
	});
	test('keeps shut what two pressed at once, until both are answered', () => {
		const it = floorAfter(...callAt('live'));
		const [first, then] = [it.shut(callId, 'finish-survey'), it.shut(callId, 'withdraw-consent')];
		first('refused');
		expect(it.isOpen()).toBe(false);
		then('refused');
		expect(it.isOpen()).toBe(true);
	});
	test('that did not get on record keeps shut, whatever else is refused or recorded', () => {
		const it = floorAfter(...callAt('live'));
		it.shut(callId, 'withdraw-consent')('unrecorded');
		it.shut(callId, 'finish-survey')('refused');
		it.happens(answered('solved', 'yes'), taken(), { type: 'call-protected' }, { type: 'call-unprotected' });
		expect(it.isOpen()).toBe(false);
	});
	test('that did not get on record while the line was not taken yet keeps a later turn shut: the customer had said no', () => {
		const it = floorAfter(...callAt('agreed'));
		it.shut(callId, 'withdraw-consent')('unrecorded');
		it.happens(taken(), live());
		expect(it.isOpen()).toBe(false);
	});
	test('is over with its segment: the next one, agreed to anew, is heard', () => {
		const it = floorAfter(...callAt('live'));
		it.shut(callId, 'take-back')('unrecorded');
		it.happens(lineLost(), returned(), ...second);
		expect(it.isOpen(eve.id, another)).toBe(true);
	});
	test('that is answered late, when the next segment is on, has nothing to do with that one', () => {
		const it = floorAfter(...callAt('live'));
		const cameOut = it.shut(callId, 'take-back');
		it.happens(lineLost(), returned(), ...second);
		const onSecond = it.shut(callId, 'take-back');
		cameOut('recorded');
		expect(it.isOpen(eve.id, another)).toBe(false);
		onSecond('refused');
		expect(it.isOpen(eve.id, another)).toBe(true);
	});
});

describe('[P1] [P2] the key that protects', () => {
	test('shuts as well, and keeps shut what did not get on record until a later protection did', () => {
		const it = floorAfter(...callAt('agreed'));
		it.shut(callId, 'protect-call')('unrecorded');
		it.happens(taken(), live());
		expect(it.isOpen()).toBe(false);
	});
	test('does so over the next segment too', () => {
		const it = floorAfter(...callAt('not-now'));
		it.shut(callId, 'protect-call')('unrecorded');
		it.happens(...second);
		expect(it.isOpen(eve.id, another)).toBe(false);
	});
	test('does not make a later turn silent once it was on record and has ended', () => {
		const it = floorAfter(...callAt('agreed'));
		it.shut(callId, 'protect-call')('unrecorded');
		it.shut(callId, 'protect-call')('recorded');
		it.happens({ type: 'call-protected' }, { type: 'call-unprotected' }, taken(), live());
		expect(it.isOpen()).toBe(true);
	});
	test('that is on its way is not undone by an earlier one that arrives', () => {
		const it = floorAfter(callBegan, ...callAt('live').slice(1));
		it.shut(callId, 'protect-call');
		it.happens({ type: 'call-protected' }, { type: 'call-unprotected' });
		expect(it.isOpen()).toBe(false);
	});
});

test('other calls do not notice', () => {
	const it = floorAfter(...callAt('live'));
	it.shut('test-2', 'protect-call');
	it.recorded([{ stream: 'test-2', event: callEnded }]);
	expect(it.isOpen()).toBe(true);
});
