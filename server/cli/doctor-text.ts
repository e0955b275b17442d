import type { Examined } from '#server/cli/doctor.ts';
import type { GatewayState, GatewayView, TestCallResult } from '#shared/gateways.ts';

/** A test call that was asked for: what came of it, or why it was not made. */
export interface Tested {
	name: string;
	title: string;
	result?: TestCallResult;
	refused?: string;
}

const stateWords: Record<GatewayState, string> = {
	off: 'not set up',
	receiving: 'receiving calls',
	refusing: 'refusing what comes',
	unheard: 'ready, never heard from',
	ready: 'ready',
};

const stopped = 'No server runs on this data folder. This is what it would start with.';

/** What the doctor says to a person. */
export function doctorText({ server, problems, gateways, tests }: Examined): string {
	const running = server === 'running';
	const lines =
		server === 'settings wrong' ? [] : [running ? `A server runs here since ${gateways?.since}.` : stopped, ''];
	for (const gateway of gateways?.gateways ?? []) lines.push(...gatewayLines(gateway, running), '');
	for (const test of tests) lines.push(...testLines(test), '');
	if (problems.length === 0) lines.push('Nothing is wrong.');
	else lines.push(problems.length === 1 ? 'One thing is wrong:' : `${problems.length} things are wrong:`);
	for (const problem of problems) lines.push(`  ${problem}`);
	return lines.join('\n');
}

function gatewayLines(gateway: GatewayView, running: boolean): string[] {
	const { name, title, state, on, callsNow, lastContact, addresses, settings, refused, refusedCounts, guide } = gateway;
	const head = `${title} (${name}): ${running ? stateWords[state] : on ? 'set up' : 'not set up'}`;
	const given = settings.filter(({ isSet }) => isSet).map((one) => one.name);
	const not = settings.filter(({ isSet }) => !isSet).map((one) => one.name);
	if (!on) return [head, `  set ${not[0] ?? 'its settings'} to switch it on; docs/${guide.file} says how`];
	const total = refusedCounts.reduce((sum, { count }) => sum + count, 0);
	const [last] = refused;
	return [
		head,
		...addresses.map(({ what, address }) => `  ${what}: ${address}`),
		`  given: ${given.join(', ') || 'nothing'}${not.length > 0 ? `; not given: ${not.join(', ')}` : ''}`,
		...(running
			? [
					`  calls now: ${callsNow}; last contact: ${lastContact ?? 'never since the start'}; turned away: ${total}`,
					...(last ? [`  last turned away ${last.at}: ${last.says}`, `    ${last.todo}`] : []),
				]
			: []),
	];
}

function testLines({ title, result, refused }: Tested): string[] {
	if (!result) return [`Test call to ${title}: not made. ${refused ?? ''}`];
	const { passed, why, legs, order, delayMs, sentMs, heardMs, tookMs } = result;
	return [
		`Test call to ${title}: ${passed ? 'passed' : 'failed'}${why ? `. ${why}` : ''}`,
		...legs.map(
			({ leg, sentDbfs, heardDbfs }) =>
				`  ${leg.padEnd(8)} sent ${sentDbfs} dBFS, ${heardDbfs === undefined ? 'not heard' : `heard ${heardDbfs} dBFS`}`,
		),
		...(legs.length > 0
			? [
					`  order ${order}; delay ${delayMs === undefined ? 'unknown' : `${delayMs} ms`}; heard ${heardMs} of ${sentMs} ms; took ${tookMs} ms`,
				]
			: []),
	];
}
