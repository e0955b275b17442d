import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance } from 'fastify';
import { answerErrors } from '#server/http/errors.ts';
import { noUpgradesWhileClosing } from '#server/http/no-upgrade.ts';

/** A server on a free port with nothing but what `register` puts into it: for gateways that wait to be called. */
export async function gatewayDoor(
	register: (app: FastifyInstance) => Promise<void> | void,
): Promise<{ address: string; app: FastifyInstance }> {
	const app = fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 120 } });
	answerErrors(app, () => {});
	noUpgradesWhileClosing(app);
	await app.register(websocket, {
		options: { maxPayload: 131_072 },
		// Gateways hang up by name themselves; the rest is let go when they have.
		preClose(done) {
			this.websocketServer.close();
			done();
		},
	});
	await register(app);
	await app.listen({ host: '127.0.0.1', port: 0 });
	const bound = app.server.address();
	if (typeof bound !== 'object' || bound === null) throw new Error('the server has no port');
	return { address: `http://127.0.0.1:${bound.port}`, app };
}
