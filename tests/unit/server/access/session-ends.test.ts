import { expect, test } from 'vitest';
import { maxPerPerson } from '#server/access/access.ts';
import { sqliteAccess } from '#server/access/access-sqlite.ts';
import { sessionEnds } from '#server/access/session-ends.ts';
import { handClock } from '#tests/support/clock.ts';

function followed() {
	const clock = handClock();
	const access = sqliteAccess(':memory:');
	const ends = sessionEnds(access, clock);
	const over: string[] = [];
	const terms = () => ({ nowMs: clock.now(), expiresAtMs: clock.now() + 60_000 });
	const open = (personId: string) => access.openSession(personId, terms());
	const follow = (secret: string, name: string) => {
		const session = access.session(secret, clock.now());
		if (!session) throw new Error('the session is over already');
		return ends.follow(session, () => over.push(name));
	};
	return { clock, access, ends, over, open, follow };
}

test('a session that somebody ends is told at once, and once, and no other one [I1]', () => {
	const { clock, access, over, open, follow } = followed();
	const [one, other, adams] = [open('eva'), open('eva'), open('adam')];
	follow(one, 'a tab');
	follow(one, 'another tab');
	follow(other, 'another browser');
	follow(adams, 'adam');
	access.endSession(one);
	expect(over).toEqual(['a tab', 'another tab']);
	access.endSessions('eva');
	clock.advance(120_000);
	expect(over).toEqual(['a tab', 'another tab', 'another browser', 'adam']);
});

test('a session whose time is over is told within a second of it, and not before [I1]', () => {
	const { clock, over, open, follow } = followed();
	follow(open('eva'), 'eva');
	clock.advance(59_000);
	expect(over).toEqual([]);
	clock.advance(1999);
	expect(over).toEqual(['eva']);
});

test('the oldest session that gives way to a new one is told [I1] [B1]', () => {
	const { over, open, follow } = followed();
	follow(open('eva'), 'oldest');
	for (let n = 0; n < maxPerPerson; n++) open('eva');
	expect(over).toEqual(['oldest']);
});

test('whoever has stopped following is told nothing, and nothing of them is kept', () => {
	const { clock, access, ends, over, open, follow } = followed();
	const secret = open('eva');
	follow(secret, 'one')();
	const stop = follow(secret, 'two');
	stop();
	stop();
	access.endSession(secret);
	ends.close();
	expect([over, clock.alarms]).toEqual([[], 0]);
});
