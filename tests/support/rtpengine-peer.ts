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
	/** Both phones send, and nothing else happens. */
	play(customer: Uint8Array, agent: Uint8Array, how?: RtpPacketing): void;
	/** The call is renegotiated, as for a hold: the parties stay where they are. */
	offerAgain(direction?: 'sendrecv' | 'sendonly'): Promise<void>;
	/** What rtpengine knows of the call. */
	query(): Promise<Record<string, unknown>>;
	/** rtpengine lets go of the call, and the proxy says so, or does not. */
	hangUp(isTold?: boolean): Promise<void>;
	close(): void;
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
		play(one, other, how) {
			// In turn, as two people's phones do it.
			const samples = how?.samples ?? 160;
			for (let from = 0; from < Math.max(one.length, other.length); from += samples) {
				if (from < one.length) customer.say(one.subarray(from, from + samples), { payloadType, ...how });
				if (from < other.length) agent.say(other.subarray(from, from + samples), { payloadType, ...how });
			}
		},
		offerAgain: (direction = 'sendrecv') => negotiate(direction),
		query: async () => ({ ...(await engine.ask({ command: 'query', 'call-id': callId })) }),
		async hangUp(isTold = true) {
			await engine.ask({ command: 'delete', 'call-id': callId, 'delete-delay': 0 });
			if (isTold)
				await fetch(`${address}${rtpenginePath}?callId=${encodeURIComponent(callId)}`, { method: 'DELETE', headers });
		},
		close() {
			engine.close();
			customer.close();
			agent.close();
		},
	};
}
