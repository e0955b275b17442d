import { soundDelayMs } from '#client/audio/delay.ts';
import { type Microphone, type MicrophoneNeeds, openMicrophone } from '#client/audio/microphone.ts';
import { type Player, player } from '#client/audio/player.ts';
import { waitingTone } from '#client/audio/waiting-tone.ts';
import { tabClock } from '#client/live/clock.ts';
import { lastingSocket, type SocketNeeds } from '#client/live/lasting-socket.ts';
import { socketUrl } from '#client/live/socket.ts';
import { type Store, store } from '#client/live/store.ts';
import { encodeSound, frameMs, legBits, lineCodec, soundBytes } from '#shared/audio.ts';
import type { FromLineEnd, LineTold, ToLineEnd } from '#shared/line.ts';

export interface LineState {
	/** `waiting`: for the other end; `lost`: the link is gone and comes back by itself; `closed`: it does not. */
	at: 'connecting' | 'waiting' | 'talking' | 'held' | 'lost' | 'ended' | 'closed';
	text?: string;
	/** Measured, from the server's hand to this device's speaker; absent until known, and while nothing plays. */
	delayMs?: number;
	/** When the two first talked: server time, ms since 1970. */
	startedAtMs?: number;
	/** An executive has the customer, and this is what the customer is told of them. */
	executive?: { shownAs: string };
	/** The agent's end, while the executive has the customer: nobody hears it. */
	silenced?: true;
	/** The other end was lost: server time at which the call ends unless it is back. */
	endsAtMs?: number;
}

/** One end of a browser line: a microphone and what the other end says. */
export interface Line {
	state: Store<LineState>;
	mute(muted: boolean): void;
	/** The agent's end only. */
	hold(): void;
	resume(): void;
	/** The customer's end only: away from the executive, back to the agent, at once. */
	withdraw(): void;
	/** Ends the call for both. */
	hangUp(): void;
	/** Ms since 1970 by the server's clock: for the call's own. */
	serverNow(): number;
	/** For meters, on the player's scale; an executive is `theirs` at the customer's end. */
	levels(): { mine: number; theirs: number; executive: number };
	/** Leaves and lets go of the microphone, without hanging up. */
	stop(): void;
}

export interface LineNeeds extends SocketNeeds {
	secret: string;
	end: 'customer' | 'agent';
	/** Running, at the device's own rate: made or resumed in a click. */
	context: AudioContext;
	deviceId?: string;
	url?: string;
	/** What plays and what captures; a test's stand-ins fit too. */
	openPlayer?: (context: AudioContext) => Player;
	openMic?: (context: AudioContext, needs: MicrophoneNeeds) => Promise<Microphone>;
	openTone?: typeof waitingTone;
}

/** Own sound that may wait in this device: 160 ms. What does not fit is lost, rather than heard late. [B1] */
const mostWaiting = 8 * soundBytes(lineCodec, 1, 1);

/** Asks for the microphone, then joins. Rejects with `MicrophoneRefused`. */
export async function joinLine(needs: LineNeeds): Promise<Line> {
	const { secret, end, context, deviceId, clock = tabClock } = needs;
	const { openPlayer = player, openMic = openMicrophone, openTone = waitingTone } = needs;
	const state = store<LineState>({ at: 'connecting' });
	let sequence = 0;
	let micGone: string | undefined;
	let told: LineTold | undefined;
	/** The customer took their consent back, and the server has not said so yet. */
	let withdrawn = false;
	let stopTone: (() => void) | undefined;

	const mic = await openMic(context, {
		...(deviceId === undefined ? {} : { deviceId }),
		codec: lineCodec,
		onFrame(frame) {
			// The microphone's clock goes on while nothing is sent: a pause must stay a pause.
			const header = { codec: lineCodec, frames: 1, sequence, mediaMs: sequence * frameMs, serverMs: 0 } as const;
			sequence++;
			if (state.get().at === 'talking') socket.sendBytes(encodeSound(header, { [end]: frame }), mostWaiting);
		},
		onEnded() {
			micGone = 'Your microphone is gone: you are not heard. Plug it in and join again.';
			show();
		},
	});
	const sound = openPlayer(context);

	const at = (): LineState['at'] => {
		const link = socket.state.get();
		if (told?.state === 'ended') return 'ended';
		if (link.at === 'closed') return link.reason === 'callEnded' ? 'ended' : 'closed';
		if (link.at === 'open' && told) return told.state;
		return link.at === 'waiting' || told ? 'lost' : 'connecting';
	};
	const delay = () => {
		const { playing, serverMs, contextMs } = sound.stats.get();
		if (!playing || serverMs === undefined || at() !== 'talking') return undefined;
		return soundDelayMs({
			serverMs,
			contextMs,
			serverNowMs: socket.serverClock.now(),
			contextNowMs: context.currentTime * 1000,
			outputMs: ((context.outputLatency || 0) + (context.baseLatency || 0)) * 1000,
		});
	};
	const silenceTone = () => {
		stopTone?.();
		stopTone = undefined;
	};
	const show = () => {
		const link = socket.state.get();
		const text = at() === 'closed' && link.at === 'closed' ? link.text : micGone;
		const delayMs = delay();
		const next: LineState = {
			at: at(),
			...(text === undefined ? {} : { text }),
			...(delayMs === undefined ? {} : { delayMs }),
			...(told?.startedAtMs === undefined ? {} : { startedAtMs: told.startedAtMs }),
			// Of a line that was lost nobody knows here who has it.
			...(told && at() === told.state ? whoHasIt(told) : {}),
		};
		const waits = end === 'customer' && next.endsAtMs !== undefined;
		if (waits) stopTone ??= openTone(context, clock.every);
		else silenceTone();
		if (JSON.stringify(next) !== JSON.stringify(state.get())) state.set(next);
		// For good: nobody must sit before a microphone that is still open.
		if (next.at === 'ended' || next.at === 'closed') leave();
	};
	const socket = lastingSocket(
		{
			url: needs.url ?? socketUrl(`/line/sound/${encodeURIComponent(secret)}`),
			text(message) {
				const said = message as ToLineEnd;
				if (said.type !== 'line') return;
				// Another speaks from here on: what still waits of the one before is over, and the delay it had built up with it.
				if (end === 'customer' && told && told.with !== said.with) sound.hush();
				if (said.with === 'agent') withdrawn = false;
				told = said;
				if (socket.state.get().at !== 'open') socket.greeted();
				show();
			},
			binary(message) {
				// From the press of the key on, not from its way to the server and back. [C2]
				if (!withdrawn || !isExecutive(message)) sound.push(message);
			},
		},
		{ ...needs, clock },
	);
	const stops = [socket.state.subscribe(show), sound.stats.subscribe(show)];
	sound.ready.catch(() => {
		leave();
		state.set({ at: 'closed', text: 'This browser cannot play the sound. A newer one can.' });
	});
	function leave() {
		for (const stop of stops) stop();
		socket.close();
		sound.stop();
		mic.stop();
		silenceTone();
	}
	const say = (message: FromLineEnd) => socket.send(message);

	return {
		state,
		mute: mic.mute,
		hold: () => say({ type: 'hold' }),
		resume: () => say({ type: 'resume' }),
		withdraw() {
			withdrawn = say({ type: 'withdraw' });
			sound.hush();
		},
		hangUp() {
			if (say({ type: 'hang-up' })) return;
			// Nobody to tell: leave, and the server ends the call when it finds this end gone.
			leave();
			state.set({ at: 'closed', text: 'You left while the connection was lost. The call ends by itself.' });
		},
		serverNow: socket.serverClock.now,
		levels: () => {
			const { customer, agent, executive } = sound.levels();
			return end === 'customer'
				? { mine: mic.level(), theirs: Math.max(agent, executive), executive: 0 }
				: { mine: mic.level(), theirs: customer, executive };
		},
		stop: leave,
	};
}

/** Whose the line is, in the words of this end. */
const whoHasIt = ({ with: who, shownAs = '', muted, endsAtMs }: LineTold) => ({
	...(who === 'executive' ? { executive: { shownAs } } : {}),
	...(muted ? { silenced: true as const } : {}),
	...(endsAtMs === undefined ? {} : { endsAtMs }),
});

/** The second byte of a sound message: its legs. */
const isExecutive = (message: ArrayBuffer) => ((new Uint8Array(message)[1] ?? 0) & legBits.executive) !== 0;
