import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** An advisory that is known, does not matter here, and why; until a day, so that somebody looks again. */
export const Exceptions = Type.Array(
	Type.Object(
		{
			/** As the advisory names itself, such as `GHSA-xxxx-xxxx-xxxx`. */
			advisory: Type.String({ minLength: 1 }),
			until: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }),
			why: Type.String({ minLength: 20 }),
		},
		{ additionalProperties: false },
	),
);

/** What of `npm audit --json` (report version 2) is looked at. */
const Report = Type.Object({
	vulnerabilities: Type.Record(
		Type.String(),
		Type.Object({ severity: Type.String(), via: Type.Array(Type.Unknown()), range: Type.Optional(Type.String()) }),
	),
});
const Via = Type.Object({ url: Type.String(), title: Type.String(), severity: Type.String() });

/** What has to be done something about: one line each. Throws where the report or the exceptions are none. */
export function toMend(report: unknown, exceptions: unknown, today: string): string[] {
	if (!Value.Check(Report, report)) throw new Error('npm audit gave no report: is the registry reachable?');
	if (!Value.Check(Exceptions, exceptions)) throw new Error('tests/audit/exceptions.json is no list of exceptions');
	const excepted = new Set(exceptions.filter(({ until }) => until >= today).map(({ advisory }) => advisory));
	const lines = Object.entries(report.vulnerabilities).flatMap(([name, { via }]) =>
		via.flatMap((one) => {
			if (!Value.Check(Via, one) || !['high', 'critical'].includes(one.severity)) return [];
			const advisory = one.url.split('/').at(-1) ?? one.url;
			return excepted.has(advisory) ? [] : [`${name}: ${one.severity}: ${one.title} (${advisory})`];
		}),
	);
	const expired = exceptions
		.filter(({ until }) => until < today)
		.map(({ advisory, until }) => `the exception for ${advisory} ended on ${until}`);
	return [...new Set([...lines, ...expired])];
}
