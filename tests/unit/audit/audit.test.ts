import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toMend } from '#tests/audit/advisories.ts';
import { wrongLicences } from '#tests/audit/licences.ts';

const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8'));

describe('licences', () => {
	test('of everything in the lock file are allowed: permissive what is shipped', () => {
		expect(wrongLicences(lock)).toEqual([]);
	});

	test.each([
		[{ license: 'GPL-3.0' }, ['one: GPL-3.0']],
		[{ license: 'MPL-2.0' }, ['one: MPL-2.0']],
		[{ license: 'MPL-2.0', dev: true }, []],
		[{ license: '(GPL-2.0 OR MIT)' }, []],
		[{}, ['one: none']],
	])('%j', (one, wrong) => {
		expect(wrongLicences({ packages: { '': {}, 'node_modules/one': one } })).toEqual(wrong);
	});

	test('no package runs a script when it is installed', () => {
		const scripted = Object.entries(lock.packages as Record<string, { hasInstallScript?: boolean; optional?: boolean }>)
			.filter(([, one]) => one.hasInstallScript && !one.optional)
			.map(([path]) => path.replace('node_modules/', ''));
		expect(scripted).toEqual(['node']);
	});
});

describe('advisories', () => {
	const via = (severity: string, id = 'GHSA-aaaa-bbbb-cccc') => ({
		url: `https://github.com/advisories/${id}`,
		title: 'Something bad',
		severity,
	});
	const report = (...all: unknown[]) => ({ vulnerabilities: { one: { severity: 'high', via: all } } });
	const exception = (until: string) => [
		{ advisory: 'GHSA-aaaa-bbbb-cccc', until, why: 'only on a platform that we do not run on' },
	];

	test('of high and critical severity have to be mended, lesser ones not', () => {
		expect(toMend(report(via('high'), via('moderate', 'x'), 'another'), [], '2026-11-23')).toEqual([
			'one: high: Something bad (GHSA-aaaa-bbbb-cccc)',
		]);
		expect(toMend(report(via('critical')), [], '2026-11-23')).toHaveLength(1);
	});

	test('may be excepted, with a reason, until a day', () => {
		expect(toMend(report(via('high')), exception('2026-11-23'), '2026-11-23')).toEqual([]);
		expect(toMend(report(via('high')), exception('2026-11-22'), '2026-11-23')).toHaveLength(2);
		expect(() => toMend(report(), [{ advisory: 'x', until: '2026-11-23', why: 'so' }], '2026-11-23')).toThrow(
			'no list',
		);
	});

	test('of which nothing can be learned are no clean bill', () => {
		for (const nothing of [undefined, {}, { error: {} }])
			expect(() => toMend(nothing, [], '2026-11-23')).toThrow('is the registry reachable?');
	});
});
