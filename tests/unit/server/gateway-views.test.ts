import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readConfig } from '#server/config.ts';
import { gatewayEntries } from '#server/gateway-entries.ts';
import { gatewaySettings } from '#server/gateway-settings.ts';
import { gatewayViews, problemOf } from '#server/gateway-views.ts';
import { refusedWords } from '#server/refused-words.ts';
import type { Setting } from '#server/setting.ts';
import { type GatewayEntry, gatewayDesk, type RefusedFor } from '#server/telephony/desk.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { refusals } from '#shared/refusals.ts';
import { handClock } from '#tests/support/clock.ts';

const entry: GatewayEntry = {
	name: 'test',
	title: 'A platform',
	on: true,
	addresses: () => [{ what: 'Door', address: 'wss://x/y' }],
	settings: [{ name: 'YCORD_X', isSet: true }],
	abilities: { legs: 'both', silent: true, clock: true, hold: false, survey: false },
	guide: 'there-is-none.md',
};

function world(changes: Partial<GatewayEntry> = {}) {
	const clock = handClock();
	const desk = gatewayDesk(clock);
	const report = desk.opens({ ...entry, ...changes });
	const view = (callsNow = 0) => {
		const needs = { desk, clock, sinceMs: clock.now(), callsOf: () => callsNow, publicUrl: 'https://x' };
		return gatewayViews(needs).gateways[0];
	};
	return { clock, desk, report, view };
}

test('the overview says of each gateway what it can do', () => {
	const overview = readFileSync(new URL('../../../docs/gateways.md', import.meta.url), 'utf8');
	for (const { name, guide, abilities } of gatewayEntries(readConfig({}, {}), () => 'https://x')) {
		const row = overview.split('\n').find((line) => line.includes(`(${guide}) (\`${name}\`)`));
		const [, , voices, heard, placed, hold] = row?.split(/ *\| */) ?? [];
		expect({ name, voices, heard: heard?.slice(0, 7), placed, hold }).toEqual({
			name,
			voices: abilities.legs === 'both' ? 'apart' : 'one sound',
			heard: abilities.silent ? 'no' : '**yes**',
			placed: abilities.clock ? 'its clock' : 'arrival',
			hold: abilities.hold ? 'told' : 'not told',
		});
	}
});

test('a card lists every setting of its gateway that has no value of its own, so that nobody looks for one elsewhere', () => {
	const listed = gatewayEntries(readConfig({}, {}), () => 'https://x').flatMap(({ settings }) => settings);
	const shared = /^YCORD_(RTP_|ASTERISK_)/;
	const wanted = Object.values<Setting>(gatewaySettings).filter((one) => one.default === undefined);
	expect(listed.map(({ name }) => name)).toEqual(
		expect.arrayContaining(wanted.map(({ name }) => name).filter((name) => !shared.test(name))),
	);
});

describe('how a gateway stands', () => {
	test('off, unheard, ready, receiving', () => {
		expect(world({ on: false }).view()).toMatchObject({ state: 'off', canTest: false });
		const { report, view } = world();
		expect(view()).toMatchObject({ state: 'unheard', guide: { file: 'there-is-none.md' } });
		report.contact();
		expect(view()).toMatchObject({ state: 'ready', lastContact: expect.stringMatching(/^20.*Z$/) });
		expect(view(3)).toMatchObject({ state: 'receiving', callsNow: 3 });
	});
	test('refusing while what came last was turned away, for a day, and not while calls come', () => {
		const { report, view, clock } = world();
		report.contact();
		clock.advance(10);
		report.refused('access.key-wrong');
		expect([view()?.state, view(1)?.state]).toEqual(['refusing', 'receiving']);
		clock.advance(10);
		report.contact();
		expect(view()?.state).toBe('ready');
		report.over('malformed');
		expect(view()?.state).toBe('refusing');
		clock.advance(25 * 60 * 60_000);
		expect(view()?.state).toBe('ready');
	});
	test('the last twenty that were turned away, and how many of each, the most frequent first', () => {
		const { report, view } = world();
		report.refused('access.key-wrong');
		for (let n = 0; n < 30; n++) report.refused('access.key-missing');
		report.over('closed');
		report.over('draining');
		expect(view()?.refused).toHaveLength(20);
		expect(view()?.refusedCounts.map(({ why, count }) => [why, count])).toEqual([
			['access.key-missing', 30],
			['access.key-wrong', 1],
		]);
	});
	test('a test call is no contact', () => {
		const { report, view, desk } = world();
		const over = desk.testing('test');
		report.contact();
		over();
		expect(view()?.state).toBe('unheard');
		report.contact();
		expect(view()?.state).toBe('ready');
	});
});

test('every refusal and every hang-up has words for whoever sets a gateway up, without a gap left open', () => {
	for (const why of [...Object.keys(refusals), ...Object.keys(closeCodes)] as RefusedFor[]) {
		const { says, todo } = refusedWords(why);
		expect(todo).toMatch(/^[A-Z].*\.$/);
		if (/^(call|access|request)\.|^[a-z]+$/i.test(why)) expect(says.length + todo.length).toBeGreaterThan(20);
		expect(says).not.toMatch(/undefined|\{detail\}/);
		if (why.startsWith('access.') && why !== 'access.denied') expect(says).not.toMatch(/ \.|: ?\.|\(\)/);
	}
});

test.each([
	[undefined, /not set/],
	['http://localhost:8080', /this machine only/],
	['http://ycord.example.com', /TLS/],
	['https://ycord.example.com', undefined],
])('of %s is said what makes it useless to a platform', (url, problem) => {
	if (problem) expect(problemOf(url)).toMatch(problem);
	else expect(problemOf(url)).toBeUndefined();
});
