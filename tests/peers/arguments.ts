import { parseArgs } from 'node:util';
import type { PeerOptions, Platform } from '#tests/peers/platform.ts';
import type { SoundFiles } from '#tests/peers/sound.ts';

/** The command line is wrong; the message says what was given and what is accepted. */
export class Misuse extends Error {
	override readonly name = 'Misuse';
}

/** What `npm run peer -- …` was asked for. */
export interface Asked {
	platform: Platform;
	options: PeerOptions;
	files: SoundFiles;
	calls: number;
	loop: boolean;
}

/** More would say more of this program than of the server: `npm run bench -- ingest` is for that. */
const maxCalls = 200;

/** Reads the command line. Throws `Misuse`. */
export function asked(args: readonly string[], platforms: readonly Platform[]): Asked {
	const { values, positionals } = parsed(args);
	const [name, ...more] = positionals;
	const platform = platforms.find((one) => one.name === name);
	const names = platforms.map((one) => one.name).join(', ');
	if (name === undefined) throw new Misuse(`which platform? There are: ${names}`);
	if (!platform) throw new Misuse(`there is no platform ${JSON.stringify(name)}; there are: ${names}`);
	if (more.length > 0) throw new Misuse(`one platform at a time; ${JSON.stringify(more[0])} is one more`);
	const { wav, customer, agent, to = platform.to, key, for: whom = 'ann', label } = values;
	if (wav !== undefined && (customer ?? agent) !== undefined) throw new Misuse('give --wav, or --customer and --agent');
	if ((customer === undefined) !== (agent === undefined)) throw new Misuse('--customer and --agent go together');
	if (platform.keySetting && !key)
		throw new Misuse(`${platform.title} shows a key: give --key what Ycord has as ${platform.keySetting}`);
	return {
		platform,
		options: {
			address: to.replace(/\/+$/, ''),
			key: key ?? '',
			agent: whom,
			rate: rateFor(platform, values.rate, (wav ?? customer) === undefined),
			...(label === undefined ? {} : { label }),
		},
		files: { wav, customer, agent },
		calls: countOf(values.calls ?? '1'),
		loop: values.loop ?? false,
	};
}

/** The platform's usual rate; for the call that comes with Ycord its own, where the platform can. */
function rateFor({ rates, title }: Platform, given: string | undefined, isShipped: boolean): number {
	if (given === undefined) return (isShipped ? rates.find((rate) => rate === 8000) : undefined) ?? (rates[0] as number);
	const rate = rates.find((one) => String(one) === given);
	if (rate === undefined) throw new Misuse(`--rate ${given}: ${title} brings ${rates.join(' or ')}`);
	return rate;
}

function countOf(text: string): number {
	const count = Number(text);
	if (!/^[1-9]\d*$/.test(text) || count > maxCalls) throw new Misuse(`--calls ${text}: a number from 1 to ${maxCalls}`);
	return count;
}

function parsed(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				wav: { type: 'string' },
				customer: { type: 'string' },
				agent: { type: 'string' },
				to: { type: 'string' },
				key: { type: 'string' },
				for: { type: 'string' },
				label: { type: 'string' },
				rate: { type: 'string' },
				calls: { type: 'string' },
				loop: { type: 'boolean' },
			},
		});
	} catch (error) {
		throw new Misuse((error as Error).message);
	}
}

/** How it is called, and which platforms there are. */
export const usage = (
	platforms: readonly Platform[],
) => `Usage: npm run peer -- <platform> [--wav <file> | --customer <file> --agent <file>] [--to <address>] [--key <key>] …
Plays calls of a phone platform against a running Ycord, in real time, as the platform would.
  --wav <file>       both voices: customer left, agent right
  --customer, --agent <file>   a WAV for each voice; without any, the call that comes with Ycord
  --to <address>     where Ycord is, instead of the address below
  --key <key>        what Ycord has as the setting below
  --for <person>     who gets the calls: ann unless said
  --label <text>     what the calls are called
  --rate <Hz>        samples a second, where the platform has a choice
  --calls <n>        so many at once, up to ${maxCalls}
  --loop             begin again at the end, until Ctrl-C
Platforms:
${platforms.map(({ name, rates, keySetting, to }) => `  ${name.padEnd(12)} ${rates.join(' or ').padEnd(14)} ${to.padEnd(24)} ${keySetting ?? 'no key: by its address'}\n`).join('')}`;
