import { dataRate } from '#client/audio/data-rate.ts';
import { qualityOf, soundDelayMs, type Trouble } from '#client/audio/delay.ts';
import { lastingPlayer } from '#client/audio/lasting-player.ts';
import { type Missed, missedWatch } from '#client/audio/missed.ts';
import { type Player, type PlayerControls, player } from '#client/audio/player.ts';
import { tabClock } from '#client/live/clock.ts';
import { lastingSocket, type SocketNeeds } from '#client/live/lasting-socket.ts';
import type { ClosedBecause } from '#client/live/link.ts';
import { socketUrl } from '#client/live/socket.ts';
import { type Store, store } from '#client/live/store.ts';
import type { SoundForm } from '#shared/audio.ts';
import type { FromListener, ToListener } from '#shared/live.ts';
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
	/** The last stretch of the call that was not heard, if it was more than a crackle. */
	missed?: Missed;
	/** In which form the sound comes. [A10] */
	form: SoundForm;
	/** What the connection carries, measured over ten seconds, and what it has carried so far. */
	kbitPerSecond: number;
	megabytes: number;
	/** Frames of 20 ms in a message: more than one in low data, or while the server is busy. [A11] */
	frames: number;
	/** Of the last ten seconds. */
	quality: 'good' | 'fair' | 'poor';
}

/** Hearing a call, in silence: nothing but text pings leave this tab. [S1] */
export interface ListeningSound extends PlayerControls {
	state: Store<ListeningState>;
	/** Each voice by itself, both in one, or with as little data as can be; from the next message on, and on this page's next connections. */
	choose(form: SoundForm): void;
	/** Asks the device for its sound again; in a click, where some browsers demand one. */
	wake(): void;
	stop(): void;
}

export interface ListeningNeeds extends SocketNeeds {
	listeningId: string;
	role: Role;
	/** Running: made or resumed in a click. */
	context: AudioContext;
	form?: SoundForm;
	url?: string;
	/** What plays; a test's stand-in fits too. */
	openPlayer?: (context: AudioContext) => Player;
	/** Another context, when the device of the first is gone. */
	openContext?: () => AudioContext;
	/** Tells when audio devices come and go; gives back its stop. */
	whenDevicesChange?: (changed: () => void) => () => void;
}

/** What the frame around a sound message takes. (RFC 6455, 5.2) */
const frameHeadBytes = 4;
/**
 * The context that a call is heard in: at the highest rate a call has. What the device wants is the browser's own work,
 * which it does for a third of what it costs in a worklet. To be made in a click.
 */
export const listeningContext = (): AudioContext =>
	new AudioContext({ latencyHint: 'interactive', sampleRate: 16_000 });
const browserDevices = (changed: () => void) => {
	const devices = typeof navigator === 'undefined' ? undefined : navigator.mediaDevices;
	devices?.addEventListener('devicechange', changed);
	return () => devices?.removeEventListener('devicechange', changed);
};

/** How far back quality looks: forty readings, four a second. */
const readingsKept = 40;

/** Connects to a listening's sound and plays it, reconnecting until it is closed for good. */
export function openListening(needs: ListeningNeeds): ListeningSound {
	const { listeningId, role, openPlayer = player, clock = tabClock } = needs;
	const { openContext = listeningContext, whenDevicesChange = browserDevices } = needs;
	const { url = socketUrl(`/sound/${encodeURIComponent(listeningId)}?as=${role}`) } = needs;
	let form = needs.form ?? 'both';
	const nothing = { bufferMs: 0, lostMs: 0, kbitPerSecond: 0, megabytes: 0, frames: 1 };
	const state = store<ListeningState>({ at: 'connecting', ...nothing, form, quality: 'good' });
	const data = dataRate(clock.now);
	const missed = missedWatch();
	const readings: Trouble[] = [];
	/** Lost to the slow connection, by the server's count: on this connection, and on those before it. */
	let behindMs = 0;
	let behindBeforeMs = 0;
	let failed: string | undefined;

	const show = () => {
		const link = socket.state.get();
		const { context } = sound;
		const { bufferMs, underruns, missedMs, lostMs, mediaMs, serverMs, contextMs, playing, frames } = sound.stats.get();
		// What the server dropped is a hole here too, if it was short: the larger of the two counts is nearer the truth.
		const trouble = { underruns, missedMs, lostMs: Math.max(lostMs + missedMs, behindBeforeMs + behindMs) };
		readings.push(trouble);
		missed.seen(trouble.lostMs, mediaMs);
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
			...(missed.last ? { missed: missed.last } : {}),
			form,
			kbitPerSecond: Math.round(data.kbitPerSecond()),
			megabytes: Math.round(data.totalBytes / 100_000) / 10,
			frames: frames ?? state.get().frames,
			bufferMs: Math.round(bufferMs),
			lostMs: Math.round(trouble.lostMs),
			quality: qualityOf(readings[0] as Trouble, trouble, bufferMs, delayMs),
		};
		if (JSON.stringify(next) !== JSON.stringify(state.get())) state.set(next);
	};
	const said = (message: ToListener) => {
		if (message.type === 'listening') {
			socket.greeted(message.serverMs);
			if (form !== message.sound) ask();
		} else if (message.type === 'behind') behindMs = message.droppedMs;
	};
	const ask = () => {
		const wish: FromListener = { type: 'choose-sound', sound: form };
		socket.send(wish);
	};
	const sound = lastingPlayer({
		context: needs.context,
		openPlayer,
		openContext,
		clock,
		whenDevicesChange,
		changed: () => show(),
		failed: () => fail(),
	});
	const socket = lastingSocket(
		{
			url,
			text: (message) => said(message as ToListener),
			binary(message) {
				data.came(message.byteLength + frameHeadBytes);
				sound.push(message);
			},
			lost() {
				behindBeforeMs += behindMs;
				behindMs = 0;
			},
		},
		{ ...needs, clock },
	);
	const stops = [socket.state.subscribe(show), sound.stats.subscribe(show)];
	const fail = () => {
		failed = 'This browser cannot play the sound. A newer one can.';
		socket.close();
		show();
	};
	sound.ready.catch(fail);

	return {
		setVolume: sound.setVolume,
		setMuted: sound.setMuted,
		setBalance: sound.setBalance,
		setStereo: sound.setStereo,
		levels: sound.levels,
		talk: sound.talk,
		get output() {
			return sound.output;
		},
		state,
		choose(next) {
			form = next;
			ask();
			show();
		},
		wake: sound.wake,
		stop() {
			socket.close();
			for (const stop of stops) stop();
			sound.stop();
		},
	};
}
