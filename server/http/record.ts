import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { csv } from '#server/http/exports/csv.ts';
import { jsonl } from '#server/http/exports/jsonl.ts';
import { markdown } from '#server/http/exports/markdown.ts';
import type { Identity } from '#server/http/identity.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import { personLimit } from '#server/http/person-limit.ts';
import type { WholeSessions } from '#server/projections/whole-sessions.ts';
import { CallId } from '#shared/call.ts';
import { Role } from '#shared/people.ts';
import { SessionRecord } from '#shared/rest.ts';

/** What the record's doors need. */
export interface RecordNeeds {
	sessions: WholeSessions;
	identity: Identity;
	now: () => number;
}

const formats = {
	md: { write: markdown, type: 'text/markdown; charset=utf-8' },
	csv: { write: csv, type: 'text/csv; charset=utf-8; header=present' },
	jsonl: { write: jsonl, type: 'application/x-ndjson; charset=utf-8' },
};

/**
 * A session as this person may see it, to read or to take along, of any age. A session can be long and everybody's sound
 * shares the process: for one person one in two seconds, 10 at once. [V2] [B2]
 */
export const recordRoutes: FastifyPluginAsyncTypebox<RecordNeeds> = async (app, { sessions, identity, now }) => {
	app.addHook('onRequest', noUpgrade);
	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));
	const limit = personLimit(0.5, 10, now);

	const params = Type.Object({ callId: CallId });
	const querystring = Type.Object({ as: Role }, { additionalProperties: false });
	const schema = { params, querystring };
	const whole = { schema: { ...schema, response: { 200: SessionRecord } } };
	app.get('/api/calls/:callId/record', whole, async (request) => {
		const person = identity.mustBe(request);
		limit(person);
		return sessions.record(person, request.params.callId);
	});

	for (const [ending, { write, type }] of Object.entries(formats))
		app.get(`/api/calls/:callId/record.${ending}`, { schema }, async (request, reply) => {
			const person = identity.mustBe(request);
			limit(person);
			const record = await sessions.record(person, request.params.callId);
			// The call's id names it: a label may name a customer.
			const name = `ycord-${record.call.callId}.${ending}`;
			reply.header('content-disposition', `attachment; filename="${name}"`).type(type);
			return reply.header('cache-control', 'no-store').send(Readable.from(inParts(write(record))));
		});
};

/** Few parts for many rows, and a breath for everybody else in between. */
async function* inParts(rows: Iterable<string>, rowsInPart = 100): AsyncGenerator<string> {
	let part: string[] = [];
	for (const row of rows) {
		part.push(row);
		if (part.length < rowsInPart) continue;
		yield part.join('');
		part = [];
		await new Promise((resolve) => setImmediate(resolve));
	}
	yield part.join('');
}
