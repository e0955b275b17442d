import { isIPv6 } from 'node:net';
import type { TestCall, TestSignal } from '#server/telephony/desk.ts';
import type { RtpConfig } from '#server/telephony/rtp/settings.ts';
import { type TestPhone, testPhone } from '#server/telephony/rtp/test-phone.ts';
import { type Ng, ng } from '#server/telephony/rtpengine/ng.ts';
import { rtpenginePath } from '#server/telephony/rtpengine/rtpengine.ts';
import type { RtpengineConfig } from '#server/telephony/rtpengine/settings.ts';
import { readSdp } from '#server/telephony/sdp/sdp.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

export interface RtpengineTestNeeds {
	config: NonNullable<RtpengineConfig['rtpengine']>;
	rtp: Pick<RtpConfig['rtp'], 'host' | 'address'>;
	clock: Clock;
}

const tags = { customer: 'ycord-test-customer', agent: 'ycord-test-agent' };

/**
 * Plays proxy and both phones: a real call in the operator's own rtpengine, announced at our own door, spoken into, and deleted
 * again. So it tries what a call needs, the way to rtpengine and back.
 */
export async function rtpengineTestCall(needs: RtpengineTestNeeds, signal: TestSignal): Promise<TestCall> {
	const { config, rtp, clock } = needs;
	const [first] = config.engines;
	if (!first) throw new Error('No rtpengine is named in YCORD_RTPENGINE.');
	const engine = ng(first, clock);
	const phones = [await testPhone(rtp.host), await testPhone(rtp.host)] as const;
	const callId = signal.platformId;
	const close = () => {
		engine.close();
		for (const one of phones) one.close();
	};
	const forget = () => engine.ask({ command: 'delete', 'call-id': callId, 'delete-delay': 0 }).catch(() => undefined);
	try {
		await connect(engine, callId, rtp.address, phones);
		await announce(needs, signal);
	} catch (error) {
		await forget();
		close();
		throw new Error(error instanceof Refusal ? `rtpengine did not take a call: ${error.message}` : String(error));
	}
	return {
		play(from, samples) {
			phones[0].say(signal.customer.subarray(from, from + samples), from);
			phones[1].say(signal.agentVoice.subarray(from, from + samples), from);
		},
		async hangUp() {
			await door(needs, signal, `?callId=${encodeURIComponent(callId)}`, { method: 'DELETE' });
			await forget();
			close();
		},
	};
}

/** Offer and answer, as a proxy brings them: each phone learns where rtpengine hears it. */
async function connect(
	engine: Ng,
	callId: string,
	address: string,
	[customer, agent]: readonly [TestPhone, TestPhone],
) {
	const call = { 'call-id': callId, 'from-tag': tags.customer };
	const offer = await engine.ask({ command: 'offer', ...call, sdp: phoneSdp(address, customer.port) });
	agent.to = heardAt(offer.sdp);
	const sdp = phoneSdp(address, agent.port);
	const answer = await engine.ask({ command: 'answer', ...call, 'to-tag': tags.agent, sdp });
	customer.to = heardAt(answer.sdp);
}

async function announce(needs: RtpengineTestNeeds, signal: TestSignal): Promise<void> {
	const body = JSON.stringify({
		callId: signal.platformId,
		customerTag: tags.customer,
		agentTag: tags.agent,
		agent: signal.agent,
	});
	const answer = await door(needs, signal, '', {
		method: 'POST',
		body,
		headers: { 'content-type': 'application/json' },
	});
	if (answer.ok) return;
	const said = (await answer.json().catch(() => ({}))) as { message?: unknown };
	throw new Error(`Ycord did not open its door (${answer.status}): ${said.message ?? 'no reason was given.'}`);
}

const door = ({ config }: RtpengineTestNeeds, signal: TestSignal, query: string, request: RequestInit) =>
	fetch(`${signal.here}${rtpenginePath}${query}`, {
		...request,
		headers: {
			...request.headers,
			authorization: `Basic ${Buffer.from(`ycord:${config.keys[0]}`).toString('base64')}`,
		},
	});

function heardAt(sdp: unknown): TestPhone['to'] {
	const read = readSdp(String(sdp));
	const line = 'wrong' in read ? undefined : read.media[0];
	return line?.address ? { host: line.address, port: line.port } : undefined;
}

const phoneSdp = (address: string, port: number) => {
	const family = isIPv6(address) ? 'IP6' : 'IP4';
	const lines = [`o=ycord 1 1 IN ${family} ${address}`, 's=-', `c=IN ${family} ${address}`, 't=0 0'];
	return ['v=0', ...lines, `m=audio ${port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=sendrecv', ''].join('\r\n');
};
