import { createHash } from 'node:crypto';
import type { FastifyPluginAsync } from 'fastify';
import type { WebSocket } from 'ws';
import { hangUp } from '#server/hang-up.ts';
import type { Identity } from '#server/http/identity.ts';
import { executiveConnection } from '#server/live/executive-connection.ts';
import type { Segments } from '#server/segments/running.ts';
import type { Clock } from '#shared/clock.ts';

export interface SurveySocketNeeds {
	segments: Segments;
	identity: Identity;
	clock: Clock;
	/** An error of ours; the first argument is no personal data. */
	failed: (where: string, error: unknown) => void;
}

/**
 * The survey socket, the one door of an executive's voice: apart from the listening socket, which stays deaf, with a
 * credential of its own that opens it once. The secret is in the path, so requests here are not logged. [S1] [S2] [T1]
 */
export const surveySocket: FastifyPluginAsync<SurveySocketNeeds> = async (app, needs) => {
	const { segments, identity, clock, failed } = needs;
	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));
	app.get<{ Params: { secret: string } }>(
		'/survey/sound/:secret',
		{ websocket: true, logLevel: 'warn' },
		(socket: WebSocket, request) => {
			const person = identity.who(request);
			if (!person) return hangUp(socket, 'signInNeeded');
			const secretHash = createHash('sha256').update(request.params.secret).digest('base64url');
			executiveConnection(socket, clock, {
				connection: request.socket,
				follow: (signedOut) => identity.follow(request, person, signedOut),
				sit: (seat) => segments.sit(secretHash, person.id, seat),
				failed: (error) => failed('survey', error),
			});
		},
	);
	// Before the doors close: each customer is brought back, and each of these connections hung up on by its segment.
	app.addHook('preClose', () => segments.close());
};
