import { frameSamples } from '#shared/audio.ts';
import { heartbeatMs } from '#shared/live.ts';
import { delayCount } from '#tests/bench/delay-count.ts';
import { type CallToOpen, type GatewayDoor, gatewayCalls, type Sending } from '#tests/bench/gateway-calls.ts';
import { inGroups } from '#tests/bench/in-groups.ts';
import { opcodes, type RawSocket, rawSocket } from '#tests/bench/raw-socket.ts';
import { wakefulness } from '#tests/bench/stay-awake.ts';

/** The listeners' side of a server. */
export interface Seats {
	headers: Record<string, string>;
	/** One path a listener, and whose call (by its place among the calls) is heard there. */
	listeners: { call: number; path: string }[];
	/** Bytes before the legs in a message. */
	headerBytes: number;
	/** What is said beside the sound. */
	manner: Manner;
}

/**
 * `silent`: nothing, and sound comes from the upgrade on. `ycord`: the server says in text when hearing begins, and wants to be
 * pinged. `socket.io`: Engine.IO 4 and Socket.IO 5; each binary message is announced by a text, which is not counted.
 */
export type Manner = 'silent' | 'ycord' | 'socket.io';

/** What one measured window gave, as the load generator saw it. */
export interface Window {
	windowMs: number;
	/** Leg-frames that came in the window, and the messages they came in. */
	delivered: number;
	messages: number;
	/** The share of the time that the generator was at work, 0 to 1, and how late it sent at worst. */
	busy: number;
	lateMs: number;
}

/** What became of the leg-frames that were sent in the window. */
export interface Outcome {
	expected: number;
	lost: number;
	/** From sending a leg-frame to reading it. */
	p50Ms: number;
	p99Ms: number;
	p999Ms: number;
	/** From sending the newest leg-frame of a message to reading it: what was gathered with it has waited, this one has not. */
	newestP50Ms: number;
	newestP99Ms: number;
}

/** One server under load: calls that send, listeners that count and stamp. */
export interface Load {
	openCalls(door: GatewayDoor, calls: readonly CallToOpen[]): Promise<void>;
	openListeners(port: number, seats: Seats): Promise<void>;
	/** Sends both legs of calls at real-time pace, until `pause` or `settle`. */
	start(which: Sending): void;
	pause(): void;
	/** Ends all connections without a word. */
	leave(): void;
	begin(): void;
	end(): Window;
	/** Stops sending, waits for what is still on its way, and counts. */
	settle(): Promise<Outcome>;
}

/** Stamp and window tag stand in the first bytes of each frame's own sound, which every server passes through unchanged. */
const tagAt = 4;
/**
 * Delays are taken from every so many listeners, which are read at once: a number that has nothing in common with usual ones, so that
 * each place among the listeners of a call has its turn. The others are counted, and read a few at a time: a read for each message of
 * each listener would be more work than sending it.
 */
const promptEvery = 7;
const lookEveryMs = 50;
/** While nothing is measured: soon enough to answer whoever asks whether we are there. */
const lookAtRestEveryMs = 5000;
/** So few are all read at once. */
const fewListeners = 100;
/** After the window frames go on for a moment, so that what waits for its other leg can leave. */
const tailMs = 200;
const settleStepMs = 50;
const noProgressMs = 1000;

/** This process's clock in µs, modulo 2^32. */
const nowUs = () => Math.round(performance.now() * 1000) >>> 0;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * `gone` is called when a connection ends that should not. With `awake` the process never sleeps while it sends: else
 * the server pays for waking it with many of its writes, which a listener elsewhere would not cost.
 */
export function load({ gone, awake }: { gone: (why: string) => void; awake: boolean }): Load {
	const calls = gatewayCalls(gone);
	/** How many listeners each call has. */
	const heardBy: number[] = [];
	let stopSending = () => {};
	let isOpen = false;
	/** The window that frames belong to, while one is open. */
	let tag = 0;
	let expected = 0;
	let received = 0;
	let delivered = 0;
	let messages = 0;
	const delays = delayCount();
	const newest = delayCount();
	let lateMs = 0;
	let beganMs = 0;
	let cpuBefore = process.cpuUsage();
	const wakeful = wakefulness();

	const lazy: RawSocket[] = [];
	/** Looks at all that are not read at once, spread evenly over the time. */
	function lookAround(everyMs: number): () => void {
		let looked = 0;
		const beganLookingMs = performance.now();
		const timer = setInterval(() => {
			const should = ((performance.now() - beganLookingMs) / everyMs) * lazy.length;
			// Who is late does not do it twice.
			for (looked = Math.max(looked, Math.ceil(should - lazy.length)); looked < should; looked++)
				lazy[looked % lazy.length]?.look();
		}, everyMs / 50);
		timer.unref();
		return () => clearInterval(timer);
	}

	function sound(headerBytes: number, isPrompt: boolean, bytes: Buffer, at: number, size: number) {
		const heardUs = nowUs();
		let leastUs = Number.POSITIVE_INFINITY;
		messages++;
		for (let frame = at + headerBytes; frame < at + size; frame += frameSamples) {
			delivered++;
			if (tag === 0 || bytes[frame + tagAt] !== tag) continue;
			received++;
			if (!isPrompt) continue;
			const delayUs = (heardUs - bytes.readUInt32BE(frame)) >>> 0;
			delays.add(delayUs);
			if (delayUs < leastUs) leastUs = delayUs;
		}
		if (leastUs !== Number.POSITIVE_INFINITY) newest.add(leastUs);
	}

	const sockets: RawSocket[] = [];
	/** Those that have to ping; each in turn pings, all of them spread evenly over a heartbeat. */
	const pinging: RawSocket[] = [];
	let pinged = 0;
	let beganPingingMs = 0;
	function pingFromNowOn() {
		beganPingingMs = performance.now();
		setInterval(() => {
			const nowMs = performance.now();
			const should = ((nowMs - beganPingingMs) / heartbeatMs) * pinging.length;
			for (; pinged < should; pinged++) pinging[pinged % pinging.length]?.send('{"type":"ping","at":0}');
		}, 50).unref();
	}

	return {
		openCalls: calls.open,
		async openListeners(port, { headers, listeners, headerBytes, manner }) {
			const opened: RawSocket[] = [];
			const before = sockets.length;
			if (before === 0) lookAround(lookAtRestEveryMs);
			await inGroups(listeners, async ({ call, path }, index) => {
				const begun = Promise.withResolvers<void>();
				begun.promise.catch(() => {});
				const where = `listener ${index}`;
				const isPrompt = before + listeners.length <= fewListeners || (before + index) % promptEvery === 0;
				let socket: RawSocket | undefined;
				/** What the server says before its upgrade is known here. */
				let early: string | undefined;
				const told = (text: string) => {
					if (manner === 'ycord') return begun.resolve();
					if (!socket) early = text;
					else if (text.startsWith('0')) socket.send('40');
					else if (text.startsWith('40')) begun.resolve();
					else if (text === '2') socket.send('3');
				};
				socket = await rawSocket({
					port,
					path,
					headers,
					heard(opcode, bytes, at, size) {
						if (opcode === opcodes.binary) sound(headerBytes, isPrompt, bytes, at, size);
						// What announces a binary message begins with 45, and is not even read.
						else if (opcode === opcodes.text && (size === 1 || bytes[at + 1] !== 0x35))
							told(bytes.toString('latin1', at, at + size));
					},
					gone(why) {
						begun.reject(new Error(`${where}: ${why}`));
						gone(`${where}: ${why}`);
					},
				});
				opened.push(socket);
				sockets.push(socket);
				if (early !== undefined) told(early);
				if (manner !== 'silent') await begun.promise;
				if (!isPrompt) {
					socket.readWhenLooked();
					lazy.push(socket);
				}
				heardBy[call] = (heardBy[call] ?? 0) + 1;
			});
			if (manner !== 'ycord') return;
			const share = pinging.length === 0 ? 0 : pinged / pinging.length;
			pinging.push(...opened);
			pinged = Math.floor(share * pinging.length);
			if (beganPingingMs === 0) pingFromNowOn();
		},
		start(which) {
			const stopCalls = calls.start(which, (payload, call, late) => {
				payload.writeUInt32BE(nowUs(), 0);
				payload[tagAt] = isOpen ? tag : 0;
				lateMs = Math.max(lateMs, late);
				if (isOpen) expected += heardBy[call] ?? 0;
			});
			const sleepAgain = awake ? wakeful.stay() : () => {};
			const stopLooking = lookAround(lookEveryMs);
			stopSending = () => {
				stopCalls();
				stopLooking();
				sleepAgain();
			};
		},
		pause: () => stopSending(),
		leave() {
			calls.leave();
			for (const socket of sockets) socket.destroy();
		},
		begin() {
			// One byte tells the windows apart, and 0 is none of them.
			tag = (tag % 255) + 1;
			expected = received = delivered = messages = lateMs = 0;
			delays.clear();
			newest.clear();
			wakeful.takeWorkedMs();
			isOpen = true;
			beganMs = performance.now();
			cpuBefore = process.cpuUsage();
		},
		end() {
			isOpen = false;
			const windowMs = performance.now() - beganMs;
			const { user, system } = process.cpuUsage(cpuBefore);
			const busyMs = awake ? wakeful.takeWorkedMs() : (user + system) / 1000;
			return { windowMs, delivered, messages, busy: busyMs / windowMs, lateMs };
		},
		async settle() {
			await sleep(tailMs);
			stopSending();
			const stopLooking = lookAround(lookEveryMs);
			let before = -1;
			let idleMs = 0;
			while (received < expected && idleMs < noProgressMs) {
				idleMs = received === before ? idleMs + settleStepMs : 0;
				before = received;
				await sleep(settleStepMs);
			}
			stopLooking();
			return {
				expected,
				lost: expected - received,
				p50Ms: delays.percentileMs(0.5),
				p99Ms: delays.percentileMs(0.99),
				p999Ms: delays.percentileMs(0.999),
				newestP50Ms: newest.percentileMs(0.5),
				newestP99Ms: newest.percentileMs(0.99),
			};
		},
	};
}
