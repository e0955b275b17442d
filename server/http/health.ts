import type { FastifyPluginAsync } from 'fastify';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import type { Metrics } from '#server/ops/metrics.ts';

/** What health answers from. */
export interface HealthNeeds {
	metrics: Metrics;
	/** Undefined when ready, else in a word why not. */
	notReady: () => Promise<string | undefined>;
	/** Takes no new listeners, and goes on for those it has. */
	full: () => boolean;
}

/**
 * `/healthz` touches nothing: the process answers. `/readyz` says whether to send people here; a node that is full stays
 * ready, for those who listen on it come back to it, and says `full` for balancers that weigh. `/metrics` for Prometheus.
 */
export const health: FastifyPluginAsync<HealthNeeds> = async (app, { metrics, notReady, full }) => {
	app.addHook('onRequest', noUpgrade);
	app.get('/healthz', async () => ({ ok: true }));
	app.get('/readyz', async (_request, reply) => {
		const why = await notReady();
		return reply.code(why ? 503 : 200).send(why ? { ready: false, why } : { ready: true, full: full() });
	});
	app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
};
