import { randomUUID } from 'node:crypto';
import { machineClock } from '#server/clock.ts';
import { ng } from '#server/telephony/rtpengine/ng.ts';
import { rtpenginePath } from '#server/telephony/rtpengine/rtpengine.ts';
import { type RtpPacketing, type RtpSender, rtpSender } from '#tests/support/rtp-sender.ts';

export interface RtpenginePeerOptions {
	/** Ycord’s own address, `http://…`. */
	address: string;
	key: string;
	/** Where the rtpengine that the call goes through listens for control. */
	ng: { host: string; port: number };
	callId?: string;
	/** What the two phones talk in: `0` PCMU, `8` PCMA, `9` G.722, … */
	payloadType?: number;
	/** The phones have cameras too. */
	video?: boolean;
	/** What is announced beside the call and its tags. */
	says?: Record<string, unknown>;
}

/** A SIP proxy with two phones, whose call goes through rtpengine. */
export interface RtpenginePeer {
	readonly callId: string;
	readonly customer: RtpSender;
	readonly agent: RtpSender;
	/** As the proxy does when the call was answered. */
	announce(more?: Record<string, unknown>): Promise<Response>;
	/** Both phones send, a few packets at once, as each hears the other: a burst would be more than rtpengine's sockets hold. */
	play(customer: Uint8Array, agent: Uint8Array, how?: RtpPacketing): Promise<void>;
	/** The call is renegotiated, as for a hold: the parties stay where they are. */
	offerAgain(direction?: 'sendrecv' | 'sendonly'): Promise<void>;
	/** What rtpengine knows of the call. */
	query(): Promise<Record<string, unknown>>;
	/** How many copies of the customer’s sound rtpengine sends to others than the agent. */
	copies(): Promise<number>;
	/** Ends them, as somebody else's program might. */
	stopCopies(): Promise<void>;
	/** rtpengine lets go of the call, and the proxy says so, or does not. */
	hangUp(isTold?: boolean): Promise<void>;
	/** The phones hang up, if nobody has, and nobody is told; nor is an rtpengine that `isDead`. */
	close(isDead?: boolean): Promise<void>;
}

interface Parties {
	tags: Record<string, { subscribers?: { tag: string; type: string }[] }>;
}

const names: Readonly<Record<number, string>> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722' };

export async function rtpenginePeer(options: RtpenginePeerOptions): Promise<RtpenginePeer> {
	const { address, key, payloadType = 0, callId = `${randomUUID()}@pbx.example.com` } = options;
	const engine = ng(options.ng, machineClock());
	const [customer, agent] = [await rtpSender(options.ng.host, 0xc0), await rtpSender(options.ng.host, 0xa0)];
	const tags = { customer: `c-${callId.slice(0, 8)}`, agent: `a-${callId.slice(0, 8)}` };
	const headers = { authorization: `Basic ${Buffer.from(`proxy:${key}`).toString('base64')}` };
	let version = 0;

	const sdpOf = (port: number, direction: string) =>
		[
			'v=0',
			`o=phone 1 ${++version} IN IP4 ${options.ng.host}`,
			's=-',
			`c=IN IP4 ${options.ng.host}`,
			't=0 0',
			`m=audio ${port} RTP/AVP ${payloadType} 101`,
			`a=rtpmap:${payloadType} ${names[payloadType]}/8000`,
			'a=rtpmap:101 telephone-event/8000',
			`a=${direction}`,
			...(options.video ? [`m=video ${port + 2} RTP/AVP 96`, 'a=rtpmap:96 H264/90000'] : []),
			'',
		].join('\r\n');
	const portOf = (sdp: unknown) => Number(/^m=audio (\d+)/m.exec(String(sdp))?.[1]);

	/** Offer and answer: each phone is told where rtpengine hears it. */
	async function negotiate(direction: string) {
		const call = { 'call-id': callId, 'from-tag': tags.customer };
		const offer = await engine.ask({ command: 'offer', ...call, sdp: sdpOf(customer.port, direction) });
		agent.to(portOf(offer.sdp));
		const back = direction === 'sendonly' ? 'recvonly' : direction;
		const sdp = sdpOf(agent.port, back);
		const answer = await engine.ask({ command: 'answer', ...call, 'to-tag': tags.agent, sdp });
		customer.to(portOf(answer.sdp));
	}
	await negotiate('sendrecv');

	let isOver = false;
	let isClosed = false;
	async function forget() {
		isOver = true;
		await engine.ask({ command: 'delete', 'call-id': callId, 'delete-delay': 0 });
	}
	const query = () => engine.ask({ command: 'query', 'call-id': callId });
	/** Who gets a copy, by tag. */
	async function copied(): Promise<string[]> {
		const { tags: parties } = (await query()) as unknown as Parties;
		return (parties[tags.customer]?.subscribers ?? []).filter(({ type }) => type === 'pub/sub').map(({ tag }) => tag);
	}

	return {
		callId,
		customer,
		agent,
		announce: (more = {}) =>
			fetch(`${address}${rtpenginePath}`, {
				method: 'POST',
				headers: { ...headers, 'content-type': 'application/json' },
				body: JSON.stringify({ callId, customerTag: tags.customer, ...options.says, ...more }),
			}),
		async play(one, other, how) {
			const atOnce = 8 * (how?.samples ?? 160);
			for (let from = 0; from < Math.max(one.length, other.length); from += atOnce) {
				const [before, beforeThat] = [agent.heard.length, customer.heard.length];
				const sent = customer.say(one.subarray(from, from + atOnce), { payloadType, ...how });
				const sentBack = agent.say(other.subarray(from, from + atOnce), { payloadType, ...how });
				await Promise.all([agent.hears(before + sent), customer.hears(beforeThat + sentBack)]);
			}
		},
		offerAgain: (direction = 'sendrecv') => negotiate(direction),
		query: async () => ({ ...(await query()) }),
		copies: async () => (await copied()).length,
		async stopCopies() {
			for (const tag of await copied()) await engine.ask({ command: 'unsubscribe', 'call-id': callId, 'to-tag': tag });
		},
		async hangUp(isTold = true) {
			await forget();
			if (isTold)
				await fetch(`${address}${rtpenginePath}?callId=${encodeURIComponent(callId)}`, { method: 'DELETE', headers });
		},
		async close(isDead = false) {
			isOver ||= isDead;
			if (!isOver) await forget().catch(() => {});
			if (isClosed) return;
			isClosed = true;
			engine.close();
			customer.close();
			agent.close();
		},
	};
}
