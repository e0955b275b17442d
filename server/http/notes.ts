import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Identity } from '#server/http/identity.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import { personLimit } from '#server/http/person-limit.ts';
import type { Search } from '#server/projections/search.ts';
import type { WholeSessions } from '#server/projections/whole-sessions.ts';
import { NotePlace } from '#shared/note.ts';
import { Role } from '#shared/people.ts';
import { FoundNotes, NoteHistory, NoteSearch } from '#shared/rest.ts';

/** What the notes' doors need. */
export interface NotesNeeds {
	search: Search;
	sessions: WholeSessions;
	identity: Identity;
	now: () => number;
}

/** Notes of all sessions, found again, and what each one said before. For one person 5 a second, 20 at once. [V2] */
export const noteRoutes: FastifyPluginAsyncTypebox<NotesNeeds> = async (app, needs) => {
	const { search, sessions, identity, now } = needs;
	app.addHook('onRequest', noUpgrade);
	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));
	const limit = personLimit(5, 20, now);

	const found = { 200: FoundNotes };
	app.get('/api/notes', { schema: { querystring: NoteSearch, response: found } }, async (request) => {
		const person = identity.mustBe(request);
		limit(person);
		return search.find(person, request.query);
	});

	const asRole = Type.Object({ as: Role }, { additionalProperties: false });
	const history = { params: NotePlace, querystring: asRole, response: { 200: NoteHistory } };
	app.get('/api/calls/:callId/notes/:noteId/history', { schema: history }, async (request) => {
		const person = identity.mustBe(request);
		limit(person);
		const { callId, noteId } = request.params;
		return { revisions: await sessions.history(person, callId, noteId) };
	});
};
