import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Segment, SegmentCommand } from '#server/domain/handoff.ts';
import { decide, evolve, noSession, type SessionDecision } from '#server/domain/session.ts';
import type { Recorded } from '#server/journal/journal.ts';
import { foldSession, maySeeSession, type SessionView } from '#server/projections/session-view.ts';
import { surveySchema } from '#server/projections/survey-fold.ts';
import type { SegmentRow } from '#server/projections/survey-rows.ts';
import { type ResultsFilter, segmentsInPage, surveyTables } from '#server/projections/survey-tables.ts';
import { shippedScripts } from '#server/survey/shipped-scripts.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';
import type { Script } from '#shared/survey.ts';
import { answersTo } from '#shared/survey-order.ts';
import { liveMsOf } from '#shared/survey-told.ts';
import { cast } from '#tests/support/random-history.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const everything: ResultsFilter = {
	...{ queue: undefined, agent: undefined, script: undefined, version: undefined, identity: undefined },
	...{ fromMs: undefined, toMs: undefined, rehearsal: true },
};
const [english] = shippedScripts;
if (!english) throw new Error('no scripts');
const scripts: Script[] = [...shippedScripts, { ...english, version: 2 }];

function tablesOf(records: readonly Recorded[]) {
	const database = new DatabaseSync(':memory:');
	database.exec(surveySchema);
	const tables = surveyTables(database);
	for (const record of records) tables.fold(record);
	return { database, tables };
}

/** What could have been recorded of surveys in many calls: random people ask random things, and what is refused does not happen. */
function randomSurveys(random: (below: number) => number, calls: number, steps: number): Recorded[] {
	const one = <T>(of: readonly T[]): T => of[random(of.length)] as T;
	const records: Recorded[] = [];
	let atMs = 1_767_225_600_000;
	const states = Array.from({ length: calls }, (_, n) => ({ stream: `test-${n}`, session: noSession, version: 0 }));
	const executives = cast.filter(({ role }) => role === 'executive');

	for (let step = 0; step < steps; step++) {
		const state = one(states);
		atMs += random(20_000);
		try {
			for (const event of decide(state.session, next(state.session))) {
				state.session = evolve(state.session, event, 'somebody');
				const { stream } = state;
				records.push({ seq: records.length + 1, stream, version: ++state.version, by: 'somebody', atMs, event });
			}
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
		}
	}
	return records;

	function next({ call, segment, listenings }: (typeof states)[number]['session']): SessionDecision {
		if (call.at === 'none') {
			const agent = one(cast.filter(({ role }) => role === 'agent'));
			const of = { gateway: 'test', label: 'A call', agentId: agent.id, agentName: agent.name, team: agent.team };
			const facts = {
				...of,
				rehearsal: random(5) === 0,
				disclosure: 'notice' as const,
				abilities: ['survey' as const],
			};
			return { of: 'call', command: { type: 'start-call', facts } };
		}
		if (call.at === 'ended' && random(12) === 0) return { of: 'call', command: { type: 'erase-call' } };
		if (random(30) === 0)
			return {
				of: 'call',
				command: one([
					{ type: 'end-call', reason: 'hung-up' },
					{ type: 'protect-call' },
					{ type: 'lose-call' },
					{ type: 'restore-call' },
					{ type: 'unprotect-call' },
				] as const),
			};
		const [seat] = listenings.keys();
		if (random(3) === 0) {
			const { id, name } = one(executives);
			const listener = { id, name, role: 'executive' as const };
			if (seat === undefined)
				return { of: 'listening', listeningId: `l-${records.length}`, command: { type: 'join-call', listener } };
			const stop = { type: 'stop-listening', reason: 'left', audibleMs: 1, lostMs: 0 } as const;
			const starts = Array.from({ length: 6 }, () => ({ type: 'start-listening', required: 'notice' }) as const);
			return {
				of: 'listening',
				listeningId: seat,
				command: one([...starts, stop, { type: 'remove-listener' }] as const),
			};
		}
		return { of: 'segment', command: survey(segment, listenings.size > 0) };
	}

	function survey(segment: Segment, mayListen: boolean): SegmentCommand {
		const fresh = `segment-${records.length}`;
		const segmentId = segment.at === 'none' ? fresh : segment.id;
		const holder = 'taken' in segment ? segment.taken?.executive : undefined;
		// Most try what is theirs, and give an answer that fits.
		const { id, name } = holder && random(8) > 0 ? holder : one(executives);
		const person = { id, name };
		const script = 'asked' in segment && segment.asked ? segment.asked.script : one(scripts);
		if (segment.at === 'none')
			return {
				type: 'offer-survey',
				segmentId: fresh,
				offer: one([{ how: 'quota' }, { how: 'executive', person }] as const),
			};
		const question = one(script.questions);
		const asked = {
			script,
			askedBy: person,
			identity: 'role' as const,
			wording: 'w',
			who: 'w',
			executive: undefined,
			shownAs: 'w',
		};
		const taken = {
			executive: person,
			by: mayListen ? one(['line', 'phone'] as const) : ('phone' as const),
			secretHash: 'h',
		};
		const answer = { type: 'answer-question', segmentId, questionId: question.id, by: id } as const;
		return one<SegmentCommand>([
			{ type: 'offer-survey', segmentId: fresh, offer: { how: 'quota' } },
			{ type: 'ask-survey', segmentId, asked },
			{ type: 'ask-survey', segmentId, asked },
			...Array.from(
				{ length: 3 },
				() => ({ type: 'record-consent', segmentId, answer: 'agreed', by: person }) as const,
			),
			{ type: 'record-consent', segmentId, answer: one(['declined', 'not-now'] as const), by: person },
			{ type: 'take-line', segmentId, taken },
			{ type: 'take-line', segmentId, taken },
			{ type: 'go-live', segmentId, limitMs: 1 },
			{ type: 'go-live', segmentId, limitMs: 1 },
			...Array.from({ length: 8 }, () => ({
				...answer,
				value: one([...answersTo(question), question.kind === 'open' ? 'In own words' : '', '']),
			})),
			{ type: 'finish-survey', segmentId, how: 'executive' },
			{ type: 'lose-line', segmentId, how: 'executive-lost' },
			{ type: 'withdraw-consent', segmentId, who: 'customer' },
			{ type: 'customer-returned', segmentId, to: 'agent' },
		]);
	}
}

/** What the live views tell of the same. */
function viewsOf(records: readonly Recorded[]) {
	const views = new Map<string, SessionView>();
	for (const record of records) {
		const change = foldSession(views.get(record.stream), record);
		if (change) views.set(record.stream, change.session);
	}
	return [...views.values()];
}

const openQuestions = new Set(english.questions.filter(({ kind }) => kind === 'open').map(({ id }) => id));
/** Whose calls they are, as the rule says it. */
const counts = ({ role, team }: Person, { call }: SessionView) => role === 'executive' || call.team === team;

describe('[V6] the tables of surveys', () => {
	test('[V1] [V4] tell of every segment what the live views tell, to whom it is to be told, whatever happened', () => {
		const seed = seedFor('surveys and views');
		let [held, read, hidden] = [0, 0, 0];
		// Rounds enough that what is looked for comes up whatever the seed.
		for (let round = 0; round < 20; round++) {
			const records = randomSurveys(randomNumbers(seed + round), 40, 4000);
			const { tables } = tablesOf(records);
			const views = viewsOf(records);
			for (const person of cast.filter(({ role }) => role !== 'agent')) {
				const { rows, more } = tables.segments(person, everything, 0);
				expect(more).toBe(false);
				const found = new Map(rows.map((row) => [row.segmentId, row]));
				const shown = views
					.filter((view) => counts(person, view))
					.flatMap((view) => [...view.segments.values()].map((segment) => ({ view, segment })));
				expect(rows.map(({ segmentId }) => segmentId).toSorted()).toEqual(
					shown.map(({ segment }) => segment.segmentId).toSorted(),
				);
				for (const { view, segment } of shown) {
					const row = found.get(segment.segmentId) as SegmentRow;
					const answers = segment.live ? segment.answers : [];
					const mayRead = maySeeSession(person, view);
					const readable = answers.filter(({ questionId }) => mayRead || !openQuestions.has(questionId));
					expect(row.answers).toEqual(Object.fromEntries(readable.map(({ questionId, value }) => [questionId, value])));
					if (segment.live) held++;
					read += readable.length;
					hidden += answers.length - readable.length;
					expect([row.callId, row.consent, row.takenBy, row.ending, row.returnedTo, row.liveMs]).toEqual([
						...[view.callId, segment.consent?.answer, segment.taken?.by, segment.over?.how, segment.returnedTo],
						liveMsOf(segment),
					]);
					expect(row.script).toEqual(
						segment.asked && {
							id: 'service',
							version: segment.asked.script.version,
							language: segment.asked.script.language,
						},
					);
				}
				const { counts: sums } = tables.results(person, everything);
				const mine = views.filter((view) => counts(person, view));
				const heldCalls = mine.filter(({ segments }) => [...segments.values()].some(({ live }) => live));
				expect(sums.held).toBe(heldCalls.length);
				const asked = mine.filter(({ segments }) => [...segments.values()].some((one) => one.asked));
				expect(sums.asked).toBe(asked.length);
			}
		}
		for (const seen of [held, read, hidden]) expect(seen).toBeGreaterThan(15);
	});

	test('[B1] segments come page by page, each once and in order', () => {
		const records: Recorded[] = [];
		const [agent] = cast;
		if (!agent) throw new Error('nobody');
		const facts = {
			gateway: 'test',
			rehearsal: false,
			label: '',
			agentId: agent.id,
			agentName: agent.name,
			team: agent.team,
			disclosure: 'notice',
		} as const;
		for (let n = 0; n < segmentsInPage + 20; n++)
			for (const event of [
				{ type: 'call-started', facts },
				{ type: 'survey-offered', segmentId: `s-${n}`, offer: { how: 'quota' } },
			] as const)
				records.push({ seq: records.length + 1, stream: `test-${n}`, version: 1, by: 'ycord', atMs: n, event });
		const { tables } = tablesOf(records);
		const supervisor = { id: 'supervisor-one', name: 'S', role: 'supervisor', team: agent.team } as const;
		const first = tables.segments(supervisor, everything, 0);
		const second = tables.segments(supervisor, everything, first.rows.at(-1)?.place ?? 0);
		expect([first.rows.length, first.more, second.rows.length, second.more]).toEqual([segmentsInPage, true, 20, false]);
		expect([...first.rows, ...second.rows].map(({ segmentId }) => segmentId)).toEqual(
			Array.from({ length: segmentsInPage + 20 }, (_, n) => `s-${n}`),
		);
	});
});
