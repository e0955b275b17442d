import { randomUUID } from 'node:crypto';
import type { Ari, AriEvent } from '#server/telephony/asterisk/ari.ts';
import { type AsteriskControl, asteriskControl, guardContext, inNoBridge } from '#server/telephony/asterisk/control.ts';
import { formats } from '#server/telephony/asterisk/format.ts';
import type { AwaitedMedia, Media, MediaRoad } from '#server/telephony/asterisk/media.ts';
import type { MediaFormat } from '#server/telephony/asterisk/settings.ts';
import { callLabel } from '#server/telephony/call-label.ts';
import { inTurn } from '#server/telephony/in-turn.ts';
import { platformIdOf } from '#server/telephony/platform-id.ts';
import { silenceWatch } from '#server/telephony/silence-watch.ts';
import type { IncomingCall, Intake, LiveCall } from '#server/telephony/telephony.ts';
import type { Leg } from '#shared/audio.ts';
import type { Disclosure } from '#shared/call.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** A call the dialplan told of. */
export interface ToldCall {
	/** The customer's channel. */
	customer: string;
	/** The agent's channel, where it is known: then their voice is taken from there, and they can be set aside. */
	agentChannel?: string | undefined;
	/** The bridge of an ARI application in which both talk, where it is one. */
	bridge?: string | undefined;
	agentId: string;
	queue?: string | undefined;
	number?: string | undefined;
	language?: string | undefined;
	label?: string | undefined;
	disclosure?: Disclosure | undefined;
}

export interface ListenedCallNeeds {
	ari: Ari;
	road: MediaRoad;
	intake: Intake;
	clock: Clock;
	app: string;
	/** Begins the name of everything we make. */
	prefix: string;
	format: MediaFormat;
	/** It is over, here or there. */
	over(outcome: { callId: string | undefined; reason: string | Refusal }): void;
}

/** A call that is listened to, from the dialplan's word on. */
export interface ListenedCall {
	/** Begins the name of everything we made for it. */
	readonly name: string;
	event(event: AriEvent): void;
	/** Asterisk was not heard for a while: which channels there still are. */
	still(channels: ReadonlySet<string>): void;
	/** Lets go of it because the server goes away; an executive on the line goes first. */
	leave(): Promise<void>;
}

/** How long it may take until both of our channels of a leg are there. */
const readyWithinMs = 5000;
/** A leg whose sound is lost is asked for again, so many times in a row: until it has been heard for a while. */
const maxTriesAgain = 3;
const settledMs = 30_000;
/** Nothing, not even silence, for so long: the connection may have died without a word. */
const silentMs = 15_000;

/**
 * Listening without touching the call: a snoop of each voice, in a bridge of its own with a channel that sends it to us. The call's own
 * bridge is never named, so nobody can hear us, whatever we did. [S3] What we make is named by us, and taken away by its name.
 */
export function listenedCall(told: ToldCall, needs: ListenedCallNeeds): ListenedCall {
	const { ari, road, intake, clock, app, prefix, format } = needs;
	const own = `${prefix}${randomUUID()}`;
	/** Channels of ours that are on their way into our application. */
	const entering = new Map<string, { in: () => void; gone: () => void }>();
	const medias = new Map<Leg, Media>();
	const taking = inTurn();
	let call: LiveCall | undefined;
	let isOver = false;
	let isAgentAside = false;
	let triesAgain = 0;
	let stopSettling = () => {};
	const stopWatching = new Map<Leg, () => void>();
	/** What there was of the round before is being taken away. */
	let isUnmaking = false;
	/** Others for each round: Asterisk still knows a name for a while after what had it is gone. */
	let round = 1;
	const nameOf = (leg: Leg, what: string) => `${own}-${round}-${leg}-${what}`;
	let lines = 0;
	/** Legs that were asked for, and may come though nobody wants them any more. */
	const pending = new Set<AwaitedMedia>();

	const control: AsteriskControl | undefined =
		told.bridge && told.agentChannel
			? asteriskControl({
					ari,
					clock,
					name: own,
					customer: told.customer,
					agent: told.agentChannel,
					bridge: told.bridge,
					async line() {
						const awaited = waitFor('both');
						// Another name each time: what is still told of the one before is not meant.
						const channel = `${own}-${++lines}-line`;
						try {
							await external(channel, awaited);
							return { channel, media: await awaited.opened };
						} catch (error) {
							giveUp(awaited);
							// It may be there, if only the answer was lost.
							void ari.try('DELETE', `/channels/${channel}`);
							throw error;
						} finally {
							pending.delete(awaited);
						}
					},
					async guard(channel, variables) {
						const there = inApp(channel);
						there.catch(() => {});
						const local = { endpoint: `Local/s@${guardContext}/n`, app, channelId: channel };
						await ari.ask('POST', '/channels', local, { variables });
						await there.catch(() => {
							throw new Refusal('survey.cannot', `the dialplan has no ${guardContext}; see docs/asterisk.md`);
						});
					},
					aside(is) {
						isAgentAside = is;
					},
				})
			: undefined;

	function waitFor(direction: 'in' | 'both'): AwaitedMedia {
		const awaited = road.await(direction, format);
		pending.add(awaited);
		return awaited;
	}

	/** Nobody waits for it any more, also if it is there already. */
	function giveUp(awaited: AwaitedMedia) {
		awaited.forget();
		awaited.opened.then(
			(media) => media.close(),
			() => {},
		);
	}

	/** Resolves when this channel of ours is in our application: before, it cannot be put in a bridge. Rejects if it does not get there. */
	function inApp(channel: string): Promise<void> {
		return new Promise((resolve, reject) => {
			const gone = () => {
				entering.delete(channel);
				stop();
				reject(new Refusal('platform.no-line'));
			};
			const stop = clock.after(readyWithinMs, gone);
			entering.set(channel, {
				gone,
				in() {
					entering.delete(channel);
					stop();
					resolve();
				},
			});
		});
	}

	/** Makes a channel that carries sound between Asterisk and us. */
	async function external(channel: string, awaited: ReturnType<MediaRoad['await']>) {
		const there = inApp(channel);
		there.catch(() => {});
		await ari.ask('POST', '/channels/externalMedia', {
			app,
			channelId: channel,
			format,
			direction: 'both',
			...awaited.query,
		});
		awaited.made(channel);
		await there;
	}

	/** One voice: `in` is what this party says, `out` what they hear. */
	async function listen(leg: Leg, channel: string, spy: 'in' | 'out'): Promise<Media> {
		const name = (what: string) => nameOf(leg, what);
		const awaited = waitFor('in');
		try {
			const snooped = inApp(name('snoop'));
			snooped.catch(() => {});
			const bridged = ari.ask('POST', `/bridges/${name('bridge')}`, { type: 'mixing', name: name('bridge') });
			bridged.catch(() => {});
			const snooping = { app, spy, whisper: 'none' };
			await ari.ask('POST', `/channels/${encodeURIComponent(channel)}/snoop/${name('snoop')}`, snooping);
			await Promise.all([snooped, bridged, external(name('media'), awaited)]);
			const both = `${name('snoop')},${name('media')}`;
			await ari.ask('POST', `/bridges/${name('bridge')}/addChannel`, { channel: both });
			return await awaited.opened;
		} catch (error) {
			giveUp(awaited);
			throw error;
		} finally {
			pending.delete(awaited);
		}
	}

	/** Takes away what we made for a leg. What is not there any more does not matter. */
	async function unmake(leg: Leg) {
		const media = medias.get(leg);
		medias.delete(leg);
		media?.close();
		const bridge = nameOf(leg, 'bridge');
		for (const what of ['media', 'snoop'].map((one) => nameOf(leg, one))) await ari.try('DELETE', `/channels/${what}`);
		await ari.try('DELETE', `/bridges/${bridge}`);
	}

	const sources = (): [Leg, string, 'in' | 'out'][] => [
		['customer', told.customer, 'in'],
		told.agentChannel ? ['agent', told.agentChannel, 'in'] : ['agent', told.customer, 'out'],
	];

	function hear(leg: Leg, media: Media) {
		medias.set(leg, media);
		const gone = () => {
			watch.stop();
			if (medias.get(leg) !== media) return;
			medias.delete(leg);
			void again();
		};
		// A snoop sends all the time, silence too; but rather ask than take a silence for an end.
		const look = () =>
			silenceWatch(
				clock,
				() => silentMs,
				async () => {
					const isThere = await ari.ask('GET', `/channels/${nameOf(leg, 'media')}`).catch(() => undefined);
					if (medias.get(leg) !== media) return;
					if (isThere) watch = look();
					else {
						media.close();
						gone();
					}
				},
			);
		let watch = look();
		// Of this round only: what was kept of the one before is nobody's any more.
		const take = taking(
			(samples: Uint8Array) => {
				if (medias.get(leg) === media && (leg !== 'agent' || !isAgentAside)) call?.sound(leg, samples);
			},
			(samples) => new Uint8Array(samples),
		);
		media.onSound((samples) => {
			watch.heard();
			take(samples);
		});
		media.onGone(gone);
		stopWatching.set(leg, () => watch.stop());
	}

	/** A leg's sound was lost, and the call may live on: both are asked for anew, so that they stand side by side. */
	async function again(): Promise<void> {
		if (isOver || isUnmaking) return;
		isUnmaking = true;
		call?.lost();
		call = undefined;
		stopSettling();
		for (const [leg] of sources()) await unmake(leg);
		isUnmaking = false;
		const own = ++round;
		if (isOver || triesAgain++ === maxTriesAgain) return end('lost');
		await begin().catch(() => {
			if (own === round) end('lost');
		});
	}

	async function begin() {
		const own = round;
		const opened = await Promise.all(
			sources().map(async ([leg, channel, spy]) => [leg, await listen(leg, channel, spy)] as const),
		);
		if (isOver || own !== round) {
			for (const [, media] of opened) media.close();
			return;
		}
		for (const [leg, media] of opened) hear(leg, media);
		let no: Refusal | undefined;
		const started = intake.started(incoming(), (refusal) => {
			no = refusal;
			end(refusal);
		});
		if (no) return;
		call = started;
		stopSettling = clock.after(settledMs, () => {
			triesAgain = 0;
		});
	}

	const incoming = (): IncomingCall => ({
		gateway: 'asterisk',
		platformId: platformIdOf(told.customer),
		agentId: told.agentId,
		label: callLabel({ label: told.label, from: told.number }),
		about: { queue: told.queue, from: told.number, language: told.language },
		codec: formats[format].codec,
		legs: ['customer', 'agent'],
		disclosure: told.disclosure ?? 'notice',
		rehearsal: false,
		control: control ?? inNoBridge,
	});

	function end(reason: 'hung-up' | 'lost' | 'draining' | Refusal) {
		if (isOver) return;
		isOver = true;
		control?.close(reason === 'hung-up');
		for (const awaited of pending) giveUp(awaited);
		stopSettling();
		for (const stop of stopWatching.values()) stop();
		needs.over({ callId: call?.callId, reason });
		if (reason === 'hung-up') call?.ended('hung-up');
		else if (reason === 'lost') call?.ended('lost');
		else if (reason === 'draining') call?.lost();
		for (const [leg] of sources()) void unmake(leg);
	}

	begin().catch((error) => {
		for (const [leg] of sources()) void unmake(leg);
		end(error instanceof Refusal ? error : new Refusal('request.failed'));
	});

	function gone(channel: string) {
		if (channel === told.customer) end('hung-up');
		if (channel === told.agentChannel) control?.agentGone();
		if (channel.startsWith(own)) control?.lineGone(channel);
		entering.get(channel)?.gone();
	}

	return {
		name: own,
		event({ type, channel }) {
			if (!channel) return;
			if (type === 'StasisStart') entering.get(channel.id)?.in();
			if (type === 'ChannelDestroyed') gone(channel.id);
			if (channel.id !== told.customer) return;
			if (type === 'ChannelHold') call?.held();
			if (type === 'ChannelUnhold') call?.resumed();
		},
		still(channels) {
			for (const channel of [told.customer, told.agentChannel])
				if (channel !== undefined && !channels.has(channel)) gone(channel);
		},
		async leave() {
			await control?.leave().catch(() => {});
			end('draining');
			for (const [leg] of sources()) await unmake(leg);
		},
	};
}
