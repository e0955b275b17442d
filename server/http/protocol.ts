import type { FastifyPluginAsync } from 'fastify';
import { asyncApiText } from '#server/protocol/asyncapi.ts';

/** Tells others' programs how to talk to this server: the live protocol as an AsyncAPI document. */
export const protocol: FastifyPluginAsync = async (app) => {
	const text = asyncApiText();
	app.get('/asyncapi.json', async (_request, reply) => reply.type('application/json').send(text));
};
