import { type Command, Misuse } from '#server/cli/command.ts';
import { accepts, settings as table } from '#server/config.ts';
import type { Setting } from '#server/setting.ts';

/** Prints every setting with its default, for the terminal or for the documentation. */
export const settings: Command = {
	takes: '[--markdown]',
	about: 'List every setting with its default.',
	settings: false,
	run(args) {
		const [option, ...more] = args;
		if (more.length > 0 || (option !== undefined && option !== '--markdown')) {
			throw new Misuse(`settings takes ${this.takes}, given ${args.join(' ')}`);
		}
		console.log(option === undefined ? settingsText() : settingsMarkdown());
	},
};

/** The settings as the help shows them: two lines each. */
export function settingsText(): string {
	const lines = listed.flatMap((setting) => [
		`  ${[flagOf(setting), ...variablesOf(setting)].filter(Boolean).join(', ')}  (default: ${defaultOf(setting)})`,
		`      ${setting.meaning} Accepted: ${accepts(setting)}.`,
	]);
	return ['Settings (a flag wins over its variable; an empty variable counts as not set)', ...lines].join('\n');
}

/** The settings as a table for the documentation. */
export function settingsMarkdown(): string {
	const cells = listed.map((setting) => [
		variablesOf(setting).map(code).join(', '),
		code(flagOf(setting)),
		setting.default === undefined ? defaultOf(setting) : code(defaultOf(setting)),
		accepts(setting),
		setting.meaning,
	]);
	const rows = [['Variable', 'Flag', 'Default', 'Accepted', 'Meaning'], Array<string>(5).fill('---'), ...cells];
	return rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

const listed: readonly Setting[] = Object.values(table);

function flagOf({ flag }: Setting): string {
	return flag === undefined ? '' : `--${flag}`;
}

function variablesOf({ name, secret }: Setting): string[] {
	return secret ? [name, `${name}_FILE`] : [name];
}

function defaultOf({ default: value, otherwise }: Setting): string {
	return String(value ?? otherwise);
}

function code(text: string): string {
	return text === '' ? '' : `\`${text}\``;
}
