import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import type { CallTerms, CallTraits } from '#server/domain/terms.ts';
import { Disclosure } from '#shared/call.ts';
import { Person } from '#shared/people.ts';

const strict = { additionalProperties: false };
/** Letters count alike, large and small; a `*` at the end stands for whatever follows. */
const Pattern = Type.String({ minLength: 1, maxLength: 200 });
const Patterns = Type.Union([Pattern, Type.Array(Pattern, { minItems: 1, maxItems: 200 })]);
const timeOfDay = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'a time of day such as 08:30' });
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const Hours = Type.Object(
	{
		/** Of the IANA database, such as `Europe/Berlin`. */
		zone: Type.String({ maxLength: 60 }),
		days: Type.Optional(Type.Array(Type.Enum([...days]), { minItems: 1, maxItems: 7 })),
		from: timeOfDay,
		/** Not in it any more; earlier than `from`: past midnight. */
		until: timeOfDay,
	},
	strict,
);
const When = Type.Object(
	{
		gateway: Type.Optional(Patterns),
		team: Type.Optional(Patterns),
		queue: Type.Optional(Patterns),
		language: Type.Optional(Patterns),
		/** By the name of a label that the platform gives. */
		labels: Type.Optional(Type.Record(Type.String({ maxLength: 80 }), Patterns)),
		hours: Type.Optional(Hours),
	},
	strict,
);
const Listeners = Type.Object(
	{
		roles: Type.Optional(Type.Array(Type.Enum(['executive', 'supervisor']), { maxItems: 2 })),
		teams: Type.Optional(Type.Array(Person.properties.team, { minItems: 1, maxItems: 200 })),
		people: Type.Optional(Type.Array(Person.properties.id, { minItems: 1, maxItems: 2000 })),
	},
	strict,
);
const Rule = Type.Object(
	{
		/** What the rule is called: in refusals and on record. */
		name: Type.String({ minLength: 1, maxLength: 80 }),
		/** All of these hold; without it the rule is for every call. */
		when: Type.Optional(When),
		/** The least the customer must have been told before anybody hears. */
		disclosure: Type.Optional(Disclosure),
		/** Who may listen: of these roles and of these teams, or one of these people; or nobody at all. */
		listeners: Type.Optional(Type.Union([Listeners, Type.Literal('nobody')])),
		/** How many may listen at once. */
		mostListeners: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
		/** Days after its end on which a call is erased. */
		retentionDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
	},
	strict,
);
/** The policy file, `YCORD_POLICY`. */
export const PolicyFile = Type.Object({ rules: Type.Array(Rule, { minItems: 1, maxItems: 500 }) }, strict);
export type PolicyFile = Static<typeof PolicyFile>;

/** Which terms a call gets. */
export interface Policy {
	/** Names exactly these rules: another text, another version. */
	readonly version: string;
	/**
	 * The terms of a call that begins now: of all rules that fit, in their order, the last one that says something of a matter counts. Undefined if
	 * none says anything.
	 */
	termsOf(call: CallTraits): CallTerms | undefined;
}

export function policyOf(file: PolicyFile): Policy {
	const version = createHash('sha256').update(JSON.stringify(file)).digest('hex').slice(0, 12);
	return {
		version,
		termsOf(call) {
			const fitting = file.rules.filter(({ when }) => fits(when ?? {}, call));
			if (fitting.length === 0) return undefined;
			const terms: CallTerms = { version, rules: fitting.map(({ name }) => name) };
			for (const { disclosure, listeners, mostListeners, retentionDays } of fitting) {
				if (disclosure !== undefined) terms.disclosure = disclosure;
				if (listeners !== undefined) terms.listeners = listeners;
				if (mostListeners !== undefined) terms.mostListeners = mostListeners;
				if (retentionDays !== undefined) terms.retentionDays = retentionDays;
			}
			return terms;
		},
	};
}

function fits({ gateway, team, queue, language, labels, hours }: Static<typeof When>, call: CallTraits): boolean {
	return (
		isLike(gateway, call.gateway) &&
		isLike(team, call.team) &&
		isLike(queue, call.queue) &&
		isLike(language, call.language) &&
		Object.entries(labels ?? {}).every(([name, patterns]) =>
			isLike(patterns, call.labels?.find((one) => one.name === name)?.value),
		) &&
		(hours === undefined || isWithin(hours, call.atMs))
	);
}

function isLike(patterns: string | readonly string[] | undefined, text: string | undefined): boolean {
	if (patterns === undefined) return true;
	if (text === undefined) return false;
	const given = text.toLowerCase();
	return [patterns].flat().some((pattern) => {
		const wanted = pattern.toLowerCase();
		return wanted.endsWith('*') ? given.startsWith(wanted.slice(0, -1)) : given === wanted;
	});
}

function isWithin({ zone, days: on, from, until }: Static<typeof Hours>, atMs: number): boolean {
	const parts = new Intl.DateTimeFormat('en-GB', {
		timeZone: zone,
		weekday: 'short',
		hour: '2-digit',
		minute: '2-digit',
		hourCycle: 'h23',
	}).formatToParts(atMs);
	const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
	const now = `${part('hour')}:${part('minute')}`;
	const day = days.indexOf(part('weekday').toLowerCase() as (typeof days)[number]);
	const isOn = (index: number) => on === undefined || on.includes(days[(index + 7) % 7] as (typeof days)[number]);
	if (from <= until) return isOn(day) && now >= from && now < until;
	// Past midnight it is still the day before that counts.
	return (isOn(day) && now >= from) || (isOn(day - 1) && now < until);
}

/** What a file's shape does not tell; undefined if nothing is wrong. */
export function wrongWithPolicy({ rules }: PolicyFile): string | undefined {
	const known = new Set<string>();
	for (const { name, when } of rules) {
		if (known.has(name)) return `the rule “${name}” is there twice`;
		known.add(name);
		const zone = when?.hours?.zone;
		if (zone !== undefined && !isZone(zone)) return `the rule “${name}”: there is no time zone ${zone}`;
	}
	return undefined;
}

function isZone(zone: string): boolean {
	try {
		new Intl.DateTimeFormat('en', { timeZone: zone });
		return true;
	} catch {
		return false;
	}
}
