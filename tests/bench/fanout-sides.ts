import { fileURLToPath } from 'node:url';
import { frameMs } from '#shared/audio.ts';
import { type Child, child } from '#tests/bench/child.ts';
import type { CallToOpen, Sending } from '#tests/bench/gateway-calls.ts';
import type { Outcome, Window } from '#tests/bench/load.ts';
import type { LoadRequest } from '#tests/bench/load-generator.ts';
import { cServer, NotHere, plainServer, socketioServer } from '#tests/bench/relay-servers.ts';
import type { Server, ServerOptions, SideName } from '#tests/bench/servers.ts';
import { canWiden, intervalSetting, ycordServer } from '#tests/bench/ycord-server.ts';
import { randomNumbers } from '#tests/support/seed.ts';

/** How long and how often is measured. */
export interface Pace {
	rounds: number;
	/** Sound runs this long before each window, and before memory without listeners is read. */
	warmUpMs: number;
	windowMs: number;
}

/** One server's figures in one round. */
export type Figures = ReturnType<typeof figuresOf>;
/** The figures of each side that is here. */
export type Round = Partial<Record<SideName, Figures>>;

/** Why a side is not here, in words. */
export type Missing = Map<SideName, string>;

const starts: Record<SideName, (options: ServerOptions) => Promise<Server>> = {
	ycord: ycordServer,
	async ycord40({ profile: _, ...options }) {
		if (!canWiden) throw new NotHere(`there is no ${intervalSetting}`);
		return ycordServer({ ...options, env: { [intervalSetting]: '40' } });
	},
	ws: plainServer,
	socketio: socketioServer,
	c: cServer,
};

/** The sides of one load, each a server with its calls and listeners, and the one generator that loads them. */
export interface Sides {
	names: readonly SideName[];
	missing: Missing;
	/** One window of one side. */
	measure(name: SideName, pace: Pace, which?: Sending): Promise<Figures>;
	/** One side is measured no more, for this reason. */
	drop(name: SideName, why: string): Promise<void>;
	/** More calls with their listeners on one side, up to this many. */
	grow(name: SideName, callCount: number): Promise<void>;
	stop(): Promise<void>;
}

export interface SidesOptions {
	sides: readonly SideName[];
	callCount: number;
	perCall: number;
	/** Both legs of a call come together from the first on, so that servers put them side by side. */
	together?: boolean;
	pace: Pace;
	seed: number;
	cores: [number, number] | undefined;
	profile?: string;
	signal: AbortSignal;
}

interface Side {
	server: Server;
	callCount: number;
	/** Memory with the first calls on and nobody listening. */
	rssWithout: number;
}

const openWithinMs = 240_000;
/** A server that is asked for more than it can do takes as long as this for what it has let wait; until then no other is measured. */
const settleWithinMs = 120_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts every side and brings in its calls and listeners. What cannot be had on this machine is missing. */
export async function fanoutSides(options: SidesOptions): Promise<Sides> {
	const { sides: wanted, callCount, perCall, together = false, pace, seed, cores, profile, signal } = options;
	const place = callPlaces(seed);
	const generator = child({
		name: 'the load generator',
		// On a core of its own it may as well stay awake; on a shared one that would take time from the server.
		args: [fileURLToPath(new URL('./load-generator.ts', import.meta.url)), ...(cores ? ['--awake'] : [])],
		env: {},
		core: cores?.[1],
		signal,
	});
	const sides = new Map<SideName, Side>();
	const missing: Missing = new Map();
	const ask = asking(generator);
	// The generator first: to a server that is still there, its going is the end of the calls.
	const stop = async () => {
		await generator.stop();
		await Promise.all([...sides.values()].map(({ server }) => server.stop()));
	};

	async function openCalls(name: SideName, { server }: Side, from: number, to: number): Promise<CallToOpen[]> {
		const calls = Array.from({ length: to - from }, (_, index) => place(from + index));
		await ask(name, { ask: 'open-calls', door: server.door, calls }, openWithinMs);
		return calls;
	}
	async function openListeners(name: SideName, { server }: Side, calls: readonly CallToOpen[], from: number) {
		const callSids = calls.map(({ callSid }) => callSid);
		const seats = await server.seats(callSids, perCall, from);
		await ask(name, { ask: 'open-listeners', port: server.port, seats }, openWithinMs);
	}
	const sideOf = (name: SideName) => {
		const side = sides.get(name);
		if (!side) throw new Error(`${name} is not here`);
		return side;
	};

	try {
		const started = await Promise.allSettled(
			wanted.map(async (name) => {
				const server = await starts[name]({ core: cores?.[0], signal, ...(profile ? { profile } : {}) });
				sides.set(name, { server, callCount, rssWithout: 0 });
			}),
		);
		for (const [index, { status, ...outcome }] of started.entries()) {
			if (status === 'fulfilled') continue;
			const { reason } = outcome as PromiseRejectedResult;
			if (!(reason instanceof NotHere)) throw reason;
			missing.set(wanted[index] as SideName, reason.message);
		}
		const names = wanted.filter((name) => sides.has(name));
		for (const name of names) {
			const side = sideOf(name);
			const calls = await openCalls(name, side, 0, callCount);
			await ask(name, { ask: 'start', together });
			await pause(2 * pace.warmUpMs);
			side.rssWithout = (await side.server.usage()).rssBytes;
			await ask(name, { ask: 'pause' });
			await openListeners(name, side, calls, 0);
		}
		return {
			names,
			missing,
			stop,
			async measure(name, { warmUpMs, windowMs }, which = {}) {
				const { server, rssWithout } = sideOf(name);
				await ask(name, { ask: 'start', ...which });
				await pause(warmUpMs);
				const [before] = await Promise.all([server.usage(), ask(name, { ask: 'begin' })]);
				await pause(windowMs);
				const [after, window] = await Promise.all([server.usage(), ask<Window>(name, { ask: 'end' })]);
				const outcome = await ask<Outcome>(name, { ask: 'settle' }, settleWithinMs);
				if (window.delivered === 0) throw new Error(`${name} delivered nothing`);
				const grownBytes = (after.rssBytes - rssWithout) / (callCount * perCall);
				return figuresOf(window, outcome, after.cpuUs - before.cpuUs, grownBytes);
			},
			async drop(name, why) {
				const { server } = sideOf(name);
				sides.delete(name);
				names.splice(names.indexOf(name), 1);
				missing.set(name, why);
				await ask(name, { ask: 'pause' }).catch(() => {});
				await server.stop();
			},
			async grow(name, to) {
				const side = sideOf(name);
				const from = side.callCount;
				if (to <= from) return;
				side.callCount = to;
				await openListeners(name, side, await openCalls(name, side, from, to), from);
			},
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

const asking =
	(generator: Child) =>
	<Answer = void>(side: SideName, request: LoadRequest, withinMs?: number) =>
		generator.ask<Answer>({ ...request, side }, withinMs);

/** Calls whose legs are at random places in their 20 ms, the same ones for the same seed and for each side. */
function callPlaces(seed: number): (index: number) => CallToOpen {
	const random = randomNumbers(seed);
	const known: CallToOpen[] = [];
	return (index) => {
		while (known.length <= index)
			known.push({ callSid: `CA${known.length}`, legMs: [random(frameMs), random(frameMs)] });
		return known[index] as CallToOpen;
	};
}

function figuresOf(window: Window, { expected, lost, ...delays }: Outcome, cpuUs: number, rssBytesPerListener: number) {
	return {
		framesPerSecond: (window.delivered * 1000) / window.windowMs,
		cpuUs: cpuUs / window.delivered,
		/** The share of its core that the server was at work. */
		serverBusy: cpuUs / 1000 / window.windowMs,
		perMessage: window.delivered / window.messages,
		...delays,
		expected,
		lost,
		rssKib: rssBytesPerListener / 1024,
		generatorBusy: window.busy,
		lateMs: window.lateMs,
	};
}
