import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { holdsCardNumber } from '#server/domain/card-number.ts';
import type { Identity } from '#server/http/identity.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import type { Lines } from '#server/telephony/line/lines.ts';
import { secretPattern } from '#shared/ids.ts';
import { Role } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';
import { LineEnd, LineOpened, OpenLine } from '#shared/rest.ts';

/** An agent opens a browser line; whoever holds a link learns what it is before the microphone is asked for. */
export const lineRoutes: FastifyPluginAsyncTypebox<{ lines: Lines; identity: Identity }> = async (app, needs) => {
	const { lines, identity } = needs;
	app.addHook('onRequest', noUpgrade);
	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));

	const asAgent = Type.Object({ as: Role }, { additionalProperties: false });
	app.post(
		'/api/lines',
		{ schema: { querystring: asAgent, body: OpenLine, response: { 200: LineOpened } } },
		async (request) => {
			const agent = identity.mustBe(request, ['agent']);
			if (holdsCardNumber(request.body.label)) throw new Refusal('text.card-number');
			const opened = lines.open({
				agentId: agent.id,
				agentName: agent.name,
				label: request.body.label,
				follow: (signedOut) => identity.follow(request, agent, signedOut),
			});
			const { callId, agentSecret, customerSecret } = opened;
			return { callId, agentPath: `/line/${agentSecret}`, customerPath: `/line/${customerSecret}` };
		},
	);

	const params = Type.Object({ secret: Type.String({ pattern: secretPattern }) });
	app.get('/api/lines/:secret', { schema: { params, response: { 200: LineEnd } } }, async (request) => {
		const end = lines.end(request.params.secret);
		if (!end) throw new Refusal('line.unknown');
		return end;
	});
};
