import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Access } from '#server/access/access.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import { serviceKeyOf } from '#server/http/service-key.ts';
import type { Metrics } from '#server/ops/metrics.ts';

/** What health answers from. */
export interface HealthNeeds {
	metrics: Metrics;
	access: Pick<Access, 'services'>;
	now: () => number;
	/** Undefined when ready, else in a word why not. */
	notReady: () => Promise<string | undefined>;
	/** Takes no new listeners, and goes on for those it has. */
	full: () => boolean;
}

/**
 * `/healthz` touches nothing: the process answers. `/readyz` says whether to send people here; a node that is full stays
 * ready, for those who listen on it come back to it, and says `full` for balancers that weigh. `/metrics` for Prometheus: to this machine
 * itself as it is, to everybody else by a service key.
 */
export const health: FastifyPluginAsync<HealthNeeds> = async (app, { metrics, access, now, notReady, full }) => {
	app.addHook('onRequest', noUpgrade);
	app.get('/healthz', async () => ({ ok: true }));
	app.get('/readyz', async (_request, reply) => {
		const why = await notReady();
		return reply.code(why ? 503 : 200).send(why ? { ready: false, why } : { ready: true, full: full() });
	});
	app.get('/metrics', async (request, reply) => {
		if (!isFromHere(request)) serviceKeyOf(request, 'metrics', access, now());
		return reply.type(metrics.contentType).send(await metrics.text());
	});
};

/** From this machine, and not passed on by a proxy that runs on it. */
function isFromHere({ socket, headers }: FastifyRequest): boolean {
	const isPassedOn = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => name in headers);
	return !isPassedOn && /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
}
