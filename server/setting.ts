import { isIP, isIPv4 } from 'node:net';
import { type Static, type TSchema, Type } from 'typebox';

/** One setting: where it can be given, what is accepted, what holds when it is not given, and what it is for. */
export interface Setting {
	readonly name: string;
	/** Secrets have none: a command line can be read by everyone on the machine. */
	readonly flag?: string;
	readonly schema: TSchema;
	readonly default?: string | number | boolean;
	/** In words, what holds without a value, where no `default` can say it. */
	readonly otherwise?: string;
	readonly meaning: string;
	/** Never shown; can also be given as the name of a file, in the variable with `_FILE` after its name. */
	readonly secret?: true;
}

/** What a table of settings is read as. */
export type ValuesOf<Table extends Readonly<Record<string, Setting>>> = {
	readonly [Key in keyof Table]:
		| Static<Table[Key]['schema']>
		| (Table[Key] extends { default: unknown } ? never : undefined);
};

const hostName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i;

/** Shapes that several settings have. */
export const token = Type.String({
	pattern: '^\\S{1,200}$',
	description: 'text without spaces, at most 200 characters',
});
export const personId = Type.String({ pattern: '^\\S{1,100}$', description: 'the id of a person' });
export const whole = (minimum: number, maximum: number) =>
	Type.Integer({ minimum, maximum, description: `a whole number from ${minimum} to ${maximum}` });
export const hostOrAddress = Type.Refine(
	Type.String({ description: 'a host name or an IP address, without port' }),
	(host) => isIP(host) !== 0 || hostName.test(host),
);
/** `http:` or `https:` and a host, and nothing behind it. */
export function isWebOrigin(text: string): boolean {
	if (!URL.canParse(text)) return false;
	const { protocol, username, password, pathname, search, hash } = new URL(text);
	return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '' && pathname === '/';
}
export function isLoopback(host: string): boolean {
	return ['localhost', '::1', '[::1]'].includes(host.toLowerCase()) || (isIPv4(host) && host.startsWith('127.'));
}
/** The address of an API of somebody else: a secret goes there, so never in the clear but on this machine. */
export const apiAddress = Type.Refine(
	Type.String({ description: 'https:// and a host, without a path; http:// only on a loopback address' }),
	(text) => isWebOrigin(text) && (text.startsWith('https:') || isLoopback(new URL(text).hostname)),
);

/** A secret and the one before or after it, while they are being changed: those that were given. */
export const given = <Value>(...values: (Value | undefined)[]): Value[] =>
	Object.freeze(values.filter((one) => one !== undefined)) as Value[];

/** Settings of which all are given, or none: a line of complaint if only some are. */
export function together<Table extends Readonly<Record<string, Setting>>>(
	table: Table,
	values: ValuesOf<Table>,
	keys: readonly (keyof Table)[],
): string[] {
	const names = (some: readonly (keyof Table)[]) => some.map((one) => table[one]?.name).join(', ');
	const missing = keys.filter((one) => values[one] === undefined);
	if (missing.length === 0 || missing.length === keys.length) return [];
	return [`${names(missing)}: not given, and needed: ${names(keys)} go together`];
}
