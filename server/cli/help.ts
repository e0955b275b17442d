import type { Command } from '#server/cli/command.ts';
import { settingsText } from '#server/cli/settings.ts';

/** What `ycord --help` says: every command, every setting, every default. */
export function helpText(commands: Readonly<Record<string, Command>>): string {
	const written = Object.entries(commands).map(([name, { takes, about }]) => ({ usage: usage(name, takes), about }));
	const width = Math.max(...written.map((one) => one.usage.length)) + 2;
	return [
		'Ycord: sit in on live calls from a browser tab, in silence, and take notes together.',
		'',
		'Usage: ycord <command> [options]',
		'',
		'Commands',
		...written.map((one) => `  ${one.usage.padEnd(width)}${one.about}`),
		'',
		settingsText(),
		'',
		'`ycord <command> --help` tells of one command, `ycord --version` which Ycord this is.',
	].join('\n');
}

/** What `ycord <command> --help` says. */
export function commandHelp(name: string, { takes, about, settings }: Command): string {
	const line = `Usage: ycord ${usage(name, takes)}${settings ? ' [settings]' : ''}`;
	return [about, '', line, ...(settings ? ['', settingsText()] : [])].join('\n');
}

function usage(name: string, takes: string | undefined): string {
	return takes === undefined ? name : `${name} ${takes}`;
}
