import { randomBytes, randomInt } from 'node:crypto';
import { callLabel } from '#server/telephony/call-label.ts';
import { platformIdOf } from '#server/telephony/platform-id.ts';
import { preferred } from '#server/telephony/rtp/heard-line.ts';
import type { RtpPorts } from '#server/telephony/rtp/ports.ts';
import { type RtpReceiver, rtpReceiver } from '#server/telephony/rtp/receiver.ts';
import type { Announced } from '#server/telephony/rtpengine/announced.ts';
import type { Dictionary } from '#server/telephony/rtpengine/bencode.ts';
import type { Ng } from '#server/telephony/rtpengine/ng.ts';
import {
	type CallTags,
	isSubscribed,
	type Offered,
	type OfferedLeg,
	readOffered,
	subscribeAnswer,
	subscribeRequest,
} from '#server/telephony/rtpengine/subscription.ts';
import { writeAnswer } from '#server/telephony/sdp/sdp.ts';
import type { Intake, LiveCall } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** Without a packet of either party for so long the sound is lost, and rtpengine is asked whether the call lives on, as often. */
export const silentAfterMs = 10_000;
const lookEveryMs = 1000;
/** A call that rtpengine still has may be on hold; it is given up after: */
export const lostForMs = 10 * 60_000;

const legs = ['customer', 'agent'] as const;
const hears = 'rtpengine brings sound only: nobody can be brought on the line there';

export interface ForkedCallNeeds {
	intake: Intake;
	clock: Clock;
	ports: RtpPorts;
	/** Those that may have the call. */
	engines: readonly Ng[];
	/** The address that rtpengine is told to send to. */
	address: string;
	/** Whom sound is taken from: the address of rtpengine's description, or whoever sends first. */
	source: 'offer' | 'first';
	agentId: string;
	/** It is over; a refusal says why it never began, or was ended by us. */
	over(outcome: { callId: string | undefined; reason: 'hung-up' | 'lost' | 'draining' | Refusal }): void;
	failed(error: unknown): void;
}

/** One call of which rtpengine sends a copy. */
export interface ForkedCall {
	/** Once it is listened to; rejects with the refusal it was ended with. */
	readonly begun: Promise<{ callId: string }>;
	/** The same call again: its parties may be others, or its subscription gone. Rejects as `begun` does. */
	again(tags: CallTags): Promise<{ callId: string }>;
	hungUp(): Promise<void>;
	/** Lets go of it because the server goes away. */
	leave(): Promise<void>;
}

/**
 * Subscribes to a call in rtpengine and brings it in. The parties' packets are copied to us; nothing is ever sent toward the call but
 * reports of reception, which rtpengine keeps. [S3]
 */
export function forkedCall(announced: Announced, needs: ForkedCallNeeds): ForkedCall {
	const { clock, engines, intake } = needs;
	const sipCallId = announced.callId;
	const startedAtMs = clock.now();
	const sdpId = randomInt(2 ** 31);
	let sdpVersion = 0;
	let tags = announced.tags;
	/** What names our copy of the call. */
	const toTag = `ycord-${randomBytes(8).toString('hex')}`;
	/** Which rtpengine has the call. */
	let engine: Ng | undefined;
	let receivers: readonly RtpReceiver[] = [];
	let codec: 'pcmu' | 'pcma' = 'pcmu';
	let call: LiveCall | undefined;
	let at: 'beginning' | 'on' | 'lost' | 'over' = 'beginning';
	let refusal: Refusal | undefined;
	let lostAtMs = 0;

	async function over(reason: Parameters<ForkedCallNeeds['over']>[0]['reason']): Promise<void> {
		if (at === 'over') return;
		at = 'over';
		stopLooking();
		for (const receiver of receivers) receiver.close();
		needs.over({ callId: call?.callId, reason });
		if (reason === 'hung-up' || reason === 'lost') call?.ended(reason);
		else if (reason === 'draining') call?.lost();
		// Of a call that is over rtpengine has nothing to stop; of one that lives on it would send for ever.
		await engine?.ask({ command: 'unsubscribe', 'call-id': sipCallId, 'to-tag': toTag }).catch(() => undefined);
	}

	/** rtpengine does not know the call any more: it is over, told or not. */
	const isGone = (error: unknown) => error instanceof Refusal && error.code === 'platform.call-over';

	function lose(withinMs?: number): void {
		if (at !== 'on') return;
		at = 'lost';
		lostAtMs = clock.now();
		call?.lost(withinMs);
	}

	/** Asks each rtpengine that may have the call; the first that knows it has it. */
	async function asked(): Promise<{ has: Ng; answer: Dictionary }> {
		let no: unknown = new Refusal('platform.call-over');
		for (const one of engine ? [engine] : engines) {
			try {
				return { has: one, answer: await one.ask(subscribeRequest(sipCallId, tags, toTag)) };
			} catch (error) {
				// Of one that did not answer, or said anything else, nobody knows that it does not have it.
				if (!isGone(error)) no = error;
			}
		}
		throw no;
	}

	async function subscribe(): Promise<void> {
		const { has, answer } = await asked();
		// Known from here on, so that whatever comes of it can be given back.
		engine = has;
		mustGoOn();
		const offer = readOffered(answer, tags);
		if ('wrong' in offer) throw new Refusal('media.none', offer.wrong);
		if (receivers.length === 0) await openPorts(offer);
		else for (const [place, leg] of legs.entries()) receivers[place]?.change(heardOf(offer[leg]));
		mustGoOn();
		const lines = offer.sdp.media.map((_, place) => {
			const leg = legs.findIndex((one) => offer[one].place === place);
			const { port = 0 } = receivers[leg] ?? {};
			const payloadTypes = [...(offer[legs[leg] ?? 'customer']?.payloads.keys() ?? [])];
			return { port, payloadTypes: port === 0 ? [] : payloadTypes, direction: 'recvonly' as const };
		});
		const sdp = writeAnswer(offer.sdp, lines, { host: needs.address, id: sdpId, version: ++sdpVersion });
		await has.ask(subscribeAnswer(sipCallId, toTag, sdp));
		mustGoOn();
	}

	const heardOf = ({ payloads, address }: OfferedLeg) => ({
		payloads,
		source: needs.source === 'offer' && address ? { address } : ('first' as const),
	});

	async function openPorts(offer: Offered): Promise<void> {
		codec = preferred(offer.customer.payloads) ?? codec;
		for (const leg of legs) {
			const port = await needs.ports.open();
			if (at === 'over') port?.close();
			mustGoOn();
			if (!port) throw new Refusal('media.no-ports', 'YCORD_RTP_PORTS');
			const receiver = rtpReceiver({
				port,
				clock,
				codec,
				...heardOf(offer[leg]),
				failed: needs.failed,
				nowMs: () => clock.now() - startedAtMs,
				sound(data, place) {
					if (at === 'lost') bring();
					call?.sound(leg, data, place);
				},
			});
			receivers = [...receivers, receiver];
		}
	}

	/** After anything was waited for: it may be over by now. */
	function mustGoOn(): void {
		if (at === 'over') throw refusal ?? new Refusal('call.ended');
	}

	/** Brings the call in, or back. */
	function bring(): void {
		at = 'on';
		call = intake.started(
			{
				gateway: 'rtpengine',
				platformId: platformIdOf(sipCallId),
				agentId: needs.agentId,
				label: callLabel(announced),
				about: announced.about,
				codec,
				legs,
				disclosure: announced.disclosure ?? 'notice',
				rehearsal: false,
				control: { abilities: [], cannot: hears },
			},
			(no) => {
				refusal = no;
				void over(no);
			},
		);
	}

	async function begin(): Promise<{ callId: string }> {
		try {
			await subscribe();
			bring();
			mustGoOn();
			return { callId: call?.callId ?? '' };
		} catch (error) {
			if (!(error instanceof Refusal)) needs.failed(error);
			const no = error instanceof Refusal ? error : new Refusal('request.failed');
			await over(no);
			throw no;
		}
	}

	/** Nobody was heard for a while: is the call there, and our copy of it? */
	async function lookAfter(): Promise<void> {
		if (!engine) return;
		try {
			const said = await engine.ask({ command: 'query', 'call-id': sipCallId });
			if (at === 'over') return;
			lose(lostForMs);
			if (!isSubscribed(said, toTag)) await subscribe();
		} catch (error) {
			if (isGone(error)) await over('hung-up');
			else lose();
		}
	}

	let askedAtMs = startedAtMs;
	const stopLooking = clock.every(lookEveryMs, () => {
		if (at !== 'on' && at !== 'lost') return;
		const now = clock.now();
		if (at === 'lost' && now - lostAtMs >= lostForMs) return void over('lost');
		const heardAtMs = Math.max(askedAtMs, ...receivers.map((one) => one.heardAtMs ?? 0));
		if (now - heardAtMs < silentAfterMs) return;
		askedAtMs = now;
		lookAfter().catch(needs.failed);
	});

	const begun = begin();
	// Whoever announced it is told; nobody else waits for it.
	begun.catch(() => {});
	return {
		begun,
		async again(others) {
			const { callId } = await begun;
			tags = others;
			try {
				await subscribe();
			} catch (error) {
				if (isGone(error)) await over('hung-up');
				throw error;
			}
			return { callId };
		},
		hungUp: () => over('hung-up'),
		leave: () => over('draining'),
	};
}
