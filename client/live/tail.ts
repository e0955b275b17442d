// Follows a session in a terminal: `npm run tail -- <link> [--json]`. An example of a program that uses this client.
import { openConnection } from '#client/live/connection.ts';
import { type Followed, following } from '#client/live/following.ts';
import type { LinkState } from '#client/live/link.ts';
import { type SignedInHere, signInWith } from '#client/live/node.ts';
import { printable, printableJson, tailLine } from '#client/live/tail-line.ts';

const usage = `Usage: npm run tail -- <link> [--json]
  <link>   a sign-in link (…/enter/…) or an invitation (…/listen/…); it is used up by this as by a browser
  --json   one JSON object a line (with npm: npm run --silent tail -- …)
Ctrl-C leaves.`;

const say = (text: string) => process.stdout.write(`${text}\n`);
const warn = (text: string) => process.stderr.write(`${text}\n`);
// Whoever reads has gone, as `head` does.
process.stdout.on('error', () => process.exit(0));

const args = process.argv.slice(2);
const json = args.includes('--json');
const [link, ...more] = args.filter((one) => one !== '--json');
if (args.includes('--help') || args.includes('-h')) {
	say(usage);
} else if (link === undefined || link.startsWith('-') || more.length > 0) {
	warn(usage);
	process.exitCode = 2;
} else {
	await signInWith(link).then(tail, (error: Error) => {
		warn(`tail: ${printable(error.message)}`);
		process.exitCode = 1;
	});
}

function tail({ url, role, person, openSocket, callId }: SignedInHere) {
	const connection = openConnection({ role, url, openSocket });
	const leave = (code: number, why?: string) => {
		if (why) warn(`tail: ${printable(why)}`);
		stop();
		connection.close();
		process.exit(code);
	};
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => leave(0));

	let stopFollowing = () => {};
	let linkWas: LinkState['at'] = 'connecting';
	let lost = false;
	const tellLink = (at: 'lost' | 'back', words: string) =>
		json ? say(printableJson({ type: 'link', at })) : warn(`-- ${words}`);
	const stopLink = connection.link.subscribe(() => {
		const now = connection.link.get();
		if (now.at === 'closed') return leave(1, now.text);
		if (now.at === 'open' && linkWas !== 'open') {
			if (lost) tellLink('back', 'the link is back; what was missed follows');
			lost = false;
		} else if (now.at === 'waiting' && !lost) {
			lost = true;
			tellLink('lost', 'the link is lost; trying again until it is back');
		}
		linkWas = now.at;
	});

	const what: Followed = callId === undefined ? { view: role === 'supervisor' ? 'board' : 'mine' } : { callId };
	if (!json) warn(`-- following as ${printable(person.name)} (${role}); Ctrl-C leaves`);
	stopFollowing = following(connection, what, {
		tell: (news) => say(json ? printableJson(news) : tailLine(news)),
		refused: ({ message }) => leave(1, message),
	});
	function stop() {
		stopLink();
		stopFollowing();
	}
}
