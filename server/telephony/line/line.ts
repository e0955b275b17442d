import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Lines } from '#server/telephony/line/lines.ts';

export interface LineNeeds {
	lines: Lines;
	/** Refuses what a page of another site sent. */
	mustBeOurs?: (request: FastifyRequest) => void;
}

/**
 * The door to the browser lines: the WebSocket of one end. The secret is in the path, so requests here are not logged.
 * What comes and goes on the socket stands in shared/line.ts.
 */
export const line: FastifyPluginAsync<LineNeeds> = async (app, { lines, mustBeOurs }) => {
	if (mustBeOurs) app.addHook('onRequest', async (request) => mustBeOurs(request));
	app.get<{ Params: { secret: string } }>(
		'/line/sound/:secret',
		{ websocket: true, logLevel: 'warn' },
		(socket, request) => lines.connect(request.params.secret, socket, request.socket),
	);
	app.addHook('preClose', () => lines.close());
};
