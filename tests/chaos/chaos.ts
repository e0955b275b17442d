import { parseArgs } from 'node:util';
import { type ChaosOptions, chaosNotes } from '#tests/chaos/notes.ts';

const usage =
	'npm run chaos -- notes [--engine sqlite|redis] [--victim server|redis] [--kills <n>] [--seed <n>] [--json]';

class Misuse extends Error {}

function readArguments(args: string[]): Omit<ChaosOptions, 'say'> & { json: boolean } {
	const options = {
		engine: { type: 'string', default: 'sqlite' },
		victim: { type: 'string' },
		kills: { type: 'string', default: '20' },
		seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 999_999_999)) },
		json: { type: 'boolean', default: false },
	} as const;
	const { values, positionals } = parsed(() => parseArgs({ args, allowPositionals: true, options }));
	const { engine, json } = values;
	// What holds the truth is what is killed, unless it is said otherwise.
	const { victim = engine === 'redis' ? 'redis' : 'server' } = values;
	if (positionals.join() !== 'notes') throw new Misuse('there is one chaos: notes');
	if (engine !== 'sqlite' && engine !== 'redis') throw new Misuse(`--engine takes sqlite or redis, given ${engine}`);
	if (victim !== 'server' && victim !== 'redis') throw new Misuse(`--victim takes server or redis, given ${victim}`);
	if (victim === 'redis' && engine !== 'redis') throw new Misuse('--victim redis goes with --engine redis');
	return { engine, victim, kills: whole('kills', values.kills), seed: whole('seed', values.seed), json };
}

function parsed<T>(parse: () => T): T {
	try {
		return parse();
	} catch (error) {
		throw new Misuse((error as Error).message);
	}
}

/** Random numbers are made from 32 bits. */
const most = 2 ** 32 - 1;

function whole(name: string, text: string): number {
	const number = Number(text);
	if (!/^[1-9]\d{0,9}$/.test(text) || number > most)
		throw new Misuse(`--${name} takes a whole number from 1 to ${most}, given ${text}`);
	return number;
}

try {
	const { json, ...asked } = readArguments(process.argv.slice(2));
	const say = (text: string) => console.error(`chaos: ${text}`);
	say(`seed ${asked.seed}`);
	const { findings, ...counts } = await chaosNotes({ ...asked, say });
	for (const finding of findings) say(finding);
	const report = { ...counts, engine: asked.engine, victim: asked.victim, kills: asked.kills, seed: asked.seed };
	console.log(
		json
			? JSON.stringify(report)
			: Object.entries(report)
					.map(([name, value]) => `${name}: ${value}`)
					.join('\n'),
	);
	process.exitCode = findings.length > 0 ? 1 : 0;
} catch (error) {
	if (!(error instanceof Misuse)) throw error;
	console.error(`chaos: ${error.message}\n${usage}`);
	process.exitCode = 2;
}
