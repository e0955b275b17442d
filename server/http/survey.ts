import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Identity } from '#server/http/identity.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import { maySeeSession } from '#server/projections/session-view.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import type { SurveyPolicy } from '#server/survey/policy.ts';
import { CallId } from '#shared/call.ts';
import { Refusal } from '#shared/refusals.ts';
import { SurveyChoices } from '#shared/survey.ts';

export interface SurveyRoutesNeeds {
	policy: SurveyPolicy;
	sessions: Sessions;
	identity: Identity;
}

/** What the customer of a call may be asked, by the policy of its queue. */
export const surveyRoutes: FastifyPluginAsyncTypebox<SurveyRoutesNeeds> = async (app, needs) => {
	const { policy, sessions, identity } = needs;
	app.addHook('onRequest', noUpgrade);
	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));
	const params = Type.Object({ callId: CallId });
	app.get('/api/calls/:callId/survey', { schema: { params, response: { 200: SurveyChoices } } }, async (request) => {
		const person = identity.mustBe(request);
		const session = await sessions.recall(request.params.callId);
		if (!session || !maySeeSession(person, session)) throw new Refusal('call.unknown');
		const { identity: told, agent, limitSeconds } = policy.rule(session.call.team);
		return { scripts: [...policy.scripts], identity: told, agent, limitMs: limitSeconds * 1000 };
	});
};
