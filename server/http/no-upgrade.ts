import type { FastifyRequest } from 'fastify';
import { Refusal } from '#shared/refusals.ts';

/**
 * Refuses a WebSocket upgrade where there is no socket. The plugin would open it only to close it, and would write the
 * address into the log, which may be a link's and so a secret.
 */
export async function noUpgrade(request: FastifyRequest): Promise<void> {
	if (request.ws) throw new Refusal('request.not-found');
}
