import { expect, test } from 'vitest';
import { mostLooked, talkSeen } from '#client/live/talk.ts';
import { liveLimits, type ToServer } from '#shared/live.ts';

function seeing() {
	const sent: ToServer[] = [];
	let changes = 0;
	const talk = talkSeen((message) => sent.push(message) > 0);
	talk.seen.subscribe(() => changes++);
	return { ...talk, sent, changes: () => changes };
}

test('[W14] what is on screen is said when it changes, and again on a new link', () => {
	const { seen, sent, greeted } = seeing();
	seen.look(['a', 'b']);
	seen.look(['a', 'b']);
	expect(sent).toEqual([{ type: 'look', callIds: ['a', 'b'] }]);
	greeted();
	expect(sent).toHaveLength(2);
	expect(mostLooked).toBe(liveLimits.looked);
	seen.look(Array.from({ length: 500 }, (_, n) => `c${n}`));
	expect(sent.at(-1)).toMatchObject({ callIds: { length: mostLooked } });
});

test('who talks is kept by call, for those on screen; nobody does once the link is lost', () => {
	const { seen, told, lost, changes } = seeing();
	seen.look(['a']);
	told({
		type: 'talk',
		talk: [
			{ callId: 'a', who: ['customer'] },
			{ callId: 'b', who: ['agent'] },
		],
	});
	expect([seen.who('a'), seen.who('b')]).toEqual([['customer'], []]);
	expect(seen.who('a')).toBe(seen.who('a'));
	const before = changes();
	lost();
	expect(seen.who('a')).toEqual([]);
	expect(changes()).toBe(before + 1);
	seen.look([]);
	told({ type: 'talk', talk: [{ callId: 'a', who: ['agent'] }] });
	expect(seen.who('a')).toEqual([]);
});
