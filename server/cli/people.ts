import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ListedPeople } from '#server/access/people-desk.ts';
import { CannotStart } from '#server/cannot-start.ts';
import { type Command, Misuse, readArguments } from '#server/cli/command.ts';
import { type Config, readConfig } from '#server/config.ts';
import type { Welcomed } from '#server/control/commands.ts';
import { type Person, roles } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

const works = ['add', 'list', 'change', 'disable', 'enable', 'reset'] as const;
type Work = (typeof works)[number];

/** Looks after the people who sign in with a password, while the server runs or while it does not. */
export const people: Command = {
	takes: '<list|add|change|disable|enable|reset> [person] [--name … --role … --team …]',
	about: 'The people who sign in with a password: add one and get their link, change, disable, enable, reset.',
	settings: true,
	async run(args) {
		const { own, others } = split(args);
		const { flags, rest } = readArguments(others);
		const config = readConfig(process.env, flags);
		const [word, id, ...more] = rest;
		const work = works.find((one) => one === word);
		if (!work) throw new Misuse(`people takes one of ${works.join(', ')}, given ${JSON.stringify(word ?? '')}`);
		if (more.length > 0 || (id === undefined) !== (work === 'list'))
			throw new Misuse(`people ${work} takes ${work === 'list' ? 'nothing more' : 'one person, by id'}`);
		const asked = work === 'list' ? {} : personGiven(work, id ?? '', own);
		console.log(told[work]((await byHouse(config, work === 'list' ? '/people' : `/people/${work}`, asked)) as never));
	},
};

type Own = Partial<Record<'name' | 'role' | 'team', string>>;

/** What is said of a person, apart from the settings' flags. */
function split(args: readonly string[]): { own: Own; others: string[] } {
	const text = { type: 'string' } as const;
	const options = { name: text, role: text, team: text };
	const { values, tokens } = parseArgs({
		args: [...args],
		options,
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
	const taken = new Set<number>();
	for (const token of tokens)
		if (token.kind === 'option' && Object.hasOwn(options, token.name)) {
			taken.add(token.index);
			if (token.inlineValue === false) taken.add(token.index + 1);
		}
	const { name, role, team } = values;
	const own = Object.fromEntries(Object.entries({ name, role, team }).filter(([, one]) => typeof one === 'string'));
	return { own, others: args.filter((_, at) => !taken.has(at)) };
}

function personGiven(work: Work, id: string, own: Own): Partial<Person> & { id: string } {
	if (work !== 'add' && work !== 'change') {
		if (Object.keys(own).length > 0) throw new Misuse(`people ${work} takes no ${Object.keys(own)[0]}`);
		return { id };
	}
	const { role } = own;
	const known = roles.find((one) => one === role);
	if (role !== undefined && !known)
		throw new Misuse(`--role is one of ${roles.join(', ')}, given ${JSON.stringify(role)}`);
	if (work === 'add' && !(own.name && known && own.team))
		throw new Misuse('people add takes --name, --role and --team');
	if (work === 'change' && Object.keys(own).length === 0)
		throw new Misuse('people change takes --name, --role or --team');
	const { name, team } = own;
	return { id, ...(name && { name }), ...(known && { role: known }), ...(team && { team }) };
}

/** Asks the server that runs on this data folder; when none runs, does it here. What is refused is one line. */
async function byHouse(config: Config, command: string, asked: unknown): Promise<unknown> {
	// Imported late: help is answered without opening a database.
	const { askControl } = await import('#server/control/ask-control.ts');
	try {
		return (await askControl(config.data, command, asked)) ?? (await here(config, command, asked));
	} catch (error) {
		if (error instanceof Refusal) throw new CannotStart(error.message);
		if (error instanceof Error && 'syscall' in error) throw new CannotStart(error.message);
		throw error;
	}
}

/** No server holds the folder: nobody has a socket open that would have to hear of it. */
async function here(config: Config, command: string, asked: unknown): Promise<unknown> {
	const { sqliteAccess } = await import('#server/access/access-sqlite.ts');
	const { demoPeople, readPeople } = await import('#server/access/people.ts');
	const { peopleDesk } = await import('#server/access/people-desk.ts');
	const { peopleCommands } = await import('#server/control/commands.ts');
	const { ownerOf } = await import('#server/sqlite/serve.ts');
	const path = join(config.data, 'access.sqlite');
	const listed = config.people ? readPeople(config.people) : config.demo ? demoPeople : [];
	const letGo = owned(() => ownerOf(path, 'sign-in database'));
	const access = owned(() => sqliteAccess(path));
	try {
		const desk = peopleDesk({ access, listed, now: Date.now });
		const address = () => config.publicUrl ?? `http://${config.host}:${config.port}`;
		return await peopleCommands({ desk, address })[command]?.(asked);
	} finally {
		access.close();
		letGo();
	}
}

function owned<T>(open: () => T): T {
	try {
		return open();
	} catch (error) {
		throw new CannotStart((error as Error).message);
	}
}

const welcome = ({ person, link }: Welcomed, what: string) =>
	`${what} ${person.name} chooses a password here, once, within a day:\n${link}`;
const told: Record<Work, (answer: never) => string> = {
	list: ({ people: accounts, listed }: ListedPeople) => {
		const rows = [
			...accounts.map(({ disabled, hasPassword, hasCode, byProvider, ...person }) => ({
				...person,
				state: disabled
					? 'disabled'
					: byProvider
						? 'by the identity provider'
						: !hasPassword
							? 'no password yet'
							: hasCode
								? 'password and code'
								: 'password',
			})),
			...listed.map((person) => ({ ...person, state: 'in the people’s file' })),
		];
		if (rows.length === 0) return 'Nobody is known here yet: `ycord people add <person> --name … --role … --team …`.';
		const cells = rows.map(({ id, name, role, team, state }) => [id, name, role, team, state]);
		const widths = [0, 1, 2, 3].map((at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
		return cells.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')).join('\n');
	},
	add: (answer: Welcomed) => welcome(answer, `${answer.person.id} is known here now, as ${answer.person.role}.`),
	change: ({ id, name, role, team }: Person) =>
		`${id} is ${name}, ${role}, team ${team}, from now on, and has been signed out.`,
	disable: ({ id }: Person) => `${id} has been signed out everywhere and cannot sign in any more.`,
	enable: ({ id }: Person) => `${id} can sign in again.`,
	reset: (answer: Welcomed) =>
		welcome(answer, `${answer.person.id} has been signed out, and the password and code are forgotten.`),
};
