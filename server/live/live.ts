import type { FastifyPluginAsync } from 'fastify';
import type { WebSocket } from 'ws';
import type { Ask } from '#server/ask.ts';
import type { Hub } from '#server/audio/hub.ts';
import { hangUp } from '#server/hang-up.ts';
import type { Identity } from '#server/http/identity.ts';
import { type LiveConnection, liveConnection } from '#server/live/connection.ts';
import { type ListenNeeds, listenDoor } from '#server/live/listen.ts';
import type { Presence } from '#server/live/presence.ts';
import { type TalkTold, talkTold } from '#server/live/talk.ts';
import { watching } from '#server/live/watch.ts';
import { writers } from '#server/live/writers.ts';
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
	/** Who has a page open. */
	presence: Presence;
	demo: boolean;
	/** Names the journal that positions are counted in. [W3] */
	journalId: string;
	maxListeners: number;
	/** Whether this process can carry one more listener. [B2] */
	room: ListenNeeds['room'];
	/** Nobody else can listen just now. [B2] */
	full: () => boolean;
	required: Disclosure;
	/** Something of ours failed: ids only, of a listening or `live`. */
	failed: (id: string, error: unknown) => void;
	refused: (error: unknown) => void;
}

/** Live sockets one process keeps open besides listeners; newcomers are told to come back. [B2] */
const maxConnections = 10_000;
/** Of these, what one person may have: tabs enough, and never everybody's. [B1] */
const maxOfOnePerson = 64;

/** A mark that comes a fifth of a second after a word still belongs to it. [W14] */
const talkEveryMs = 200;

/** The WebSocket door: `/live` for views and commands, `/sound/:listeningId` for what is heard. */
export const live: FastifyPluginAsync<LiveNeeds> = async (app, needs) => {
	const { ask, hub, sessions, identity, clock, presence, demo, journalId, maxListeners, room, full, required } = needs;
	const { failed, refused } = needs;
	const connections = new Set<LiveConnection>();
	const writing = writers();
	const door = listenDoor({ ask, hub, sessions, now: clock.now, maxListeners, room, required, failed, refused });

	const stopLooking = clock.every(heartbeatMs, () => {
		const nowMs = clock.now();
		for (const connection of connections) connection.look(nowMs);
		door.look(nowMs);
	});

	/** One timer for everybody who looks. */
	const tellers = new Set<TalkTold>();
	const stopTelling = clock.every(talkEveryMs, () => {
		for (const talk of tellers) talk.tell();
	});

	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));

	app.get('/live', { websocket: true }, (socket: WebSocket, request) => {
		const person = identity.who(request);
		if (!person) return hangUp(socket, 'signInNeeded');
		const isTooMany = connections.size >= maxConnections || presence.count(person.id) >= maxOfOnePerson;
		if (isTooMany) return hangUp(socket, 'full');
		const gone = presence.came(person.id);
		const connection = liveConnection({
			socket,
			now: clock.now,
			welcome: () => ({
				type: 'welcome',
				version: liveVersion,
				person,
				demo,
				journal: journalId,
				serverMs: clock.now(),
				heartbeatMs,
			}),
			greeted(say) {
				const isBehind = () => socket.bufferedAmount > 0;
				const talk = talkTold({ talking: hub.talking, sessions, person, say, isBehind });
				tellers.add(talk);
				socket.on('close', () => tellers.delete(talk));
				return watching({ ask, sessions, writers: writing, journalId, person, say, talk, full, refused });
			},
			refused: (code) => refused(new Refusal(code)),
			failed: (error) => failed('live', error),
		});
		connections.add(connection);
		const stopFollowing = identity.follow(request, person, () => connection.leave('signInNeeded'));
		socket.on('close', () => {
			stopFollowing();
			connections.delete(connection);
			gone();
		});
	});

	app.get<{ Params: { listeningId: string } }>(
		'/sound/:listeningId',
		{ websocket: true },
		(socket: WebSocket, request) => {
			const person = identity.who(request);
			if (!person) return hangUp(socket, 'signInNeeded');
			door.open(socket, request.socket, person, request.params.listeningId, (signedOut) =>
				identity.follow(request, person, signedOut),
			);
		},
	);

	app.addHook('preClose', async () => {
		stopLooking();
		stopTelling();
		for (const connection of connections) connection.leave('draining');
		await door.close('draining');
	});
};
