import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { hangUp } from '#server/hang-up.ts';
import { callLabel } from '#server/telephony/call-label.ts';
import { closeReasonOf } from '#server/telephony/close-reason.ts';
import { readSoundAndText } from '#server/telephony/hot-frames.ts';
import type { L16Dialect, L16Greeting } from '#server/telephony/l16/greeting.ts';
import { linearSamples } from '#server/telephony/l16/samples.ts';
import { silenceWatch } from '#server/telephony/silence-watch.ts';
import type { IncomingCall, Intake, LiveCall } from '#server/telephony/telephony.ts';
import { onWireFault } from '#server/telephony/wire-fault.ts';
import { frameMs, type Leg } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { CloseReason } from '#shared/close-codes.ts';

/** How long a stream may be open without its first message. (protocols.md 7.2) */
export const startWithinMs = 5000;
/** These platforms send silence too: one that sends nothing for so long is a dead connection. */
export const silentAfterMs = 30_000;
/** Twenty milliseconds of two channels at 16 kHz are 1,280 bytes. */
const maxMessageBytes = 65_536;

export interface L16StreamNeeds {
	dialect: L16Dialect;
	intake: Intake;
	clock: Clock;
	/** What the socket is on, to read sound from in front of `ws`. */
	connection?: Socket | undefined;
	/** What stands behind the path. */
	address: Readonly<Record<string, unknown>>;
	/** Who gets the calls whose first message names no agent. */
	defaultAgentId?: string | undefined;
	startWithinMs?: number | undefined;
	silentAfterMs?: number | undefined;
	/** It has a call. */
	begun?: (() => void) | undefined;
	/** What the log should say of the stream's end; `why` is our own text. */
	over?:
		| ((outcome: { callId: string | undefined; reason: 'closed' | 'dropped' | CloseReason; why: string }) => void)
		| undefined;
	/** An error of ours, not of the peer. */
	failed?: ((error: unknown) => void) | undefined;
}

/** Closed in order: the stream was stopped, or the call hung up. No code at all is how libwebsockets says it. (RFC 6455, 7.1.5) */
const orderly = new Set([1000, 1005]);

/**
 * One stream's life on its socket: a first text, then sound, and texts of the platform's own that are not ours to read.
 * We never send a message on it. [S3] Gives back what lets go of the call because the server goes away.
 */
export function l16Stream(socket: WebSocket, needs: L16StreamNeeds): () => void {
	const { clock, dialect, intake } = needs;
	let call: LiveCall | undefined;
	let isOver = false;
	let hear: (bytes: Uint8Array) => void = () => leave('malformed', 'sound before the first message');
	const stopWaiting = clock.after(needs.startWithinMs ?? startWithinMs, () => leave('noStart'));
	const watch = silenceWatch(
		clock,
		() => needs.silentAfterMs ?? silentAfterMs,
		() => leave('silent'),
	);

	function finish(reason: 'closed' | 'dropped' | CloseReason, why = '') {
		isOver = true;
		stopWaiting();
		watch.stop();
		needs.over?.({ callId: call?.callId, reason, why });
	}

	function leave(reason: CloseReason, why = '') {
		if (isOver) return;
		finish(reason, why);
		hangUp(socket, reason, why);
		// The telephone call may go on without its stream: then its sound is lost, not over.
		call?.lost();
	}

	function begin(greeting: L16Greeting) {
		const agentId = greeting.agent || needs.defaultAgentId;
		if (!agentId) return leave('unknownAgent', `say agent in the first message, or set ${dialect.agentSetting}`);
		const legs = legsOf(greeting);
		let refused = false;
		const started = intake.started(incomingCall(dialect, greeting, agentId, legs), (refusal) => {
			refused = true;
			leave(closeReasonOf(refusal), refusal.code);
		});
		if (refused) return;
		call = started;
		stopWaiting();
		needs.begun?.();
		const samples = linearSamples(greeting.channels);
		const frameSamples = (greeting.rate * frameMs) / 1000;
		hear = (bytes) => {
			const pieces = samples(bytes);
			const length = pieces[0]?.length ?? 0;
			// In turn, at most 20 ms at once: a leg that came whole before the other would leave without it.
			for (let from = 0; from < length; from += frameSamples)
				for (const [channel, leg] of legs.entries())
					started.sound(leg, (pieces[channel] as Uint8Array).subarray(from, from + frameSamples));
		};
	}

	/** What a message handler throws reaches nobody's error handler: it must not get out. */
	function heard<Bytes extends Uint8Array>(read: (bytes: Bytes) => void, bytes: Bytes) {
		if (isOver) return;
		watch.heard();
		if (bytes.length > maxMessageBytes) return leave('tooLarge');
		try {
			read(bytes);
		} catch (error) {
			needs.failed?.(error);
			leave('failed');
		}
	}
	readSoundAndText(socket, needs.connection, {
		sound: (bytes) => heard((one) => hear(one), bytes),
		text: (bytes) =>
			heard((one) => {
				// What comes after the first are the platform's events, such as keys that were pressed: nothing we keep.
				if (call) return;
				const greeting = dialect.read(one.toString(), needs.address);
				if ('wrong' in greeting) return leave('malformed', greeting.wrong);
				begin(greeting);
			}, bytes),
	});
	onWireFault(socket, (reason) => leave(reason));
	socket.on('close', (code: number) => {
		if (isOver) return;
		finish(orderly.has(code) ? 'closed' : 'dropped');
		if (orderly.has(code)) call?.ended('hung-up');
		else call?.lost();
	});
	return () => leave('draining');
}

/** Which leg each channel is. Alone it is the customer's: a stream of one channel hears who called, or everybody. */
function legsOf({ channels, agentFirst }: L16Greeting): readonly Leg[] {
	if (channels === 1) return [agentFirst ? 'agent' : 'customer'];
	return agentFirst ? ['agent', 'customer'] : ['customer', 'agent'];
}

function incomingCall(
	{ name, audible }: L16Dialect,
	greeting: L16Greeting,
	agentId: string,
	legs: readonly Leg[],
): IncomingCall {
	const { callId, rate, hears, disclosure, queue, from, to, language, labels } = greeting;
	return {
		gateway: name,
		platformId: callId,
		agentId,
		label: callLabel(greeting),
		codec: rate === 16_000 ? 'pcmu16' : 'pcmu',
		legs,
		disclosure: disclosure ?? 'notice',
		rehearsal: false,
		about: { queue, from, to, language, labels },
		...(hears === 'mix' ? { hears } : {}),
		...(audible ? { audible } : {}),
	};
}
