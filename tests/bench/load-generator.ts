import type { CallToOpen, GatewayDoor, Sending } from '#tests/bench/gateway-calls.ts';
import { type Load, load, type Seats } from '#tests/bench/load.ts';

/** What the load generator's process is asked over IPC, beside the `side` that it is about: a server's name. */
export type LoadRequest =
	| { ask: 'open-calls'; door: GatewayDoor; calls: readonly CallToOpen[] }
	| { ask: 'open-listeners'; port: number; seats: Seats }
	| ({ ask: 'start' } & Sending)
	| { ask: 'pause' | 'begin' | 'end' | 'settle' };
type Sided = LoadRequest & { side: string };

const loads = new Map<string, Load>();
/** Why no figure of a side is to be believed any more. */
const broken = new Map<string, string>();

process.on('message', async (request: { id: number } & Sided) => {
	try {
		const answer = await answerTo(request);
		const why = broken.get(request.side);
		if (why !== undefined) throw new Error(`${request.side}: ${why}`);
		process.send?.({ id: request.id, answer });
	} catch (error) {
		process.send?.({ id: request.id, error: (error as Error).message });
	}
});
process.on('disconnect', () => process.exit(1));

function answerTo(request: Sided) {
	const side = loadOf(request.side);
	switch (request.ask) {
		case 'open-calls':
			return side.openCalls(request.door, request.calls);
		case 'open-listeners':
			return side.openListeners(request.port, request.seats);
		case 'start':
			return side.start(request);
		default:
			return side[request.ask]();
	}
}

function loadOf(name: string): Load {
	const known = loads.get(name);
	if (known) return known;
	const gone = (why: string) => {
		if (!broken.has(name)) broken.set(name, why);
	};
	const fresh = load({ gone, awake: process.argv.includes('--awake') });
	loads.set(name, fresh);
	return fresh;
}
