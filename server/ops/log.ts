import { writeSync } from 'node:fs';
import type { FastifyServerOptions } from 'fastify';
import type { Config } from '#server/config.ts';

/**
 * Written at once, and lost if it cannot be: pino's own writer would try again for ever when the disk under standard
 * output is full, and the calls would stand still with it.
 */
const standardOutput = {
	write(line: string) {
		try {
			writeSync(1, line);
		} catch {
			// A line of the log is worth less than the calls.
		}
	},
};

/** Keys that are never written, wherever they stand: who somebody is, what they said, what opens a door. */
const personal = [
	'text',
	'name',
	'label',
	'secret',
	'password',
	'code',
	'token',
	'cookie',
	'authorization',
	'from',
	'to',
	'payload',
];

/**
 * Structured logs: constant text, ids as fields, no personal data. An address is never logged, only the route it matched,
 * because a link's address is a credential.
 */
export function logging(
	config: Pick<Config, 'logLevel'>,
	to?: { write(line: string): unknown },
): NonNullable<FastifyServerOptions['logger']> {
	return {
		level: config.logLevel,
		base: null,
		timestamp: () => `,"time":"${new Date().toISOString()}"`,
		formatters: { level: (label) => ({ level: label }) },
		redact: { paths: personal.flatMap((key) => [key, `*.${key}`]), censor: '[personal]' },
		serializers: { req: () => ({}), res: () => ({}), err: ({ name }) => ({ type: name, message: '', stack: '' }) },
		stream: to ?? standardOutput,
	};
}
