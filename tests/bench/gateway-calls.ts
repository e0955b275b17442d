import { randomBytes } from 'node:crypto';
import { frameMs, frameSamples } from '#shared/audio.ts';
import { heartbeatMs } from '#shared/live.ts';
import { inGroups } from '#tests/bench/in-groups.ts';
import { type RawSocket, rawSocket } from '#tests/bench/raw-socket.ts';

/** A call to bring in, with the place of each leg's frames within 20 ms. */
export interface CallToOpen {
	callSid: string;
	legMs: readonly [number, number];
}

/** Where calls come in. */
export interface GatewayDoor {
	port: number;
	path: string;
	headers: Record<string, string>;
	/** Who gets the calls. */
	agent: string;
}

/** Calls as Twilio's Media Streams bring them: both legs of each at real-time pace, by one timer. */
export interface GatewayCalls {
	/** Brings in calls beside those that are there. */
	open(door: GatewayDoor, calls: readonly CallToOpen[]): Promise<void>;
	/**
	 * Sends until it is stopped. Each frame's payload is given to `stamp` first, with the place of its call among the
	 * calls and how late it is.
	 */
	start(which: Sending, stamp: (payload: Buffer, call: number, lateMs: number) => void): () => void;
	/** Ends all connections without a word. */
	leave(): void;
}

/** What is sent: the first so many calls, all of them unless told; each leg at its own place in the 20 ms, or both at the first's. */
export interface Sending {
	calls?: number;
	together?: boolean;
}

interface Call {
	socket: RawSocket;
	streamSid: string;
	sequence: number;
}
interface Leg {
	call: Call;
	/** The place of the call among the calls. */
	place: number;
	/** The millisecond of the 20 in which it is sent, and its call's first leg. */
	ownMs: number;
	firstMs: number;
	track: 'inbound' | 'outbound';
	payload: Buffer;
	chunk: number;
}

/** What Twilio says first on a stream with both tracks: `connected`, then `start`, which is its message 1. */
export function startStream(
	socket: RawSocket,
	{ streamSid, callSid, agent }: { streamSid: string; callSid: string; agent: string },
): void {
	socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}');
	const start = {
		accountSid: 'AC0',
		streamSid,
		callSid,
		tracks: ['inbound', 'outbound'],
		mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
		customParameters: { agent },
	};
	socket.send(JSON.stringify({ event: 'start', sequenceNumber: '1', streamSid, start }));
}

/** `gone` is called when the server ends a call, or says anything on one. [S3] */
export function gatewayCalls(gone: (why: string) => void): GatewayCalls {
	const calls: Call[] = [];
	const legs: Leg[] = [];
	const epochMs = performance.now();

	async function openCall({ port, path, headers, agent }: GatewayDoor, { callSid, legMs }: CallToOpen, place: number) {
		const socket = await rawSocket({
			port,
			path,
			headers,
			heard: () => gone(`call ${place} was sent something`),
			gone: (why) => gone(`call ${place}: ${why}`),
		});
		const streamSid = `MZ${randomBytes(16).toString('hex')}`;
		const call: Call = { socket, streamSid, sequence: 1 };
		calls[place] = call;
		startStream(socket, { streamSid, callSid, agent });
		const [firstMs] = legMs;
		const leg = (track: Leg['track'], ownMs: number) =>
			legs.push({ call, place, ownMs, firstMs, track, payload: randomBytes(frameSamples), chunk: 0 });
		leg('inbound', firstMs);
		leg('outbound', legMs[1]);
	}

	function sendFrame(leg: Leg, frame: number) {
		const { socket, streamSid } = leg.call;
		const payload = leg.payload.toString('base64');
		socket.send(
			`{"event":"media","sequenceNumber":"${++leg.call.sequence}","media":{"track":"${leg.track}","chunk":"${++leg.chunk}","timestamp":"${frame * frameMs}","payload":"${payload}"},"streamSid":"${streamSid}"}`,
		);
	}

	// A stream that says nothing for 30 s is hung up on; between rounds it says something of no concern.
	const saying = setInterval(() => {
		for (const call of calls)
			call.socket.send(
				`{"event":"mark","sequenceNumber":"${++call.sequence}","streamSid":"${call.streamSid}","mark":{"name":"idle"}}`,
			);
	}, heartbeatMs).unref();

	return {
		leave() {
			clearInterval(saying);
			for (const { socket } of calls) socket.destroy();
		},
		open(door, toOpen) {
			const before = calls.length;
			return inGroups(toOpen, (call, place) => openCall(door, call, before + place));
		},
		start({ calls: sending = calls.length, together = false }, stamp) {
			const due: Leg[][] = Array.from({ length: frameMs }, () => []);
			for (const leg of legs) if (leg.place < sending) due[together ? leg.firstMs : leg.ownMs]?.push(leg);
			let tick = Math.floor(performance.now() - epochMs);
			const timer = setInterval(() => {
				const nowMs = performance.now() - epochMs;
				for (; tick <= nowMs; tick++) {
					for (const leg of due[tick % frameMs] as Leg[]) {
						stamp(leg.payload, leg.place, nowMs - tick);
						// Media time goes on between rounds, in whole frames, so that each frame stays one.
						sendFrame(leg, Math.floor(tick / frameMs));
					}
				}
			}, 1);
			return () => clearInterval(timer);
		},
	};
}
