import { qualityOf, soundDelayMs, type Trouble } from '#client/audio/delay.ts';
import { type Player, type PlayerControls, player } from '#client/audio/player.ts';
import { tabClock } from '#client/live/clock.ts';
import { lastingSocket, type SocketNeeds } from '#client/live/lasting-socket.ts';
import type { ClosedBecause } from '#client/live/link.ts';
import { socketUrl } from '#client/live/socket.ts';
import { type Store, store } from '#client/live/store.ts';
import type { ToListener } from '#shared/live.ts';
import type { Role } from '#shared/people.ts';

export interface ListeningState {
	/**
	 * `playing`: connected, and what comes is heard; whether the call is held or protected is the live view's to say.
	 * `paused`: connected, and this device plays nothing, because a phone call or another program took its sound.
	 */
	at: 'connecting' | 'playing' | 'paused' | 'waiting' | 'closed';
	/** Why it was closed, and in words. */
	reason?: ClosedBecause;
	text?: string;
	/** Measured: from the server's hand to this device's speaker. Absent until known, and while nothing plays. */
	delayMs?: number;
	/** Sound waiting here to be played. */
	bufferMs: number;
	/** Sound that was not heard, here or because the connection was too slow. */
	lostMs: number;
	/** Of the last ten seconds. */
	quality: 'good' | 'fair' | 'poor';
}

/** Hearing a call, in silence: nothing but text pings leave this tab. [S1] */
export interface ListeningSound extends PlayerControls {
	state: Store<ListeningState>;
	/** Asks the device for its sound again; in a click, where some browsers demand one. */
	wake(): void;
	stop(): void;
}

export interface ListeningNeeds extends SocketNeeds {
	listeningId: string;
	role: Role;
	/** Running: made or resumed in a click. */
	context: AudioContext;
	url?: string;
	/** What plays; a test's stand-in fits too. */
	openPlayer?: (context: AudioContext) => Player;
}

/** How far back quality looks: forty readings, four a second. */
const readingsKept = 40;

/** Connects to a listening's sound and plays it, reconnecting until it is closed for good. */
export function openListening(needs: ListeningNeeds): ListeningSound {
	const { listeningId, role, context, openPlayer = player, clock = tabClock } = needs;
	const { url = socketUrl(`/sound/${encodeURIComponent(listeningId)}?as=${role}`) } = needs;
	const sound = openPlayer(context);
	const state = store<ListeningState>({ at: 'connecting', bufferMs: 0, lostMs: 0, quality: 'good' });
	const readings: Trouble[] = [];
	/** Lost to the slow connection, by the server's count: on this connection, and on those before it. */
	let behindMs = 0;
	let behindBeforeMs = 0;
	let failed: string | undefined;

	const show = () => {
		const link = socket.state.get();
		const { bufferMs, underruns, missedMs, lostMs, serverMs, contextMs, playing } = sound.stats.get();
		// What the server dropped is a hole here too, if it was short: the larger of the two counts is nearer the truth.
		const trouble = { underruns, missedMs, lostMs: Math.max(lostMs + missedMs, behindBeforeMs + behindMs) };
		readings.push(trouble);
		if (readings.length > readingsKept) readings.shift();
		const delayMs =
			link.at === 'open' && context.state === 'running' && playing && serverMs !== undefined
				? soundDelayMs({
						serverMs,
						contextMs,
						serverNowMs: socket.serverClock.now(),
						contextNowMs: context.currentTime * 1000,
						outputMs: ((context.outputLatency || 0) + (context.baseLatency || 0)) * 1000,
					})
				: undefined;
		const closed = link.at === 'closed' ? { reason: link.reason, text: link.text } : {};
		const next: ListeningState = {
			at: link.at !== 'open' ? link.at : context.state === 'running' ? 'playing' : 'paused',
			...(failed === undefined ? closed : { at: 'closed', reason: 'other', text: failed }),
			...(delayMs === undefined ? {} : { delayMs }),
			bufferMs: Math.round(bufferMs),
			lostMs: Math.round(trouble.lostMs),
			quality: qualityOf(readings[0] as Trouble, trouble, bufferMs, delayMs),
		};
		if (JSON.stringify(next) !== JSON.stringify(state.get())) state.set(next);
	};
	const said = (message: ToListener) => {
		if (message.type === 'listening') socket.greeted(message.serverMs);
		else if (message.type === 'behind') behindMs = message.droppedMs;
	};
	const socket = lastingSocket(
		{
			url,
			text: (message) => said(message as ToListener),
			binary: (message) => sound.push(message),
			lost() {
				behindBeforeMs += behindMs;
				behindMs = 0;
			},
		},
		{ ...needs, clock },
	);
	context.addEventListener('statechange', show);
	const stops = [
		socket.state.subscribe(show),
		sound.stats.subscribe(show),
		() => context.removeEventListener('statechange', show),
	];
	sound.ready.catch(() => {
		failed = 'This browser cannot play the sound. A newer one can.';
		socket.close();
		show();
	});

	return {
		setVolume: sound.setVolume,
		setMuted: sound.setMuted,
		setBalance: sound.setBalance,
		setStereo: sound.setStereo,
		levels: sound.levels,
		output: sound.output,
		state,
		wake: () => void context.resume().catch(() => {}),
		stop() {
			socket.close();
			for (const stop of stops) stop();
			sound.stop();
		},
	};
}
