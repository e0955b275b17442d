import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csv } from '#server/http/exports/csv.ts';
import { jsonl } from '#server/http/exports/jsonl.ts';
import { inLine, markdown } from '#server/http/exports/markdown.ts';
import { clockTime } from '#server/http/exports/told.ts';
import type { NoteView } from '#shared/note.ts';
import type { SessionRecord } from '#shared/rest.ts';
import type { SegmentView } from '#shared/survey.ts';
import { seedFor } from '#tests/support/seed.ts';

const startedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const noteOf = (changes: Partial<NoteView>): NoteView => ({
	noteId: 'n1',
	seq: 1,
	place: 1,
	kind: 'observation',
	lane: 'team',
	text: 'They hold for minutes.',
	tags: [],
	mentions: [],
	anchorMs: 83_400,
	authorId: 'eve',
	authorName: 'Eve Executive',
	authorRole: 'executive',
	writtenAtMs: startedAtMs + 90_000,
	edits: 0,
	heardBy: [],
	links: [],
	...changes,
});
const recordOf = (...notes: NoteView[]): SessionRecord => ({
	call: {
		callId: 'twilio-CA1',
		seq: 1,
		at: 'ended',
		protected: false,
		gateway: 'twilio',
		rehearsal: false,
		label: 'Order *enquiry*',
		agentId: 'ann',
		agentName: 'Ann Agent',
		team: 'Orders',
		disclosure: 'notice',
		abilities: [],
		startedAtMs,
		sinceMs: startedAtMs,
		endedAtMs: startedAtMs + 600_000,
		endReason: 'hung-up',
	},
	listenings: [
		{
			listeningId: 'l1',
			seq: 3,
			callId: 'twilio-CA1',
			at: 'left',
			personId: 'eve',
			personName: 'Eve Executive',
			personRole: 'executive',
			sinceMs: startedAtMs,
			audibleMs: 61_400,
			lostMs: 0,
		},
	],
	notes,
	timeline: [
		{ what: 'listening', fromMs: 3000, untilMs: 64_400, personName: 'Eve Executive' },
		{ what: 'held', fromMs: 10_000 },
	],
	segments: [],
	exportedAtMs: startedAtMs + 700_000,
});
const session = recordOf(
	noteOf({
		text: 'Why do they hold? #queue\n# not a heading',
		tags: ['queue'],
		kind: 'pinhole',
		heardBy: [{ id: 'sue', name: 'Sue Supervisor' }],
		edits: 2,
		editedAtMs: startedAtMs + 95_000,
	}),
	noteOf({
		noteId: 'n2',
		text: '=HYPERLINK("x")',
		authorName: '+Sid',
		links: [{ callId: 'twilio-CA1', noteId: 'n1' }],
	}),
	noteOf({ noteId: 'n3', replyTo: 'n1', text: 'Since Monday, "twice".', anchorMs: 3_600_000 }),
	noteOf({ noteId: 'n4', text: '', deletedAtMs: startedAtMs + 99_000 }),
);
const all = (parts: Iterable<string>) => [...parts].join('');

const segment: SegmentView = {
	segmentId: 's1',
	seq: 9,
	callId: 'twilio-CA1',
	at: 'returned',
	sinceMs: startedAtMs,
	offeredBy: { how: 'agent', person: { id: 'ann', name: 'Ann Agent' } },
	asked: {
		atMs: startedAtMs + 100_000,
		by: { id: 'ann', name: 'Ann Agent' },
		script: {
			id: 'service',
			version: 3,
			language: 'en',
			title: 'How were we?',
			ask: { named: '', role: '', company: '' },
			who: { named: '', role: '', company: '' },
			questions: [
				{ id: 'recommend', kind: 'scale-10', text: 'Recommend *us*?' },
				{ id: 'missing', kind: 'choice', text: 'Missing?', choices: [{ id: 'money', text: 'money back' }] },
				{ id: 'one-thing', kind: 'open', text: 'One thing?' },
			],
		},
		identity: 'role',
		wording: 'Do you have a minute for our leadership?',
		who: 'Our leadership.',
	},
	consent: { answer: 'agreed', atMs: startedAtMs + 110_000, by: { id: 'ann', name: 'Ann Agent' } },
	taken: { executive: { id: 'eve', name: 'Eve Executive' }, by: 'line', atMs: startedAtMs + 115_000 },
	live: { atMs: startedAtMs + 120_000, limitMs: 300_000 },
	over: { how: 'taken-back', atMs: startedAtMs + 165_400 },
	returnedTo: 'agent',
	answers: [
		{ questionId: 'one-thing', value: '=1+1 # less music' },
		{ questionId: 'recommend', value: '9' },
		{ questionId: 'missing', value: 'money' },
	],
	identityTold: 1,
};

describe('a session to take along', () => {
	test('as Markdown: facts, timeline and notes in order, answers under theirs, and nobody’s text is markup', () => {
		expect(all(markdown(session))).toMatchInlineSnapshot(`
			"# Order \\*enquiry\\*

			- Call: twilio-CA1
			- Agent: Ann Agent, Orders
			- Started: 2026-01-02T03:04:05Z
			- Ended: 2026-01-02T03:14:05Z, hung-up
			- Disclosure: notice
			- Exported: 2026-01-02T03:15:45Z

			## Timeline

			| From | Until | What | Who |
			| --- | --- | --- | --- |
			| 0:00:03 | 0:01:04 | listening | Eve Executive |
			| 0:00:10 |  | held |  |

			## Listened

			| Who | Role | Now | Seconds heard | Seconds lost |
			| --- | --- | --- | --- | --- |
			| Eve Executive | executive | left | 61 | 0 |

			## Notes

			### 0:01:23 · pinhole · team · Eve Executive

			> Why do they hold? #queue  
			> \\# not a heading

			tags: queue · heard by: Sue Supervisor · edited 2026-01-02T03:05:40Z

			#### Answer, 1:00:00 · observation · team · Eve Executive

			> Since Monday, "twice".

			### 0:01:23 · observation · team · \\+Sid

			> \\=HYPERLINK("x")

			links: pinhole at 0:01:23

			### 0:01:23 · observation · team · Eve Executive

			> *deleted 2026-01-02T03:05:44Z*

			"
		`);
	});

	test('as CSV: one table with a byte order mark, where no cell is a formula', () => {
		expect(all(csv(session)).replaceAll('\r\n', '\n')).toMatchInlineSnapshot(`
			"﻿row,from,until,kind,lane,who,text,tags,heard by,links,edited,written,id,answers
			call,0:00:00,0:10:00,ended,,Ann Agent,Order *enquiry*,,,,,2026-01-02T03:04:05Z,twilio-CA1,
			exported,,,,,,,,,,,2026-01-02T03:15:45Z,,
			listening,0:00:03,0:01:04,,,Eve Executive,,,,,,,,
			held,0:00:10,,,,,,,,,,,,
			listener,,,left,,Eve Executive,"61 s heard, 0 s lost",,,,,,l1,
			note,0:01:23,,pinhole,team,Eve Executive,"Why do they hold? #queue
			# not a heading",queue,Sue Supervisor,,2026-01-02T03:05:40Z,2026-01-02T03:05:35Z,n1,
			answer,1:00:00,,observation,team,Eve Executive,"Since Monday, ""twice"".",,,,,2026-01-02T03:05:35Z,n3,n1
			note,0:01:23,,observation,team,'+Sid,"'=HYPERLINK(""x"")",,,pinhole at 0:01:23,,2026-01-02T03:05:35Z,n2,
			note,0:01:23,,observation,team,Eve Executive,(deleted),,,,,2026-01-02T03:05:35Z,n4,
			"
		`);
	});

	test('as JSON Lines: one object a line, each says what it is', () => {
		const rows = all(jsonl(session))
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line));
		expect(rows.map(({ row }) => row)).toEqual([
			...['call', 'span', 'span', 'listening', 'note', 'note', 'note', 'note', 'exported'],
		]);
		expect(rows[4]).toEqual({ row: 'note', ...session.notes[0] });
	});

	test('[C2] a survey is told with consent, wording, disclosure, how long, what came of it, and the answers', () => {
		const surveyed = { ...recordOf(), segments: [segment] };
		const told = all(markdown(surveyed));
		expect(told.slice(told.indexOf('## Survey'), told.indexOf('## Notes'))).toMatchInlineSnapshot(`
			"## Survey

			- Offered by Ann Agent
			- Asked at 0:01:40 by Ann Agent, script service version 3 (en)
			- Told of who comes: by role only
			- Consent: agreed, recorded at 0:01:50 by Ann Agent
			- Taken by Eve Executive
			- Lasted 45 s, until 0:02:45
			- Outcome: Held; the customer was taken back.

			Read out:

			> Do you have a minute for our leadership?

			**Recommend \\*us\\*?**

			> 9

			**Missing?**

			> money back

			**One thing?**

			> \\=1+1 # less music

			"
		`);
		const rows = all(csv(surveyed)).split('\r\n');
		expect(rows.filter((row) => row.startsWith('survey'))).toMatchInlineSnapshot(`
			[
			  "survey offered,,,agent,,Ann Agent,,,,,,,s1,",
			  "survey asked,0:01:40,,service 3 en,role,Ann Agent,Do you have a minute for our leadership?,,,,,,s1,",
			  "survey consent,0:01:50,,agreed,,Ann Agent,,,,,,,s1,",
			  "survey held,0:02:00,0:02:45,taken-back,line,Eve Executive,,,,,,,s1,",
			  "survey answer,,,recommend,,,9,,,Recommend *us*?,,,s1,",
			  "survey answer,,,missing,,,money back,,,Missing?,,,s1,",
			  "survey answer,,,one-thing,,,'=1+1 # less music,,,One thing?,,,s1,",
			]
		`);
		expect(
			all(jsonl(surveyed))
				.split('\n')
				.map((line) => line && JSON.parse(line)),
		).toContainEqual({
			row: 'segment',
			...segment,
		});
	});

	test('of a survey that was only offered no more is told than that', () => {
		const { asked, consent, taken, live, over, returnedTo, ...rest } = segment;
		const offered: SegmentView = { ...rest, at: 'ended', answers: [] };
		const told = all(markdown({ ...recordOf(), segments: [offered] }));
		expect(told).toContain('- Offered by Ann Agent\n- Outcome: The customer was not asked.\n');
	});

	test('whatever somebody writes, a CSV has as many cells in each line, and none that is calculated', () => {
		const text = fc.array(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ';', 'a', "'", '＝', ' '), {
			maxLength: 12,
		});
		fc.assert(
			fc.property(text, (parts) => {
				const said = parts.join('');
				const rows = cellsOf(all(csv(recordOf(noteOf({ text: said, authorName: said })))).slice(1));
				expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([14]));
				for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
				expect(rows.flat().some((cell) => cell === said || cell === `'${said}`)).toBe(true);
			}),
			{ seed: seedFor('csv') },
		);
	});

	test('whatever somebody writes, in Markdown it stays in its quotation, and is neither markup nor HTML', () => {
		const text = fc.array(
			fc.constantFrom(
				'#',
				'*',
				'_',
				'`',
				'[',
				']',
				'(',
				')',
				'<b>',
				'&lt;',
				'|',
				'\n',
				'\r',
				'> ',
				'- ',
				'1. ',
				'    ',
				'\\',
				'~~',
				'word',
				'!',
				'---',
				'\u2028',
			),
			{ maxLength: 20 },
		);
		fc.assert(
			fc.property(text, (parts) => {
				const said = `a${parts.join('')}z`;
				const [, notes = ''] = all(markdown(recordOf(noteOf({ text: said })))).split('## Notes\n\n');
				const lines = notes.trimEnd().split('\n');
				expect(lines.slice(2).every((line) => line.startsWith('>'))).toBe(true);
				for (const line of lines.slice(2))
					expect(unescaped(line.slice(1))).not.toMatch(/[`*_[\]<>|~\\&]|^ *([#+-]|\d+[.)])/);
			}),
			{ seed: seedFor('markdown') },
		);
	});

	test('plain words stay plain', () => {
		for (const said of ['They hold, again: 2 minutes (at least).', 'Really? Yes!', 'follow-up', 'mail ann@example.com'])
			expect(inLine(said)).toBe(said);
	});

	test('the call’s clock goes on after an hour', () => {
		expect([0, 61_999, 3_600_000, 36_000_000].map(clockTime)).toEqual(['0:00:00', '0:01:01', '1:00:00', '10:00:00']);
	});
});

/** Whatever was escaped is as good as a letter. */
const unescaped = (line: string) => line.replace(/\\[!-/:-@[-`{-~]/g, 'x');

/** RFC 4180, read the plain way. */
function cellsOf(text: string): string[][] {
	const rows: string[][] = [[]];
	for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
		rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
		if (end === '\r\n') rows.push([]);
	}
	return rows.slice(0, -1);
}
