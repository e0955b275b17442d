import { decodeSound, frameMs } from '#shared/audio.ts';
import { heartbeatMs } from '#shared/live.ts';
import { datagramSender } from '#tests/bench/datagram-sender.ts';
import { inGroups } from '#tests/bench/in-groups.ts';
import { ingestWires } from '#tests/bench/ingest-wires.ts';
import { opcodes, type RawSocket, rawSocket } from '#tests/bench/raw-socket.ts';

/** What the generator's process is asked over IPC, about one side: a server that reads calls. */
export type IngestRequest =
	| {
			ask: 'open';
			wire: string;
			port: number;
			headers: Record<string, string>;
			agent: string;
			callIds: string[];
			/** Where each call's sockets go, unless to where all do; ports, where sound comes as packets. */
			paths?: readonly (readonly string[])[];
	  }
	| { ask: 'listen'; port: number; headers: Record<string, string>; paths: string[] }
	| { ask: 'start'; calls: number }
	| { ask: 'begin' | 'end' | 'stop' };

/** What was seen of a window. */
export interface IngestWindow {
	/** Leg-frames that those who listen should have heard and did not. */
	lost: number;
	/** Leg-frames that they heard. */
	heard: number;
	/** How much later than the earliest message of a listener another one was complete, each by its place in the call. */
	behindMs: number;
	/** How late the generator itself was at most. */
	lateMs: number;
	/** Its CPU over the time, 1 is all of its core. */
	busy: number;
}

interface Call {
	/** One, or one for each leg. */
	sockets: readonly Pick<RawSocket, 'send' | 'write'>[];
	frames: (frame: number) => readonly Buffer[];
}
interface Side {
	calls: Call[];
	ears: RawSocket[];
	/** How many legs each call has. */
	legs: 1 | 2;
	/** Where each ear's sound has come to. */
	reachedMs: (number | undefined)[];
	/** The least that each ear's messages were behind their place in the call, by the server's clock. */
	leastMs: (number | undefined)[];
	lost: number;
	heard: number;
	behindMs: number;
	lateMs: number;
	began: { atMs: number; cpuUs: number };
	stop: () => void;
	broken?: string;
}

const sides = new Map<string, Side>();
const epochMs = performance.now();
const cpuUs = () => {
	const { user, system } = process.cpuUsage();
	return user + system;
};

process.on('message', async ({ id, side: name, ...request }: { id: number; side: string } & IngestRequest) => {
	try {
		const side = sideOf(name);
		const answer = await answerTo(side, request);
		if (side.broken) throw new Error(side.broken);
		process.send?.({ id, answer });
	} catch (error) {
		process.send?.({ id, error: (error as Error).message });
	}
});
process.on('disconnect', () => process.exit(1));

function sideOf(name: string): Side {
	const known = sides.get(name);
	if (known) return known;
	const began = { atMs: 0, cpuUs: 0 };
	const fresh: Side = {
		calls: [],
		ears: [],
		legs: 2,
		reachedMs: [],
		leastMs: [],
		lost: 0,
		heard: 0,
		behindMs: 0,
		lateMs: 0,
		began,
		stop() {},
	};
	sides.set(name, fresh);
	return fresh;
}

async function answerTo(side: Side, request: IngestRequest): Promise<IngestWindow | undefined> {
	const gone = (why: string) => {
		side.broken ??= why;
	};
	switch (request.ask) {
		case 'open': {
			const wire = ingestWires.find(({ name }) => name === request.wire);
			if (!wire) throw new Error(`there is no wire ${request.wire}`);
			const { port, headers, agent } = request;
			side.legs = wire.isMix ? 1 : 2;
			await inGroups(request.callIds, async (callId, place) => {
				const heard = wire.isAnswered ? () => {} : () => gone('a call was sent something');
				const paths = request.paths?.[place] ?? Array<string>(wire.apart ? 2 : 1).fill(wire.path);
				const opened = (path: string) =>
					wire.byPackets ? datagramSender(Number(path), gone) : rawSocket({ port, path, headers, heard, gone });
				const sockets = await Promise.all(paths.map(opened));
				for (const socket of sockets) for (const text of wire.begin(callId, agent)) socket.send(text);
				side.calls.push({ sockets, frames: wire.frames(callId) });
			});
			return;
		}
		case 'listen': {
			const { port, headers } = request;
			await inGroups(request.paths, async (path, ear) => {
				const socket = await rawSocket({
					port,
					path,
					headers,
					heard: (opcode, bytes, at, size) => {
						if (opcode === opcodes.binary) hear(side, ear, bytes.subarray(at, at + size));
					},
					gone,
				});
				side.ears.push(socket);
			});
			return;
		}
		case 'start':
			side.stop = send(side, request.calls);
			return;
		case 'stop':
			side.stop();
			return;
		case 'begin':
			Object.assign(side, {
				lost: 0,
				heard: 0,
				behindMs: 0,
				lateMs: 0,
				began: { atMs: performance.now(), cpuUs: cpuUs() },
			});
			side.reachedMs.fill(undefined);
			side.leastMs.fill(undefined);
			return;
		case 'end': {
			const { lost, heard, behindMs, lateMs, began } = side;
			return { lost, heard, behindMs, lateMs, busy: (cpuUs() - began.cpuUs) / 1000 / (performance.now() - began.atMs) };
		}
	}
}

/** What is missing between two messages, or of a leg within one, was lost. */
function hear(side: Side, ear: number, bytes: Buffer) {
	const sound = decodeSound(new Uint8Array(bytes));
	if (typeof sound === 'string') {
		side.broken ??= `not a sound message: ${sound}`;
		return;
	}
	const { mediaMs, serverMs, frames, parts } = sound;
	const least = Math.min(side.leastMs[ear] ?? Number.POSITIVE_INFINITY, serverMs - mediaMs);
	side.leastMs[ear] = least;
	side.behindMs = Math.max(side.behindMs, serverMs - mediaMs - least);
	const here = Object.keys(parts).length;
	side.heard += here * frames;
	const reached = side.reachedMs[ear];
	if (reached !== undefined) side.lost += (side.legs - here) * frames + (side.legs * (mediaMs - reached)) / frameMs;
	side.reachedMs[ear] = mediaMs + frames * frameMs;
}

function say({ sockets, frames }: Call, frame: number) {
	for (const [place, message] of frames(frame).entries()) sockets[place % sockets.length]?.write(message);
}

/** Sends the first so many calls in real time, spread over the 20 ms, by one timer, until it is stopped. */
function send(side: Side, calls: number): () => void {
	let tick = Math.floor(performance.now() - epochMs);
	const timer = setInterval(() => {
		const nowMs = performance.now() - epochMs;
		for (; tick <= nowMs; tick++) {
			side.lateMs = Math.max(side.lateMs, nowMs - tick);
			const frame = Math.floor(tick / frameMs);
			for (let place = tick % frameMs; place < calls; place += frameMs) {
				const call = side.calls[place] as Call;
				say(call, frame);
			}
		}
	}, 1);
	return () => clearInterval(timer);
}

// Who says nothing for 30 s is hung up on, and packets are missed after 10 s: between rounds all say a little.
setInterval(() => {
	const frame = Math.floor((performance.now() - epochMs) / frameMs);
	for (const { calls, ears } of sides.values()) {
		for (const call of calls) say(call, frame);
		for (const ear of ears) ear.send('{"type":"ping","at":0}');
	}
}, heartbeatMs / 2);
