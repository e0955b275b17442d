import { createReadStream } from 'node:fs';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { MappedAgents } from '#server/access/access.ts';
import type { People } from '#server/access/people.ts';
import type { CallAgents } from '#server/calls/agents.ts';
import { guideFile } from '#server/gateway-views.ts';
import type { Identity } from '#server/http/identity.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import { personLimit } from '#server/http/person-limit.ts';
import { AgentMapping, GatewayName, Gateways, MapAgent, TestCallResult, UnmapAgent } from '#shared/gateways.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** What the administrator's doors need. */
export interface GatewayRoutesNeeds {
	views: () => Gateways;
	/** Refuses with `gateway.unknown`, `gateway.no-test`, `gateway.testing`. */
	test: (name: string) => Promise<TestCallResult>;
	mapped: MappedAgents;
	agents: Pick<CallAgents, 'unknown'>;
	people: People;
	identity: Identity;
	now: () => number;
}

/**
 * Settings → Gateways, for administrators only. For one person a test call in ten seconds, 3 at once, and ten of everything
 * else a second, 40 at once. [B2]
 */
export const gatewayRoutes: FastifyPluginAsyncTypebox<GatewayRoutesNeeds> = async (app, needs) => {
	const { views, test, mapped, agents, people, identity, now } = needs;
	app.addHook('onRequest', noUpgrade);
	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));
	const limit = personLimit(10, 40, now);
	const testLimit = personLimit(0.1, 3, now);
	const administrator = (request: Parameters<Identity['mustBe']>[0]): Person => {
		const person = identity.mustBe(request, ['administrator']);
		limit(person);
		return person;
	};
	const querystring = Type.Object(
		{ as: Type.Optional(Type.String({ maxLength: 20 })) },
		{ additionalProperties: false },
	);

	app.get('/api/gateways', { schema: { querystring, response: { 200: Gateways } } }, async (request) => {
		administrator(request);
		return views();
	});

	const params = Type.Object({ name: GatewayName });
	const tested = { params, querystring, response: { 200: TestCallResult } };
	app.post('/api/gateways/:name/test-call', { schema: tested }, async (request) => {
		testLimit(administrator(request));
		return test(request.params.name);
	});

	const mapping = (): AgentMapping => ({
		mapped: mapped.all().map(({ gateway, name, personId, byId, atMs }) => {
			const person = people.find(personId);
			const personName = person?.role === 'agent' ? { personName: person.name } : {};
			return { gateway, name, personId, ...personName, by: people.find(byId)?.name ?? byId, at: iso(atMs) };
		}),
		unknown: agents
			.unknown()
			.map(({ gateway, name, calls, lastAtMs }) => ({ gateway, name, calls, last: iso(lastAtMs) })),
		agents: people.withRole('agent'),
	});
	const shown = { 200: AgentMapping };
	app.get('/api/gateways/agents', { schema: { querystring, response: shown } }, async (request) => {
		administrator(request);
		return mapping();
	});

	// Kept with who did it and when, and in the log by ids: the platform's name for an agent is personal, and stays out of it.
	app.post('/api/gateways/agents', { schema: { querystring, body: MapAgent, response: shown } }, async (request) => {
		const { id: byId } = administrator(request);
		const { gateway, personId } = request.body;
		const name = nameIn(request.body.name);
		if (!views().gateways.some((one) => one.name === gateway)) throw new Refusal('gateway.unknown');
		if (people.find(personId)?.role !== 'agent') throw new Refusal('gateway.not-agent', personId);
		mapped.map({ gateway, name, personId, byId, atMs: Math.round(now()) });
		request.log.info({ gateway, personId, byId }, 'an agent of a phone platform was mapped to a person');
		return mapping();
	});
	app.post(
		'/api/gateways/agents/remove',
		{ schema: { querystring, body: UnmapAgent, response: shown } },
		async (request) => {
			const { id: byId } = administrator(request);
			const { gateway } = request.body;
			const name = nameIn(request.body.name);
			const personId = mapped.personOf(gateway, name);
			if (mapped.unmap(gateway, name))
				request.log.info({ gateway, personId, byId }, 'an agent of a phone platform is mapped to nobody any more');
			return mapping();
		},
	);

	const guide = Type.Object({ file: Type.String({ maxLength: 100 }) });
	app.get('/guides/:file', { schema: { params: guide } }, async (request, reply) => {
		// Only what a gateway names: nothing else of the folder.
		const { file } = request.params;
		const known = file === overview || views().gateways.some((one) => one.guide.file === file);
		const path = known ? guideFile(file) : undefined;
		if (!path) throw new Refusal('request.not-found');
		return reply.type('text/plain; charset=utf-8').send(createReadStream(path));
	});
};

/** What every platform can do, side by side. */
const overview = 'gateways.md';

function nameIn(given: string): string {
	const name = given.trim();
	if (name === '') throw new Refusal('request.malformed', 'the agent’s name at the platform is empty');
	return name;
}

const iso = (ms: number) => new Date(ms).toISOString();
