// Plays a phone platform against a running Ycord: `npm run peer -- <platform> …`. See docs/peers.md.
import { machineClock } from '#server/clock.ts';
import { asked, Misuse, usage } from '#tests/peers/arguments.ts';
import { platforms } from '#tests/peers/peers.ts';
import { playCalls } from '#tests/peers/play-calls.ts';
import { callSound } from '#tests/peers/sound.ts';
import { UpgradeRefused } from '#tests/support/twilio-peer.ts';

const warn = (text: string) => process.stderr.write(`peer: ${text}\n`);
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
const args = process.argv.slice(2);
try {
	if (args.includes('--help') || args.includes('-h')) process.stdout.write(usage(platforms));
	else {
		const { platform, options, files, calls, loop } = asked(args, platforms);
		const sound = await callSound(files, options.rate);
		const endedWell = await playCalls({
			start: () => platform.start(options),
			sound,
			rate: options.rate,
			calls,
			loop,
			clock: machineClock(),
			signal: interrupted.signal,
			say: (text) => process.stdout.write(`${text}\n`),
		});
		// A peer may keep a socket that nothing comes to any more.
		process.exit(endedWell ? 0 : 1);
	}
} catch (error) {
	if (error instanceof Misuse) {
		warn(error.message);
		process.stderr.write(usage(platforms));
		process.exit(2);
	}
	warn(plain(error));
	process.exit(1);
}

/** What went wrong, in one line. */
function plain(error: unknown): string {
	if (error instanceof UpgradeRefused) return `the server refused: ${messageOf(error.body) ?? error.status}`;
	const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] };
	if (code === 'ECONNREFUSED') return 'nobody answers at that address; is Ycord running there?';
	return message || errors?.[0]?.message || String(error);
}

/** What a refusal says for people. */
function messageOf(body: string): string | undefined {
	try {
		const { message, code } = JSON.parse(body);
		return typeof message === 'string' ? `${message} (${code})` : undefined;
	} catch {
		return undefined;
	}
}
