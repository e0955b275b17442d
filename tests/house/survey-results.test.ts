import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '#server/config.ts';
import { askControl } from '#server/control/ask-control.ts';
import { openViewsOf } from '#server/open-views.ts';
import { rebuildViews } from '#server/projections/rebuild.ts';
import { openRecord } from '#server/record.ts';
import { shippedScripts } from '#server/survey/shipped-scripts.ts';
import type { SessionRecord } from '#shared/rest.ts';
import type { SurveyResults } from '#shared/survey-results.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { type Surveyed, surveyed } from '#tests/support/surveyed.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** When a second house is opened on the data of the first. */
const laterMs = Date.UTC(2026, 5, 1);
const full = { recommend: '9', satisfied: '5', solved: 'yes', 'one-thing': 'Less music in the queue' };

/** A house in which these were surveyed, one after the other. */
async function houseWith(calls: readonly Surveyed[], env: Record<string, string> = {}, data?: string) {
	const clock = handClock(data && existsSync(join(data, 'journal.sqlite')) ? laterMs : undefined);
	const app = await openHouse(env, { clock, ...(data === undefined ? {} : { data }) });
	const done = [];
	for (const call of calls) done.push(await surveyed(app, clock, call));
	return { app, clock, done };
}

async function get(app: TestHouse, who: string, path: string, query: Record<string, string> = {}) {
	const { address, cookie, role } = app.seat(who);
	const response = await fetch(`${address}${path}?${new URLSearchParams({ as: role, ...query })}`, {
		headers: { cookie },
	});
	// With the mark at the beginning of a table, which `text()` takes away.
	const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
	const isJson = response.headers.get('content-type')?.startsWith('application/json');
	return { status: response.status, text, headers: response.headers, body: isJson ? JSON.parse(text) : undefined };
}
const results = async (app: TestHouse, who: string, query: Record<string, string> = {}) => {
	const answer = await get(app, who, '/api/survey/results', query);
	if (answer.status !== 200) throw new Error(answer.text);
	return answer.body as SurveyResults;
};
const said = ({ surveys }: SurveyResults) =>
	surveys.flatMap(({ questions }) => questions.flatMap((one) => one.said.map(({ text }) => text)));
const rowsOf = (text: string) => text.trimEnd().split('\r\n');

describe('what came of asking customers', () => {
	test('is counted by how far each call came, by queue and by agent, with what was answered', async () => {
		const { app } = await houseWith([
			{},
			{ heard: false },
			{ said: 'declined' },
			{ said: 'not-now' },
			{ said: 'no-answer' },
			{ said: 'agreed' },
			{ said: 'agreed', answers: full },
			{ said: 'agreed', answers: { recommend: '3' }, agentId: 'abe' },
			{ said: 'agreed', answers: full, rehearsal: true },
		]);
		const { counts, byQueue, byAgent, surveys, choices, rehearsal } = await results(app, 'eve');
		expect(rehearsal).toBe(false);
		expect(counts).toEqual({
			...{ possible: 7, notAsked: 1, asked: 6, noAnswer: 1, declined: 1, notNow: 1, agreed: 3, notHeld: 1 },
			...{ held: 2, complete: 1, partial: 1, goingOn: 0, erased: 0, rehearsals: 0 },
		});
		expect(byQueue.map(({ queue, counts }) => [queue, counts.possible, counts.held])).toEqual([
			['Orders', 6, 1],
			['Returns', 1, 1],
		]);
		expect(byAgent.map(({ agentName, counts }) => [agentName, counts.possible])).toEqual([
			['Abe Agent', 1],
			['Ann Agent', 6],
		]);
		const [survey] = surveys;
		expect(survey).toMatchObject({ scriptId: 'service', versions: [1], segments: 2 });
		expect(survey?.questions[0]).toMatchObject({ answers: 2, nps: { promoters: 1, passives: 0, detractors: 1 } });
		expect(survey?.questions[1]).toMatchObject({ answers: 1, unanswered: 1, csat: { satisfied: 1 } });
		expect(choices.scripts).toEqual([{ id: 'service', title: 'How was your service?', versions: [1] }]);
		expect((await results(app, 'eve', { rehearsal: 'yes' })).counts).toMatchObject({ possible: 8, rehearsals: 1 });
	});

	test('is narrowed down by queue, agent, script, identity and period; what has no script is then not counted', async () => {
		const { app, clock } = await houseWith([{ said: 'agreed', answers: full }, { agentId: 'abe' }]);
		const beforeMs = clock.now();
		clock.advance(60_000);
		await surveyed(app, clock, { said: 'declined', language: 'de' });
		const of = async (query: Record<string, string>) => {
			const { possible, notAsked, asked, declined } = (await results(app, 'eve', query)).counts;
			return [possible, notAsked, asked, declined];
		};
		expect(await of({})).toEqual([3, 1, 2, 1]);
		expect(await of({ queue: 'Returns' })).toEqual([1, 1, 0, 0]);
		expect(await of({ agent: 'ann' })).toEqual([2, 0, 2, 1]);
		expect(await of({ fromMs: String(beforeMs) })).toEqual([1, 0, 1, 1]);
		expect(await of({ toMs: String(beforeMs) })).toEqual([2, 1, 1, 0]);
		expect(await of({ script: 'service', version: '1' })).toEqual([undefined, undefined, 2, 1]);
		expect(await of({ script: 'service', version: '2' })).toEqual([undefined, undefined, 0, 0]);
		expect(await of({ identity: 'role' })).toEqual([undefined, undefined, 2, 1]);
		expect(await of({ identity: 'named' })).toEqual([undefined, undefined, 0, 0]);
	});

	test('[V6] a supervisor counts the own team, an executive every call and reads what was said where they sat in; an agent is refused', async () => {
		const { app } = await houseWith([
			{ said: 'agreed', answers: full },
			{ said: 'agreed', answers: { ...full, 'one-thing': 'Call me back' }, agentId: 'abe', executiveId: 'ed' },
		]);
		const [eve, ed, sue, sid] = await Promise.all(['eve', 'ed', 'sue', 'sid'].map((who) => results(app, who)));
		for (const one of [eve, ed]) expect(one?.counts.possible).toBe(2);
		expect(sue).toMatchObject({ counts: { possible: 1 }, choices: { queues: ['Orders'] } });
		expect(sid).toMatchObject({ counts: { possible: 1 }, choices: { queues: ['Returns'] } });
		expect([eve, ed, sue, sid].map((one) => one && said(one))).toEqual([
			...[['Less music in the queue'], ['Call me back'], ['Less music in the queue'], ['Call me back']],
		]);
		expect((await results(app, 'sue', { queue: 'Returns' })).counts.possible).toBe(0);
		for (const path of ['/api/survey/results', '/api/survey/results.csv'])
			expect(await get(app, 'ann', path)).toMatchObject({ status: 403, body: { code: 'access.denied' } });
		const table = await get(app, 'eve', '/api/survey/results.csv');
		expect(table.text).toContain('Less music');
		expect(table.text).not.toContain('Call me back');
	});

	test('a segment that is under way is held, and neither complete nor partial; one taken back is partial', async () => {
		const { app } = await houseWith([
			{ said: 'agreed', answers: { recommend: '10' }, goesOn: true },
			{ said: 'agreed', answers: { recommend: '10' }, withdrawn: true },
		]);
		const { counts, surveys } = await results(app, 'sue');
		expect(counts).toMatchObject({ held: 2, goingOn: 1, partial: 1 });
		expect(surveys[0]?.segments).toBe(1);
	});

	test('versions of a script stand apart, and together where that is asked for', async () => {
		const { path: data, remove } = await temporaryFolder();
		const policy = join(data, 'survey.json');
		const [english] = shippedScripts;
		const write = (...versions: number[]) =>
			writeFileSync(
				policy,
				JSON.stringify({
					company: 'Acme',
					role: 'our leadership',
					rule: {},
					scripts: versions.map((version) => ({ ...english, version })),
				}),
			);
		write(1);
		const first = await houseWith([{ said: 'agreed', answers: full }], { YCORD_SURVEY: policy }, data);
		await first.app.close();
		write(1, 2);
		const { app } = await houseWith([{ said: 'agreed', answers: full }], { YCORD_SURVEY: policy }, data);
		const apart = await results(app, 'sue');
		expect(apart.surveys.map(({ versions, segments }) => [versions, segments])).toEqual([
			[[2], 1],
			[[1], 1],
		]);
		const mixed = await results(app, 'sue', { version: 'all' });
		expect(mixed.surveys.map(({ versions, segments }) => [versions, segments])).toEqual([[[1, 2], 2]]);
		expect(mixed.surveys[0]?.questions[0]?.answers).toBe(2);
		await app.close();
		await remove();
	});

	test('[G3] what is asked for wrongly is refused by name, and so is one person who asks again and again', async () => {
		const { app } = await houseWith([]);
		for (const query of [
			{ version: 'newest' },
			{ version: '1' },
			{ identity: 'friend' },
			{ fromMs: 'yesterday' },
			{ fromMs: '10', toMs: '10' },
			{ script: '../x' },
			{ rehearsal: 'maybe' },
			{ queue: '' },
			{ colour: 'red' },
		])
			for (const path of ['/api/survey/results', '/api/survey/results.csv']) {
				const refused = await get(app, 'eve', path, query as Record<string, string>);
				// The clock stands still: after twenty the limit has its turn.
				expect([400, 429]).toContain(refused.status);
				if (refused.status === 400) expect(refused.body.code).toBe('request.malformed');
			}
		const many = await Promise.all(Array.from({ length: 30 }, () => get(app, 'sue', '/api/survey/results')));
		expect(many.filter(({ body }) => body.code === 'request.too-many')).toHaveLength(10);
		expect((await get(app, 'sid', '/api/survey/results')).status).toBe(200);
		expect((await fetch(`${app.address()}/api/survey/results?as=executive`)).status).toBe(401);
	});

	test('is taken along as a table: a line a segment, a column a question, and no cell that is calculated', async () => {
		const { app, done } = await houseWith([
			{ said: 'declined' },
			{ said: 'agreed', answers: { ...full, 'one-thing': '=HYPERLINK("x"), "twice"' }, liveMs: 90_000 },
		]);
		const { headers, text } = await get(app, 'sue', '/api/survey/results.csv');
		expect(headers.get('content-disposition')).toBe('attachment; filename="ycord-survey-results.csv"');
		expect(text.startsWith('\uFEFFcall,call began,rehearsal,queue,agent id,agent,segment,')).toBe(true);
		const [head, declined, held, ...more] = rowsOf(text);
		expect(head).toContain('service: recommend,service: satisfied,service: solved,service: missing,service: one-thing');
		expect(declined).toContain(',declined,,,,,,declined,,,,,');
		expect(held).toContain(done[1]?.segmentId);
		expect(held).toContain(',agreed,Eve Executive,phone,90,executive,agent,complete,9,5,yes,,');
		expect(held).toContain(`"'=HYPERLINK(""x""), ""twice"""`);
		expect(more).toEqual([]);
	});
});

/** What `ycord rebuild` does. */
async function rebuilt(data: string) {
	const config = readConfig({ YCORD_DATA: data }, {});
	const { journal, close } = await openRecord(config, handClock());
	const views = await openViewsOf(journal, config);
	await rebuildViews(journal, views, () => {});
	await views.close();
	await close();
}

describe('[L3] of an erased call', () => {
	const mark = 'answer-nobody-may-keep-5173';
	test('the answers are gone, from the results and from the bytes of the views, and the counts stay, rebuilt or not [V1] [V2]', async () => {
		const { path: data, remove } = await temporaryFolder();
		const calls: Surveyed[] = [
			{ said: 'agreed', answers: { ...full, 'one-thing': mark } },
			{ said: 'agreed', answers: full },
			{ said: 'declined' },
			{},
		];
		const { app, done } = await houseWith(calls, {}, data);
		const callId = done[0]?.callId ?? '';
		const files = () =>
			['views.sqlite', 'views.sqlite-wal'].map((file) => readFileSync(join(data, file)).includes(mark));
		expect(said(await results(app, 'sue'))).toEqual([full['one-thing'], mark]);
		expect(files()).toContain(true);
		await askControl(data, '/erase', { callId });
		await shown(app, () => app.sessions.get(callId)?.call.erased === true);
		await app.search.caughtUp();
		expect(files()).toEqual([false, false]);
		const after = await results(app, 'sue');
		expect(after.counts).toMatchObject({ possible: 4, held: 2, complete: 1, partial: 0, erased: 1, declined: 1 });
		expect(after.surveys[0]).toMatchObject({ segments: 1 });
		expect(said(after)).toEqual([full['one-thing']]);
		const table = await get(app, 'sue', '/api/survey/results.csv');
		expect(table.text).not.toContain(mark);
		expect(rowsOf(table.text)).toHaveLength(4);
		await app.close();

		// Folded on from a checkpoint, and from zero, it is the same.
		const leaveAlone = async () => {};
		const damage = async () => writeFileSync(join(data, 'views.sqlite'), 'no views at all');
		for (const before of [leaveAlone, damage, () => rebuilt(data)]) {
			await before();
			const again = await openHouse({}, { data, clock: handClock() });
			await again.search.caughtUp();
			expect(await results(again, 'sue')).toEqual(after);
			expect((await get(again, 'sue', '/api/survey/results.csv')).text).toBe(table.text);
			await again.close();
		}
		await remove();
	});
});

describe('the record of a call with a survey', () => {
	test('[C2] [V4] holds consent, wording, identity and duration for everybody on it, and the answers for all but the agent', async () => {
		const { app, done } = await houseWith([{ said: 'agreed', answers: full, liveMs: 45_000 }]);
		const path = `/api/calls/${done[0]?.callId}/record`;
		for (const who of ['ann', 'eve', 'sue']) {
			const { segments, timeline } = (await get(app, who, path)).body as SessionRecord;
			expect(segments).toHaveLength(1);
			expect(segments[0]).toMatchObject({
				asked: { by: { name: 'Ann Agent' }, identity: 'role', script: { id: 'service', version: 1 } },
				consent: { answer: 'agreed', by: { name: 'Ann Agent' } },
				over: { how: 'executive' },
			});
			expect(segments[0]?.asked?.wording).toContain('a member of our leadership');
			expect(timeline).toContainEqual({
				what: 'survey',
				fromMs: 25_000,
				untilMs: 70_000,
				personName: 'Eve Executive',
			});
			const isAgent = who === 'ann';
			expect(segments[0]?.answers).toHaveLength(isAgent ? 0 : 4);
			for (const ending of ['md', 'csv', 'jsonl']) {
				const { text } = await get(app, who, `${path}.${ending}`);
				expect(text).toContain('a member of our leadership');
				expect(text.includes('Less music')).toBe(!isAgent);
			}
		}
	});
});
