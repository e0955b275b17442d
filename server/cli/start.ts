import { CannotStart } from '#server/cannot-start.ts';
import { type Command, Misuse, readArguments } from '#server/cli/command.ts';
import { type Config, type Flags, readConfig } from '#server/config.ts';
import { Refusal } from '#shared/refusals.ts';

/** Starts the server. */
export const start: Command = {
	about: 'Start the server.',
	settings: true,
	async run(args) {
		const { flags, rest } = readArguments(args);
		const config = readConfig(process.env, flags);
		if (rest.length > 0) throw new Misuse(`start takes settings only, given ${JSON.stringify(rest[0])}`);
		await serve(config);
	},
};

/** Starts the server as a demo that plays two recordings, one a leg, as its live call. */
export const rehearse: Command = {
	takes: '<customer.wav> <agent.wav>',
	about: 'Start a demo whose live call is your own two recordings.',
	settings: true,
	async run(args) {
		const { flags, rest } = readArguments(args);
		const config = readConfig(process.env, asDemo(flags));
		const [customer, agent, ...more] = rest;
		if (customer === undefined || agent === undefined || more.length > 0) {
			throw new Misuse(`rehearse takes two recordings, ${this.takes}, given ${rest.length}`);
		}
		await serve(config, { rehearsal: { customer, agent } });
	},
};

function asDemo(flags: Flags): Flags {
	return { ...flags, demo: true };
}

async function serve(config: Config, options?: { rehearsal: { customer: string; agent: string } }): Promise<void> {
	// Imported late: help and wrong settings are answered without loading the server.
	const main = await import('#server/main.ts');
	try {
		await main.start(config, options);
	} catch (error) {
		throw mendable(error, config) ?? error;
	}
}

/** A bad recording, a port that is taken, a folder that cannot be written: told without a stack, unlike our own faults. */
function mendable(error: unknown, { host, port }: Config): CannotStart | undefined {
	if (error instanceof Refusal) return new CannotStart(error.message);
	if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined;
	switch (error.code) {
		case 'EADDRINUSE':
			return new CannotStart(`port ${port} of ${host} is taken; choose another with --port (0 takes any free one)`);
		case 'EADDRNOTAVAIL':
		case 'ENOTFOUND':
			return new CannotStart(`${host} is no address of this machine; choose another with --host`);
		default:
			return new CannotStart(error.message);
	}
}
