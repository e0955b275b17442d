import type { FastifyPluginAsync } from 'fastify';
import type { WebSocket } from 'ws';
import type { Ask } from '#server/ask.ts';
import type { Hub } from '#server/audio/hub.ts';
import type { Identity } from '#server/http/identity.ts';
import { hangUp, type LiveConnection, liveConnection } from '#server/live/connection.ts';
import { listenDoor } from '#server/live/listen.ts';
import { watching } from '#server/live/watch.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import type { Disclosure } from '#shared/call.ts';
import type { Clock } from '#shared/clock.ts';
import { heartbeatMs, liveVersion } from '#shared/live.ts';
import { Refusal } from '#shared/refusals.ts';

/** What the live door needs. */
export interface LiveNeeds {
	ask: Ask;
	hub: Hub;
	sessions: Sessions;
	identity: Identity;
	clock: Clock;
	demo: boolean;
	maxListeners: number;
	required: Disclosure;
	failed: (listeningId: string, error: unknown) => void;
	refused: (error: unknown) => void;
}

/** Live sockets one process keeps open besides listeners; newcomers are told to come back. [B2] */
const maxConnections = 10_000;

/** The WebSocket door: `/live` for views and commands, `/sound/:listeningId` for what is heard. */
export const live: FastifyPluginAsync<LiveNeeds> = async (app, needs) => {
	const { ask, hub, sessions, identity, clock, demo, maxListeners, required, failed, refused } = needs;
	const connections = new Set<LiveConnection>();
	const door = listenDoor({ ask, hub, sessions, now: clock.now, maxListeners, required, failed, refused });

	const stopLooking = clock.every(heartbeatMs, () => {
		const nowMs = clock.now();
		for (const connection of connections) connection.look(nowMs);
		door.look(nowMs);
	});

	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));

	app.get('/live', { websocket: true }, (socket: WebSocket, request) => {
		const person = identity.who(request);
		if (!person) return hangUp(socket, 'signInNeeded');
		if (connections.size >= maxConnections) return hangUp(socket, 'full');
		const connection = liveConnection({
			socket,
			now: clock.now,
			welcome: () => ({ type: 'welcome', version: liveVersion, person, demo, serverMs: clock.now(), heartbeatMs }),
			greeted: (say) => watching({ ask, sessions, person, say, refused }),
			refused: (code) => refused(new Refusal(code)),
		});
		connections.add(connection);
		socket.on('close', () => connections.delete(connection));
	});

	app.get<{ Params: { listeningId: string } }>(
		'/sound/:listeningId',
		{ websocket: true },
		(socket: WebSocket, request) => {
			const person = identity.who(request);
			if (!person) return hangUp(socket, 'signInNeeded');
			door.open(socket, person, request.params.listeningId);
		},
	);

	app.addHook('preClose', async () => {
		stopLooking();
		for (const connection of connections) connection.leave('draining');
		await door.close('draining');
	});
};
