import type { SocketPair } from '#tests/support/socket-pair.ts';

/** The person the stand-in server says is signed in. */
export const ada = { id: 'ada', name: 'Ada', role: 'executive', team: 'Board' } as const;

/** What a client sent of one type, over a socket pair. */
export const sent = <T extends { type: string }>(pair: SocketPair, type: T['type']): T[] => {
	pair.deliverToServer();
	return (pair.server.received as T[]).filter((message) => message.type === type);
};

/** Opens a pair and greets, as the live door does. */
export function welcome(pair: SocketPair, more: object = {}): void {
	pair.open();
	pair.deliverToServer();
	pair.server.send({
		type: 'welcome',
		version: 1,
		person: ada,
		demo: false,
		journal: 'j1',
		serverMs: 0,
		heartbeatMs: 10_000,
		...more,
	});
	pair.deliverToBrowser();
}
