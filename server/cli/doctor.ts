import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { CannotStart } from '#server/cannot-start.ts';
import { type Command, Misuse, readArguments } from '#server/cli/command.ts';
import { doctorText, type Tested } from '#server/cli/doctor-text.ts';
import { type Config, ConfigProblem, readConfig } from '#server/config.ts';
import type { Gateways, TestCallResult } from '#shared/gateways.ts';
import { Refusal } from '#shared/refusals.ts';

/** What the doctor has found. */
export interface Examined {
	/** Whether a server runs on this data folder; or the settings are so wrong that nothing else could be looked at. */
	server: 'running' | 'stopped' | 'settings wrong';
	/** What is wrong, in words: then the exit code is 1. */
	problems: string[];
	gateways: Gateways | undefined;
	tests: Tested[];
}

/** Looks at every gateway, from the shell: by the server that runs on the data folder, or at what it would start with. */
export const doctor: Command = {
	takes: '[--test [gateway]] [--json]',
	about: 'Say how each gateway stands and what is wrong; with --test run test calls.',
	settings: true,
	async run(args) {
		const { json, test, rest } = ownArguments(args);
		const { flags, rest: more } = readArguments(rest);
		if (more.length > 0) throw new Misuse(`doctor takes ${this.takes}, given ${JSON.stringify(more.join(' '))}`);
		const found = await examined(() => readConfig(process.env, flags), test);
		console.log(json ? JSON.stringify(found, undefined, '\t') : doctorText(found));
		if (found.problems.length > 0) process.exitCode = 1;
	},
};

/** What is the doctor's own among the arguments. `test` names a gateway, or `all`. */
function ownArguments(args: readonly string[]): { json: boolean; test: string | undefined; rest: string[] } {
	let json = false;
	let test: string | undefined;
	const rest: string[] = [];
	for (let at = 0; at < args.length; at++) {
		const one = args[at] as string;
		const [, given] = /^--test(?:=(.*))?$/.exec(one) ?? [];
		const next = args[at + 1];
		if (one === '--json') json = true;
		else if (given !== undefined) test = given;
		else if (one === '--test') {
			const isNamed = next !== undefined && !next.startsWith('-');
			test = isNamed ? next : 'all';
			if (isNamed) at++;
		} else rest.push(one);
	}
	return { json, test, rest };
}

async function examined(read: () => Config, test: string | undefined): Promise<Examined> {
	let config: Config;
	try {
		config = read();
	} catch (error) {
		if (!(error instanceof ConfigProblem)) throw error;
		return { server: 'settings wrong', problems: [...error.problems], gateways: undefined, tests: [] };
	}
	// Imported late: help is answered without loading the server.
	const { askControl } = await import('#server/control/ask-control.ts');
	const ask = <T>(command: string, asked?: unknown) =>
		askControl<T>(config.data, command, asked).catch((error) => {
			// A data folder that is no folder is told with everything else that is wrong.
			if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
			if (error instanceof Error && 'syscall' in error) throw new CannotStart(error.message);
			throw error;
		});
	const gateways = await ask<Gateways>('/gateways');
	if (!gateways) {
		const configured = await asConfigured(config);
		const problems = [...(await problemsOfStart(config)), ...problemsOf(configured, [], false)];
		if (test !== undefined) problems.push('A test call needs the server: start it, then ask again.');
		return { server: 'stopped', problems, gateways: configured, tests: [] };
	}
	const named = gateways.gateways.filter(({ name, canTest }) => (test === 'all' ? canTest : name === test));
	if (test !== undefined && test !== 'all' && named.length === 0)
		throw new Misuse(`there is no gateway ${test}; there are ${gateways.gateways.map(({ name }) => name).join(', ')}`);
	const tests: Tested[] = [];
	if (test !== undefined)
		for (const { name, title } of named) {
			const result = await ask<TestCallResult>('/gateways/test', { name }).catch((error) => {
				if (error instanceof Refusal) return error.message;
				throw error;
			});
			if (result !== undefined)
				tests.push({ name, title, ...(typeof result === 'string' ? { refused: result } : { result }) });
		}
	// What a test call left behind at the door is to be seen too.
	const after = (test === undefined ? undefined : await ask<Gateways>('/gateways')) ?? gateways;
	return { server: 'running', problems: problemsOf(after, tests, test === 'all'), gateways: after, tests };
}

function problemsOf({ gateways, addressProblem }: Gateways, tests: readonly Tested[], all: boolean): string[] {
	const isOn = gateways.some(({ on }) => on);
	return [
		...(isOn && addressProblem ? [addressProblem] : []),
		...gateways
			.filter(({ state }) => state === 'refusing')
			.map(({ title, refused }) => `${title}: what came last was turned away. ${refused[0]?.says} ${refused[0]?.todo}`),
		...tests
			.filter(({ result }) => !result?.passed)
			.map(({ title, result, refused }) => `${title}: the test call failed. ${refused ?? result?.why ?? ''}`),
		...(all && tests.length === 0 ? ['No gateway is set up that a test call could be made to.'] : []),
	];
}

/** What a server that is started now would show. */
async function asConfigured(config: Config): Promise<Gateways> {
	const { gatewayEntries } = await import('#server/gateway-entries.ts');
	const { gatewayViews } = await import('#server/gateway-views.ts');
	const { gatewayDesk } = await import('#server/telephony/desk.ts');
	const clock = { now: () => Date.now() };
	const desk = gatewayDesk(clock);
	const here = `http://${config.host}:${config.port}`;
	for (const entry of gatewayEntries(config, () => config.publicUrl ?? here)) desk.opens(entry);
	return gatewayViews({ desk, clock, sinceMs: clock.now(), callsOf: () => 0, publicUrl: config.publicUrl });
}

/** What would keep the server from starting here: the people's file, the data folder, the port. */
async function problemsOfStart(config: Config): Promise<string[]> {
	const problems: string[] = [];
	if (config.people) {
		const { readPeople } = await import('#server/access/people.ts');
		try {
			readPeople(config.people);
		} catch (error) {
			problems.push((error as Error).message);
		}
	}
	const folder = folderProblem(config.data);
	if (folder) problems.push(folder);
	const port = await portProblem(config);
	if (port) problems.push(port);
	return problems;
}

function folderProblem(data: string): string | undefined {
	let place = resolve(data);
	// What is not there yet is made: then the folder above it must let us.
	while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
	try {
		if (!statSync(place).isDirectory()) return `The data folder ${data} is no folder.`;
		accessSync(place, constants.W_OK | constants.X_OK);
		return undefined;
	} catch {
		return `The data folder ${data} cannot be written.`;
	}
}

function portProblem({ host, port }: Config): Promise<string | undefined> {
	return new Promise((done) => {
		const server = createServer();
		server.once('error', (error: NodeJS.ErrnoException) => {
			const why = error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be listened on (${error.code})`;
			done(`Port ${port} of ${host} ${why}.`);
		});
		server.listen(port, host, () => server.close(() => done(undefined)));
	});
}
