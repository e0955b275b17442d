import { tabClock } from '#client/live/clock.ts';
import { browserSocket, type OpenSocket, type Socket, socketUrl } from '#client/live/socket.ts';
import { type Store, store } from '#client/live/store.ts';
import { type Codec, encodeSound, frameMs, soundBytes } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import { type CloseReason, closeCodes, mayComeBack } from '#shared/close-codes.ts';
import type { SurveyTold } from '#shared/survey.ts';

export interface SurveyLineState {
	/**
	 * `ready`: the server knows this tab, and nothing is sent yet; `live`: what is said goes to the customer; `lost`: the
	 * connection broke and a new one is on its way; `over`: it ended, and does not come back.
	 */
	at: 'connecting' | 'ready' | 'live' | 'lost' | 'over';
	/** Why it is over. */
	reason?: CloseReason | 'other';
	/** What the call's platform takes: told before the first frame is let through. */
	codec?: Codec;
	/** Frames that did not reach the customer in time: given up by the server, or by this device. */
	droppedFrames: number;
}

/** The executive's voice on its way into a survey segment: the one thing in Ycord that a listener's tab ever sends. [S2] */
export interface SurveyLine {
	state: Store<SurveyLineState>;
	/** 20 ms. Sent while `live`, in the call's codec; at any other time, and in any other, nothing leaves this tab. */
	say(frame: Uint8Array<ArrayBuffer>, codec: Codec): void;
	stop(): void;
}

export interface SurveyLineNeeds {
	/** Where `take-line` led to. Good for one connection. [T1] */
	path: string;
	/** Takes the line again, for a fresh address. Rejects for good with an error whose `retry` is false. */
	again: () => Promise<string>;
	openSocket?: OpenSocket;
	clock?: Clock;
	urlOf?: (path: string) => string;
}

/** Own sound that may wait in this device, in messages: 160 ms. What does not fit is lost, rather than heard late. [B1] */
const mostWaiting = 8;
/** Often, for the line is lost after 3 s: a server that does not answer for so long is asked anew while there is time. [T4] */
const pingEveryMs = 500;
const silentMs = 1500;
/** Before what was refused for a while, or could not be asked, is asked again; and when that ends. */
const againMs = 300;
const giveUpMs = 10_000;

/** Opens the survey socket. While the segment is live a lost connection is replaced at once, under a fresh address. [T4] */
export function surveyLine({ path, again, ...needs }: SurveyLineNeeds): SurveyLine {
	const { openSocket = browserSocket, clock = tabClock, urlOf = socketUrl } = needs;
	const state = store<SurveyLineState>({ at: 'connecting', droppedFrames: 0 });
	const stops = new Set<() => void>();
	let socket: Socket | undefined;
	let told: SurveyTold | undefined;
	let wasLive = false;
	let sequence = 0;
	let unsent = 0;
	let heardAtMs = 0;
	let lostAtMs: number | undefined;

	const show = (at: SurveyLineState['at'], reason?: SurveyLineState['reason']) => {
		const droppedFrames = (told?.droppedFrames ?? 0) + unsent;
		const before = state.get();
		if (before.at === at && before.droppedFrames === droppedFrames) return;
		state.set({
			at,
			droppedFrames,
			...(told ? { codec: told.codec } : {}),
			...(reason === undefined ? {} : { reason }),
		});
	};
	const release = (code?: number) => {
		for (const stop of stops) stop();
		stops.clear();
		const old = socket;
		socket = undefined;
		if (!old) return;
		old.onopen = null;
		old.onmessage = null;
		old.onclose = null;
		if (code !== undefined) old.close(code);
	};
	const end = (reason: SurveyLineState['reason'], code?: number) => {
		release(code);
		show('over', reason);
	};
	const isOver = () => state.get().at === 'over';
	const alarm = (ms: number, ring: () => void) => {
		const stop = clock.after(ms, () => {
			stops.delete(stop);
			ring();
		});
		stops.add(stop);
	};
	const received = (content: unknown) => {
		heardAtMs = clock.now();
		if (typeof content !== 'string') return;
		const message = parsed(content);
		if (message?.type !== 'survey') return;
		told = message;
		wasLive ||= message.state === 'live';
		lostAtMs = undefined;
		show(message.state);
	};
	const lost = () => {
		release(closeCodes.silent.code);
		// Before it was live there is nothing to come back to: the server has found this connection gone.
		if (!wasLive) return end('other');
		show('lost');
		lostAtMs ??= clock.now();
		retake();
	};
	function retake() {
		again().then(
			(fresh) => !isOver() && connect(fresh),
			(error: unknown) => {
				if (isOver()) return;
				const passes = (error as { refusal?: { retry?: boolean } }).refusal?.retry === true;
				if (!passes || clock.now() - (lostAtMs ?? 0) > giveUpMs) return end('other');
				alarm(againMs, retake);
			},
		);
	}
	function connect(to: string) {
		heardAtMs = clock.now();
		const opened = openSocket(urlOf(to));
		socket = opened;
		opened.binaryType = 'arraybuffer';
		opened.onopen = () => beat(opened);
		opened.onmessage = (event) => received(event.data);
		opened.onclose = ({ code }) => {
			release();
			if (mayComeBack(code)) return lost();
			end(reasonOf(code));
		};
		watch();
	}
	function beat(opened: Socket) {
		if (socket !== opened) return;
		opened.send(JSON.stringify({ type: 'ping', at: clock.now() }));
		alarm(pingEveryMs, () => beat(opened));
	}
	function watch() {
		alarm(pingEveryMs, () => {
			if (clock.now() - heardAtMs >= silentMs) lost();
			else watch();
		});
	}

	connect(path);
	return {
		state,
		say(frame, codec) {
			// The microphone's clock goes on while nothing is sent: a pause must stay a pause.
			const mediaMs = sequence * frameMs;
			const number = sequence++;
			if (state.get().at !== 'live' || !socket || !told) return;
			// In another codec is only what was on its way from the microphone when it was told this one.
			if (codec !== told.codec || socket.bufferedAmount > mostWaiting * soundBytes(codec, 1, 1)) {
				unsent++;
				return;
			}
			const header = { codec, frames: 1, sequence: number, mediaMs, serverMs: 0 };
			socket.send(encodeSound(header, { executive: frame }));
		},
		stop() {
			if (!isOver()) end('other', 1000);
		},
	};
}

const reasonOf = (code: number): CloseReason | 'other' =>
	(Object.keys(closeCodes) as CloseReason[]).find((reason) => closeCodes[reason].code === code) ?? 'other';

/** What the server says, or nothing: what this tab does not understand it does not stumble over. */
function parsed(text: string): SurveyTold | undefined {
	try {
		return JSON.parse(text) as SurveyTold;
	} catch {
		return undefined;
	}
}
