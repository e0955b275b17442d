import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '#shared/refusals.ts';

/**
 * Refuses a WebSocket upgrade where there is no socket. The plugin would open it only to close it, and would write the
 * address into the log, which may be a link's and so a secret.
 */
export async function noUpgrade(request: FastifyRequest): Promise<void> {
	if (request.ws) throw new Refusal('request.not-found');
}

/**
 * From when the server begins to close, an upgrade is a request like any other. Fastify answers it 503 before any hook runs, but the socket of
 * an upgrade would be nobody's by then, stay open and keep the server from closing. To be called before the plugin is registered.
 */
export function noUpgradesWhileClosing(http: FastifyInstance): void {
	http.addHook('preClose', (done) => {
		http.server.removeAllListeners('upgrade');
		done();
	});
}
