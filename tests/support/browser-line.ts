import { lines } from '#server/telephony/line/lines.ts';
import { decodeSound, encodeSound, frameBytes, lineCodec } from '#shared/audio.ts';
import { handClock } from '#tests/support/clock.ts';
import { type FakeSocket, fakeSocket } from '#tests/support/fake-socket.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';

/** Browser lines without a network: an intake that takes down, a clock by hand. */
export function lineHouse() {
	const intake = recordingIntake();
	const clock = handClock();
	let secrets = 0;
	let ids = 0;
	const open = lines({
		intake,
		clock,
		newSecret: () => String(secrets++).padStart(43, 's'),
		newId: () => `l${ids++}`,
		failed: (_callId, error) => {
			throw error;
		},
	});
	return { intake, clock, open };
}

/** One line; `join` puts a connection on an end. */
export function openedLine() {
	const { intake, clock, open } = lineHouse();
	const { callId, agentSecret, customerSecret } = open.open({
		agentId: 'ann',
		agentName: 'Ann Agent',
		label: 'A call',
	});
	const join = (end: 'customer' | 'agent') => {
		const socket = fakeSocket();
		open.connect(end === 'agent' ? agentSecret : customerSecret, socket.asWebSocket);
		return socket;
	};
	return { intake, clock, open, join, callId, agentSecret, customerSecret };
}

/** One line with both ends on it. */
export function talkingLine() {
	const line = openedLine();
	const agent = line.join('agent');
	const customer = line.join('customer');
	return { ...line, agent, customer };
}

export const lineFrame = (byte: number, frames = 1) => new Uint8Array(frameBytes(lineCodec) * frames).fill(byte);
/** What an end sends. */
export const lineSound = (end: 'customer' | 'agent', mediaMs: number, byte = 1, frames = 1) =>
	encodeSound({ codec: lineCodec, frames, sequence: 0, mediaMs, serverMs: 0 }, { [end]: lineFrame(byte, frames) });
/** What an end was told, state by state. */
export const lineStates = (socket: FakeSocket) =>
	socket.sent.flatMap((one) =>
		typeof one === 'string' && JSON.parse(one).type === 'line' ? [JSON.parse(one).state] : [],
	);
/** The sound messages an end was sent. */
export const soundSentTo = (socket: FakeSocket) =>
	socket.sent.flatMap((one) => {
		const message = typeof one === 'string' ? 'text' : decodeSound(one);
		return typeof message === 'string' ? [] : [message];
	});
