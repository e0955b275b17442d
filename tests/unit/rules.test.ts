import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { maxSegmentsPerCall } from '#server/domain/handoff.ts';
import { SessionCommand } from '#shared/call.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { lineLimits } from '#shared/line.ts';
import { heartbeatMs, liveLimits, liveVersion, ToServer, writingMs } from '#shared/live.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const protocol = textOf('shared/PROTOCOL.md');

interface Rule {
	id: string;
	text: string;
}
/** The rules of a document: `- **[N1]** …` up to the next one or an empty line. */
const rulesOf = (text: string): Rule[] =>
	[...text.matchAll(/^- \*\*\[([A-Z]\d+)\]\*\* ([\s\S]*?)(?=\n- |\n\n|$(?![\s\S]))/gm)].map(([, id = '', of = '']) => ({
		id,
		text: of,
	}));
const rules = [...rulesOf(protocol), ...rulesOf(textOf('server/domain/RULES.md'))];
/** A rule that is not built yet says so in italics at its end. */
const isForLater = ({ text }: Rule) => /\*Later\b/.test(text);

const citationsIn = (paths: readonly string[]) =>
	new Map(
		paths.flatMap((path) =>
			[...textOf(path).matchAll(/\[([A-Z]\d{1,2})\]/g)].map(([, id = '']) => [id, path] as const),
		),
	);
const tests = globSync('tests/**/*.{test,contract}.ts', { cwd: root }).filter(
	(path) => !path.endsWith('rules.test.ts'),
);
const sources = globSync('{client,server,shared,tests}/**/*.{ts,tsx,md}', { cwd: root });

test('every rule has an id of its own', () => {
	expect(rules.length).toBeGreaterThan(40);
	expect(rules.map(({ id }) => id)).toEqual([...new Set(rules.map(({ id }) => id))]);
});
test('every rule that is built is cited by a test', () => {
	const cited = citationsIn(tests);
	expect(rules.filter((rule) => !isForLater(rule) && !cited.has(rule.id)).map(({ id }) => id)).toEqual([]);
});
test('nothing cites a rule that does not exist', () => {
	const known = new Set(rules.map(({ id }) => id));
	expect([...citationsIn([...tests, ...sources])].filter(([id]) => !known.has(id))).toEqual([]);
});

test('PROTOCOL.md names every message and command a client can send', () => {
	const types = [
		...ToServer.anyOf.map((one) => ('anyOf' in one ? one.anyOf[0] : one).properties.type.const),
		...SessionCommand.anyOf.map((one) => one.properties.type.const),
	];
	expect(types.length).toBeGreaterThan(15);
	expect(types.filter((type) => !protocol.includes(`\`${type}\``) && !protocol.includes(`"type":"${type}"`))).toEqual(
		[],
	);
});
test('PROTOCOL.md states the limits and close codes that hold', () => {
	expect(protocol).toContain(`"version":${liveVersion}`);
	const { messageBytes, messagesPerSecond, burst, watches } = liveLimits;
	expect(protocol).toContain(
		`${messageBytes / 1024} KiB a message (4413 beyond, 1009 beyond 128 KiB), ${messagesPerSecond} messages a second with bursts of ${burst} (4429), ${watches} views a socket`,
	);
	expect([maxSegmentsPerCall, protocol.includes('five segments at most')]).toEqual([5, true]);
	expect(protocol).toContain(`${writingMs / 1000} s after it was last said`);
	expect(protocol).toContain(`every \`heartbeatMs\` (${heartbeatMs / 1000} s)`);
	expect(protocol).toContain(`${lineLimits.messagesPerSecond} messages a second`);
	const codes = new Set<number>(Object.values(closeCodes).map(({ code }) => code));
	const named = [...protocol.matchAll(/\b4[45]\d\d\b/g)].map(([code]) => Number(code));
	expect(named.filter((code) => !codes.has(code) && code % 100 !== 0)).toEqual([]);
});
