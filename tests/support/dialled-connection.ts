import { openConnection } from '#client/live/connection.ts';
import type { Role } from '#shared/people.ts';
import { handClock } from '#tests/support/clock.ts';
import { dialled } from '#tests/support/socket-pair.ts';

/** A live connection of a tab whose clock, sockets and chance are in the test's hands; not greeted yet. */
export function dialledConnection(role: Role = 'executive') {
	const clock = handClock();
	const dialler = dialled();
	const connection = openConnection({
		role,
		url: `ws://test/live?as=${role}`,
		openSocket: dialler.openSocket,
		clock,
		random: () => 0.5,
		whenBack: () => () => {},
	});
	return { clock, dialler, connection };
}
