import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal, refusalAnswer, refusals } from '#shared/refusals.ts';

/** The one place where errors become answers: refusals by their code and status, everything else as "something went wrong". */
export function answerErrors(app: FastifyInstance, refused: (error: unknown) => void): void {
	app.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
		const refusal = named(error);
		refused(refusal);
		if (refusal.code === 'request.failed')
			request.log.error(
				{ route: request.routeOptions.url, kind: error.name, where: firstPlace(error) },
				'request failed',
			);
		return reply.code(refusals[refusal.code].status).send(refusalAnswer(refusal));
	});
	app.setNotFoundHandler((_request, reply) => {
		const refusal = new Refusal('request.not-found');
		return reply.code(404).send(refusalAnswer(refusal));
	});
}

/**
 * Answers an address that cannot even be routed: one that cannot be read, or with a part that is too long for anything
 * here. Fastify takes it as `frameworkErrors`, and runs no hook for it.
 */
export function unroutable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
	reply.code(400).send(refusalAnswer(new Refusal('request.malformed', 'the address')));
	// An upgrade's connection belongs to nobody yet: nobody else would ever close it, and leaving would wait for it.
	if (request.headers.upgrade) reply.raw.on('finish', () => request.raw.socket.destroySoon());
}

function named(error: FastifyError | Refusal): Refusal {
	if (error instanceof Refusal) return error;
	if (error.validation) {
		const [first] = error.validation;
		return new Refusal('request.malformed', `${error.validationContext ?? 'body'}${first?.instancePath ?? ''}`);
	}
	if (error.statusCode === 413) return new Refusal('request.too-large', '16 KiB');
	if (error.statusCode === 415)
		return new Refusal('request.malformed', 'send JSON, with content-type application/json');
	if (error.statusCode !== undefined && error.statusCode < 500)
		return new Refusal('request.malformed', 'the body is not JSON');
	return new Refusal('request.failed');
}

/** Where it broke, without the error's text, which may carry personal data. */
const firstPlace = (error: Error) =>
	error.stack
		?.split('\n')
		.find((line) => line.includes('    at '))
		?.trim()
		.replace(/\(.*\/(?=(server|node_modules|shared)\/)/, '(');
