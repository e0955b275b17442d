import type { FastifyServerOptions } from 'fastify';
import type { Config } from '#server/config.ts';

/** Keys that are never written, wherever they stand: who somebody is, what they said, what opens a door. */
const personal = ['text', 'name', 'label', 'secret', 'token', 'cookie', 'authorization', 'from', 'to', 'payload'];

/**
 * Structured logs: constant text, ids as fields, no personal data. An address is never logged, only the route it matched,
 * because a link's address is a credential.
 */
export function logging(
	config: Pick<Config, 'logLevel'>,
	to?: NodeJS.WritableStream,
): NonNullable<FastifyServerOptions['logger']> {
	return {
		level: config.logLevel,
		base: null,
		timestamp: () => `,"time":"${new Date().toISOString()}"`,
		formatters: { level: (label) => ({ level: label }) },
		redact: { paths: personal.flatMap((key) => [key, `*.${key}`]), censor: '[personal]' },
		serializers: { req: () => ({}), res: () => ({}), err: ({ name }) => ({ type: name, message: '', stack: '' }) },
		...(to ? { stream: to as NodeJS.WritableStream & { write(text: string): void } } : {}),
	};
}
