import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { resultsCsv } from '#server/http/exports/results-csv.ts';
import type { Identity } from '#server/http/identity.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import { personLimit } from '#server/http/person-limit.ts';
import type { Search } from '#server/projections/search.ts';
import type { ResultsFilter } from '#server/projections/survey-tables.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';
import { ResultsQuery, SurveyResults } from '#shared/survey-results.ts';

/** What the doors of the results need. */
export interface SurveyResultsNeeds {
	search: Search;
	identity: Identity;
	now: () => number;
	/** The demo has no calls but rehearsals: there they are looked at unless it is asked not to. */
	demo: boolean;
}

/**
 * What came of asking customers: a supervisor's of the own team, an executive's of every call. [V6] Each answer looks at many
 * calls: for one person two a second, 20 at once. [B2]
 */
export const surveyResultsRoutes: FastifyPluginAsyncTypebox<SurveyResultsNeeds> = async (app, needs) => {
	const { search, identity, now, demo } = needs;
	app.addHook('onRequest', noUpgrade);
	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));
	const limit = personLimit(2, 20, now);

	const counted = { querystring: ResultsQuery, response: { 200: SurveyResults } };
	app.get('/api/survey/results', { schema: counted }, async (request) => {
		const person = identity.mustBe(request, ['executive', 'supervisor']);
		limit(person);
		return search.results(person, filterOf(request.query, demo));
	});

	app.get('/api/survey/results.csv', { schema: { querystring: ResultsQuery } }, async (request, reply) => {
		const person = identity.mustBe(request, ['executive', 'supervisor']);
		limit(person);
		const filter = filterOf(request.query, demo);
		const table = resultsCsv(await search.questions(person, filter));
		// What cannot be had at all is refused by name, before the first line is on its way.
		const first = await search.segments(person, filter, 0);
		reply.header('content-disposition', 'attachment; filename="ycord-survey-results.csv"');
		reply.header('cache-control', 'no-store').type('text/csv; charset=utf-8; header=present');
		return reply.send(Readable.from(pages(search, person, filter, table, first)));
	});
};

/** Page after page, as fast as it is taken. */
async function* pages(
	search: Search,
	person: Person,
	filter: ResultsFilter,
	{ head, row }: ReturnType<typeof resultsCsv>,
	first: Awaited<ReturnType<Search['segments']>>,
): AsyncGenerator<string> {
	yield head();
	for (let page = first; ; page = await search.segments(person, filter, page.rows.at(-1)?.place ?? 0)) {
		if (page.rows.length > 0) yield page.rows.map(row).join('');
		if (!page.more) return;
	}
}

/** Refuses with `request.malformed` what is well written and asks for nothing. */
function filterOf(query: ResultsQuery, demo: boolean): ResultsFilter {
	const { queue, agent, script, version, identity, fromMs, toMs, rehearsal } = query;
	const [from, to] = [fromMs, toMs].map((ms) => (ms === undefined ? undefined : Number(ms)));
	if (from !== undefined && to !== undefined && from >= to)
		throw new Refusal('request.malformed', 'the period ends before it begins');
	if (version !== undefined && version !== 'all' && script === undefined)
		throw new Refusal('request.malformed', 'a version is one of a script: name the script too');
	return {
		queue,
		agent,
		script,
		version: version === undefined || version === 'all' ? version : Number(version),
		identity,
		fromMs: from,
		toMs: to,
		rehearsal: rehearsal === undefined ? demo : rehearsal === 'yes',
	};
}
