import { readFileSync } from 'node:fs';
import { CannotStart } from '#server/cannot-start.ts';
import { type Command, Misuse } from '#server/cli/command.ts';
import { doctor } from '#server/cli/doctor.ts';
import { erase } from '#server/cli/erase.ts';
import { commandHelp, helpText } from '#server/cli/help.ts';
import { keys } from '#server/cli/keys.ts';
import { link } from '#server/cli/link.ts';
import { people } from '#server/cli/people.ts';
import { rebuild } from '#server/cli/rebuild.ts';
import { serviceKeys } from '#server/cli/service-keys.ts';
import { settings } from '#server/cli/settings.ts';
import { rehearse, start } from '#server/cli/start.ts';
import { ConfigProblem } from '#server/config.ts';
import { nearest } from '#server/nearest.ts';

const help: Command = {
	takes: '[command]',
	about: 'Tell of every command and setting, or of one command.',
	settings: false,
	run([name]) {
		console.log(name === undefined ? helpText(commands) : commandHelp(name, commandNamed(name)));
	},
};

/** Everything `ycord` can do; its help is made from this. */
const commands: Readonly<Record<string, Command>> = {
	start,
	rehearse,
	people,
	link,
	doctor,
	rebuild,
	erase,
	keys,
	'service-keys': serviceKeys,
	settings,
	help,
};

/** Runs one command line; resolves when the command has done its work, or the server listens. */
export async function ycord([name, ...args]: readonly string[]): Promise<void> {
	try {
		await run(name, args);
	} catch (error) {
		if (!(error instanceof ConfigProblem || error instanceof Misuse || error instanceof CannotStart)) throw error;
		console.error(error instanceof ConfigProblem ? error.message : `ycord: ${error.message}`);
		// Not process.exitCode: what a failed start has already opened would keep the process alive.
		process.exit(error instanceof CannotStart ? 1 : 2);
	}
}

async function run(name: string | undefined, args: readonly string[]): Promise<void> {
	if (name === undefined || name === '--help' || name === '-h') return help.run(args.slice(0, 1));
	if (name === '--version' || name === '-v') return console.log(`ycord ${version()} on Node ${process.version}`);
	const command = commandNamed(name);
	if (args.includes('--help') || args.includes('-h')) return console.log(commandHelp(name, command));
	await command.run(args);
}

function commandNamed(name: string): Command {
	const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
	if (command) return command;
	if (name.startsWith('-')) throw new Misuse(`a command comes first, and ${name} is none; see ycord --help`);
	throw new Misuse(`there is no command ${name}; the nearest is ${nearest(name, Object.keys(commands))}`);
}

function version(): string {
	const description = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
	return String(description.version);
}
