import { readFileSync } from 'node:fs';
import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import {
	type ProviderConfig,
	providerConfig,
	providerProblems,
	providerSettings,
} from '#server/access/provider-settings.ts';
import { type GatewayConfig, gatewayConfig, gatewayProblems, gatewaySettings } from '#server/gateway-settings.ts';
import { redisAddress, redisForms } from '#server/journal/redis-address.ts';
import { nearest } from '#server/nearest.ts';
import { hostOrAddress, isLoopback, isWebOrigin, type Setting, type ValuesOf, whole } from '#server/setting.ts';

/** 32 bytes: 43 digits, of which the last holds four bits only, so that two texts never mean the same key by accident. */
const keyText = Type.String({
	pattern: '^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$',
	description: '32 random bytes in base64, as `openssl rand -base64 32` makes them',
});

const houseSettings = {
	host: {
		name: 'YCORD_HOST',
		flag: 'host',
		schema: hostOrAddress,
		default: '127.0.0.1',
		meaning: 'The address to listen on.',
	},
	port: {
		name: 'YCORD_PORT',
		flag: 'port',
		schema: whole(0, 65_535),
		default: 8080,
		meaning: 'The port to listen on; 0 takes any free one.',
	},
	data: {
		name: 'YCORD_DATA',
		flag: 'data',
		schema: Type.String({ pattern: '\\S', description: 'the path of a folder' }),
		default: './data',
		meaning: 'The folder that keeps the journal; made when it is not there.',
	},
	redis: {
		name: 'YCORD_REDIS',
		schema: Type.Refine(Type.String({ description: redisForms }), (text) => redisAddress(text) !== undefined),
		otherwise: 'the embedded journal in the data folder',
		meaning: 'The Redis that keeps the journal, for several servers of one site; its URL may hold a password.',
		secret: true,
	},
	site: {
		name: 'YCORD_SITE',
		flag: 'site',
		schema: Type.String({ pattern: '^[a-z0-9-]{1,40}$', description: 'up to 40 of a–z, 0–9 and -' }),
		default: 'ycord',
		meaning: 'Names the journal in Redis; servers of one site share it.',
	},
	publicUrl: {
		name: 'YCORD_PUBLIC_URL',
		flag: 'public-url',
		schema: Type.Refine(
			Type.String({ description: 'http:// or https:// and a host, without a path, such as https://ycord.example.com' }),
			isWebOrigin,
		),
		otherwise: 'http://host:port',
		meaning: 'Where browsers and phone platforms reach this server, as they write it.',
	},
	logLevel: {
		name: 'YCORD_LOG_LEVEL',
		flag: 'log-level',
		schema: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
			description: 'trace, debug, info, warn, error or silent',
		}),
		default: 'info',
		meaning: 'The least important messages that are still logged.',
	},
	demo: {
		name: 'YCORD_DEMO',
		flag: 'demo',
		schema: Type.Boolean({ description: 'true or false' }),
		default: false,
		meaning: 'Demo people, a rehearsal call, and links that sign in; only on a loopback host.',
	},
	dev: {
		name: 'YCORD_DEV',
		flag: 'dev',
		schema: Type.Boolean({ description: 'true or false' }),
		default: false,
		meaning: 'For trials: a Redis that may lose events will do; only on a loopback host. The demo implies it.',
	},
	people: {
		name: 'YCORD_PEOPLE',
		flag: 'people',
		schema: Type.String({ pattern: '\\S', description: 'the path of a JSON file' }),
		otherwise: 'none',
		meaning: 'A JSON file that lists the people who use this server.',
	},
	secondStep: {
		name: 'YCORD_SECOND_STEP',
		flag: 'second-step',
		schema: Type.Enum(['offered', 'required'], { description: 'offered or required' }),
		default: 'offered',
		meaning: 'Whether whoever signs in with a password may add an authenticator’s code, or has to.',
	},
	survey: {
		name: 'YCORD_SURVEY',
		flag: 'survey',
		schema: Type.String({ pattern: '\\S', description: 'the path of a JSON file' }),
		otherwise: 'the shipped script, in English, German, French and Spanish',
		meaning: 'A JSON file with the survey policy: what customers are told and asked, for how long, in which queue.',
	},
	policy: {
		name: 'YCORD_POLICY',
		flag: 'policy',
		schema: Type.String({ pattern: '\\S', description: 'the path of a JSON file' }),
		otherwise: 'none: a notice is needed, executives and supervisors may listen, nothing is erased by itself',
		meaning:
			'A JSON file with the listening policy: who may listen to which calls, after what disclosure, and how long calls are kept.',
	},
	masterKey: {
		name: 'YCORD_MASTER_KEY',
		schema: keyText,
		otherwise: 'the file master.key in the data folder, made at the first start',
		meaning: 'The key that wraps the key of each call; without it nothing personal can be read.',
		secret: true,
	},
	masterKeyOld: {
		name: 'YCORD_MASTER_KEY_OLD',
		schema: keyText,
		otherwise: 'none',
		meaning: 'The master key before, while it is being changed, until `ycord keys rotate` is through.',
		secret: true,
	},
	drainSeconds: {
		name: 'YCORD_DRAIN_SECONDS',
		flag: 'drain-seconds',
		schema: whole(0, 600),
		default: 10,
		meaning: 'How long calls may go on after the server was asked to stop.',
	},
	maxListeners: {
		name: 'YCORD_MAX_LISTENERS',
		flag: 'max-listeners',
		schema: whole(1, 100_000),
		default: 500,
		meaning: 'Listening connections on this node; newcomers beyond are refused by name.',
	},
	maxCalls: {
		name: 'YCORD_MAX_CALLS',
		flag: 'max-calls',
		schema: whole(1, 100_000),
		default: 200,
		meaning: 'Live calls on this node; newcomers beyond are refused by name.',
	},
	soundInterval: {
		name: 'YCORD_SOUND_INTERVAL',
		flag: 'sound-interval',
		schema: Type.Enum(['auto', '20', '40', '60'], { description: 'auto, 20, 40 or 60' }),
		default: 'auto',
		meaning: 'How much sound goes into one message, in ms; auto takes 20, and more while this node is busy.',
	},
} as const satisfies Record<string, Setting>;

/** Every setting of Ycord. Validation, `ycord --help` and the documentation's table all come from here. */
export const settings = { ...houseSettings, ...providerSettings, ...gatewaySettings } as const satisfies Record<
	string,
	Setting
>;

/** What the whole server is started with; frozen. */
export interface Config extends HouseConfig, ProviderConfig, GatewayConfig {}

interface HouseConfig {
	readonly host: string;
	readonly port: number;
	readonly data: string;
	readonly redis?: string;
	readonly site: string;
	readonly publicUrl?: string;
	readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
	readonly demo: boolean;
	readonly dev: boolean;
	readonly people?: string;
	readonly secondStep: 'offered' | 'required';
	readonly survey?: string;
	readonly policy?: string;
	readonly masterKey?: string;
	readonly masterKeyOld?: string;
	readonly drainSeconds: number;
	readonly maxListeners: number;
	readonly maxCalls: number;
	readonly soundInterval: 'auto' | '20' | '40' | '60';
}

/** Environment variables, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Flags by their names without dashes; `true` is a flag that was given without a value. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** The settings are wrong; the message is the whole text to show, a line for each wrong one. */
export class ConfigProblem extends Error {
	override readonly name = 'ConfigProblem';
	readonly problems: readonly string[];

	constructor(problems: readonly string[]) {
		const count = problems.length === 1 ? 'One setting is' : `${problems.length} settings are`;
		const lines = problems.map((problem) => `  ${problem}`);
		super([`${count} wrong:`, ...lines, '`ycord settings` lists them all.'].join('\n'));
		this.problems = problems;
	}
}

/** Judges everything that was given at once: a frozen Config, or one ConfigProblem that names each wrong setting. */
export function readConfig(env: Variables, flags: Flags, readFile: (path: string) => string = readText): Config {
	const problems = [...unknownVariables(env), ...unknownFlags(flags)];
	const read: Record<string, unknown> = {};
	for (const [key, setting] of Object.entries<Setting>(settings)) {
		const outcome = judge(setting, env, flags, readFile);
		if ('problem' in outcome) problems.push(outcome.problem);
		else read[key] = outcome.value;
	}
	const values = read as Values;
	if ((values.demo || values.dev) && values.host !== undefined && !isLoopback(values.host)) {
		const what = values.demo
			? 'the demo (YCORD_DEMO, --demo), which lets everyone in'
			: 'trials (YCORD_DEV, --dev), which may lose what is on record';
		problems.push(
			`YCORD_HOST: given ${show(values.host)} together with ${what}; ` +
				'accepted with it: a loopback address (127.0.0.1, ::1 or localhost)',
		);
	}
	if (problems.length === 0) problems.push(...providerProblems(values), ...gatewayProblems(values));
	if (problems.length > 0) throw new ConfigProblem(problems);

	const house = Object.fromEntries(
		Object.keys(houseSettings)
			.map((key) => [key, read[key]])
			.filter(([, value]) => value !== undefined),
	) as HouseConfig;
	const { publicUrl } = house;
	return Object.freeze({
		...house,
		dev: house.dev || house.demo,
		...(publicUrl === undefined ? {} : { publicUrl: new URL(publicUrl).origin }),
		...providerConfig(values),
		...gatewayConfig(values),
	});
}

/** What a setting accepts, in words. */
export function accepts(setting: Setting): string {
	return (setting.schema as { description?: string }).description ?? 'text';
}

type Values = ValuesOf<typeof settings>;

const listed: readonly Setting[] = Object.values(settings);

function judge(
	setting: Setting,
	env: Variables,
	flags: Flags,
	readFile: (path: string) => string,
): { value: unknown } | { problem: string } {
	const given = givenFor(setting, env, flags, readFile);
	if (given === undefined) return { value: setting.default };
	if ('problem' in given) return given;
	const value = decode(setting.schema, given.text);
	if (Value.Check(setting.schema, value)) return { value };
	return {
		problem: `${given.where}: given ${setting.secret ? '(not shown)' : show(given.text)}, accepted: ${accepts(setting)}`,
	};
}

type Given = { where: string; text: string | boolean } | { problem: string } | undefined;

/** A flag wins over its variable; an empty variable counts as not given, as compose files and shells leave them. */
function givenFor(setting: Setting, env: Variables, flags: Flags, readFile: (path: string) => string): Given {
	const { name, flag, secret } = setting;
	const byFlag = flag === undefined ? undefined : flags[flag];
	if (byFlag !== undefined) return { where: `${name} (--${flag})`, text: byFlag };
	const direct = env[name] || undefined;
	const file = secret ? env[`${name}_FILE`] || undefined : undefined;
	if (direct !== undefined && file !== undefined) {
		return { problem: `${name}: given both directly and by ${name}_FILE, accepted: one of the two` };
	}
	if (file === undefined) return direct === undefined ? undefined : { where: name, text: direct };
	// The file's name is not shown either: whoever mistook this variable for the direct one has put the secret in it.
	const problem = (what: string) => ({ problem: `${name}_FILE: names a file that ${what}, accepted: ${fileAccepted}` });
	let text: string;
	try {
		text = readFile(file).trim();
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : 'unreadable';
		return problem(code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`);
	}
	return text === '' ? problem('is empty') : { where: `${name}_FILE`, text };
}

const fileAccepted = 'the path of a readable file that holds the value';

/** Strict on purpose: `0x50`, `8e3` or `yes` are slips more often than they are meant. */
function decode(schema: TSchema, given: string | boolean): unknown {
	if (Type.IsInteger(schema) && typeof given === 'string' && /^-?\d{1,15}$/.test(given)) return Number(given);
	if (Type.IsBoolean(schema)) return { true: true, 1: true, false: false, 0: false }[String(given)] ?? given;
	return given;
}

function unknownVariables(env: Variables): string[] {
	const known = listed.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]));
	return Object.keys(env)
		.filter((name) => name.startsWith('YCORD_') && !name.startsWith('YCORD_TEST_') && !known.includes(name))
		.map((name) => `${name}: no such setting; the nearest is ${nearest(name, known)}`);
}

function unknownFlags(flags: Flags): string[] {
	const known = listed.flatMap(({ flag }) => (flag === undefined ? [] : [flag]));
	return Object.keys(flags)
		.filter((flag) => flags[flag] !== undefined && !known.includes(flag))
		.map((flag) => {
			const secret = listed.find((one) => one.secret && flagLike(one.name) === flag);
			if (secret)
				return `--${flag}: no such flag, for a secret is not safe there; use ${secret.name} or ${secret.name}_FILE`;
			return `--${flag}: no such flag; the nearest is --${nearest(flag, known)}`;
		});
}

function flagLike(name: string): string {
	return name.replace('YCORD_', '').toLowerCase().replaceAll('_', '-');
}

/** A value as a person typed it, on one line, without the password that a pasted URL may carry. */
function show(given: string | boolean): string {
	if (given === true) return 'nothing';
	const text = JSON.stringify(String(given).replace(/\/\/.*@/, '//(not shown)@'));
	return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

function readText(path: string): string {
	return readFileSync(path, 'utf8');
}
