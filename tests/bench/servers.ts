import type { GatewayDoor } from '#tests/bench/gateway-calls.ts';
import type { Seats } from '#tests/bench/load.ts';
import type { Usage } from '#tests/bench/usage-probe.ts';

/** The sides of the fan-out: Ycord as shipped and held at messages of 40 ms, and what it is measured against. */
export type SideName = 'ycord' | 'ycord40' | 'ws' | 'socketio' | 'c';

/** A server under measurement, in a process of its own. */
export interface Server {
	port: number;
	door: GatewayDoor;
	/** Seats this many listeners on each call, once the calls are there; the first of the calls stands at `place` among all. */
	seats(callSids: readonly string[], perCall: number, place: number): Promise<Seats>;
	usage(): Promise<Usage>;
	stop(): Promise<void>;
}

export interface ServerOptions {
	core: number | undefined;
	signal: AbortSignal;
	profile?: string;
}

/** A server that is asked for more than it can do takes long to say what it has used. */
export const usageWithinMs = 120_000;

/** Loaded into a Node process before its program: says what it has used. */
export const probe = ['--import', new URL('./usage-probe.ts', import.meta.url).href];
