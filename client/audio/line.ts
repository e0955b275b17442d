import { soundDelayMs } from '#client/audio/delay.ts';
import { type Microphone, type MicrophoneNeeds, openMicrophone } from '#client/audio/microphone.ts';
import { type Player, player } from '#client/audio/player.ts';
import { tabClock } from '#client/live/clock.ts';
import { lastingSocket, type SocketNeeds } from '#client/live/lasting-socket.ts';
import { socketUrl } from '#client/live/socket.ts';
import { type Store, store } from '#client/live/store.ts';
import { encodeSound, frameMs } from '#shared/audio.ts';
import type { FromLineEnd, ToLineEnd } from '#shared/line.ts';

export interface LineState {
	/** `waiting`: for the other end; `lost`: the link is gone and comes back by itself; `closed`: it does not. */
	at: 'connecting' | 'waiting' | 'talking' | 'held' | 'lost' | 'ended' | 'closed';
	text?: string;
	/** Measured, from the server's hand to this device's speaker; absent until known, and while nothing plays. */
	delayMs?: number;
	/** When the two first talked: server time, ms since 1970. */
	startedAtMs?: number;
}

/** One end of a browser line: a microphone and what the other end says. */
export interface Line {
	state: Store<LineState>;
	mute(muted: boolean): void;
	/** The agent's end only. */
	hold(): void;
	resume(): void;
	/** Ends the call for both. */
	hangUp(): void;
	/** Ms since 1970 by the server's clock: for the call's own. */
	serverNow(): number;
	/** For meters, on the player's scale. */
	levels(): { mine: number; theirs: number };
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
}

/** Own sound that may wait in this device: 160 ms. What does not fit is lost, rather than heard late. [B1] */
const mostWaiting = 8 * 176;

/** Asks for the microphone, then joins. Rejects with `MicrophoneRefused`. */
export async function joinLine(needs: LineNeeds): Promise<Line> {
	const { secret, end, context, deviceId, clock = tabClock, openPlayer = player, openMic = openMicrophone } = needs;
	const state = store<LineState>({ at: 'connecting' });
	let sequence = 0;
	let micGone: string | undefined;
	let told: (ToLineEnd & { type: 'line' }) | undefined;

	const mic = await openMic(context, {
		...(deviceId === undefined ? {} : { deviceId }),
		onFrame(frame) {
			// The microphone's clock goes on while nothing is sent: a pause must stay a pause.
			const header = { codec: 'pcmu', frames: 1, sequence, mediaMs: sequence * frameMs, serverMs: 0 } as const;
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
	const show = () => {
		const link = socket.state.get();
		const text = at() === 'closed' && link.at === 'closed' ? link.text : micGone;
		const delayMs = delay();
		const next: LineState = {
			at: at(),
			...(text === undefined ? {} : { text }),
			...(delayMs === undefined ? {} : { delayMs }),
			...(told?.startedAtMs === undefined ? {} : { startedAtMs: told.startedAtMs }),
		};
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
				told = said;
				if (socket.state.get().at !== 'open') socket.greeted();
				show();
			},
			binary: (message) => sound.push(message),
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
	}
	const say = (message: FromLineEnd) => socket.send(message);

	return {
		state,
		mute: mic.mute,
		hold: () => say({ type: 'hold' }),
		resume: () => say({ type: 'resume' }),
		hangUp() {
			if (say({ type: 'hang-up' })) return;
			// Nobody to tell: leave, and the server ends the call when it finds this end gone.
			leave();
			state.set({ at: 'closed', text: 'You left while the connection was lost. The call ends by itself.' });
		},
		serverNow: socket.serverClock.now,
		levels: () => {
			const { customer, agent, executive } = sound.levels();
			return { mine: mic.level(), theirs: end === 'customer' ? Math.max(agent, executive) : customer };
		},
		stop: leave,
	};
}
