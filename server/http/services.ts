import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Access } from '#server/access/access.ts';
import type { Ask } from '#server/ask.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import { keyedLimit } from '#server/http/person-limit.ts';
import { serviceKeyOf } from '#server/http/service-key.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import { CallId } from '#shared/call.ts';
import { Refusal } from '#shared/refusals.ts';
import { Protection } from '#shared/rest.ts';

/** What the doors for other programs need. */
export interface ServiceNeeds {
	access: Pick<Access, 'services'>;
	ask: Ask;
	sessions: Sessions;
	now: () => number;
}

/**
 * The doors for other programs, by service key. A key is shown in `Authorization`, which no browser does by itself: a page of another site can ask
 * for nothing here. For one name two requests a second, 20 at once.
 */
export const serviceRoutes: FastifyPluginAsyncTypebox<ServiceNeeds> = async (app, { access, ask, sessions, now }) => {
	app.addHook('onRequest', noUpgrade);
	const limit = keyedLimit(2, 20, now);

	const params = Type.Object({ callId: CallId });
	const schema = { params, body: Protection, response: { 200: Protection } };
	app.post('/v1/sessions/:callId/protection', { schema }, async (request) => {
		const { name } = serviceKeyOf(request, 'protection', access, now());
		limit(name);
		const { callId } = request.params;
		if (!sessions.get(callId)) throw new Refusal('call.unknown');
		const by = `service:${name}`;
		const isAsked = request.body.protected;
		const type = isAsked ? 'protect-for-service' : 'unprotect-for-service';
		const changed = await ask.house(by, callId, { of: 'call', command: { type, by } });
		// Somebody else may have it protected still.
		return { protected: isAsked || (changed.length === 0 && sessions.get(callId)?.call.protected === true) };
	});
};
