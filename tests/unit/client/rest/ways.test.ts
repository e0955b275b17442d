import { describe, expect, test } from 'vitest';
import { RestRefused } from '#client/rest/rest.ts';
import { exportPath, inSomeRole, recordPath, roleIn } from '#client/rest/ways.ts';
import type { Role } from '#shared/people.ts';
import type { RefusalCode } from '#shared/refusals.ts';

/** Refuses as `code` whoever is not among `signedIn`. */
const asking = (signedIn: Role[], code: RefusalCode = 'access.sign-in') => {
	const asked: Role[] = [];
	return {
		asked,
		ask: async (as: Role) => {
			asked.push(as);
			if (!signedIn.includes(as)) throw new RestRefused({ code, message: 'no', retry: false }, 401);
			return `for ${as}`;
		},
	};
};

describe('the ways to notes and records', () => {
	test('an address says in which role it asks; what is no role says nothing', () => {
		expect(['?as=agent', 'q=x&as=supervisor', '', 'as=owner', 'as=toString'].map(roleIn)).toEqual([
			'agent',
			'supervisor',
			undefined,
			undefined,
			undefined,
		]);
		expect(recordPath('line-1', 'agent', 'n')).toBe('/record/line-1?as=agent#n');
		expect(exportPath('line-1', 'agent', 'csv')).toBe('/api/calls/line-1/record.csv?as=agent');
	});

	test('a link of somebody in another role opens in the reader’s own', async () => {
		const one = asking(['executive']);
		expect(await inSomeRole('agent', one.ask)).toEqual({ as: 'executive', answer: 'for executive' });
		expect(one.asked).toEqual(['agent', 'supervisor', 'executive']);
		const two = asking(['agent', 'supervisor']);
		expect(await inSomeRole('agent', two.ask)).toEqual({ as: 'agent', answer: 'for agent' });
		expect(two.asked).toEqual(['agent']);
	});

	test('nobody signed in is told so; any other no is not asked around', async () => {
		await expect(inSomeRole(undefined, asking([]).ask)).rejects.toMatchObject({ code: 'access.sign-in' });
		const one = asking([], 'call.unknown');
		await expect(inSomeRole('agent', one.ask)).rejects.toMatchObject({ code: 'call.unknown' });
		expect(one.asked).toEqual(['agent']);
	});
});
