import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Bencoded, bencode, isDictionary, readBencode } from '#server/telephony/rtpengine/bencode.ts';
import { rtpenginePath } from '#server/telephony/rtpengine/rtpengine.ts';
import { portsIn, rtpPortsToIngest } from '#tests/bench/ingest-siprec.ts';
import type { IngestPlatform } from '#tests/bench/ingest-wires.ts';

const key = 'bench-key-of-one-platform';
const host = '127.0.0.1';
const tags = ['customer-tag', 'agent-tag'];

/** What a copy of two PCMU parties is offered as. */
const offer = [
	'v=0',
	`o=- 1 1 IN IP4 ${host}`,
	's=-',
	't=0 0',
	...['9000', '9002'].flatMap((port) => [`m=audio ${port} RTP/AVP 0`, `c=IN IP4 ${host}`, 'a=sendonly']),
	'',
].join('\r\n');

/**
 * The proxy, and as much of an rtpengine as has calls to subscribe to: a real one would be measured with us. It leaves it to the
 * generator to send their sound.
 */
export async function rtpengineToIngest(): Promise<IngestPlatform> {
	/** By the call, what was subscribed to it, and where its two lines go. */
	const subscribed = new Map<Bencoded, Bencoded>();
	const ports = new Map<Bencoded, readonly string[]>();
	const socket = createSocket('udp4');
	socket.on('message', (bytes, from) => {
		const space = bytes.indexOf(0x20);
		const asked = readBencode(bytes.subarray(space + 1));
		if (!isDictionary(asked)) return;
		const { 'call-id': callId = '', 'to-tag': toTag = '', sdp } = asked;
		subscribed.set(callId, toTag || (subscribed.get(callId) ?? ''));
		if (asked.command === 'subscribe answer') ports.set(callId, portsIn(String(sdp)));
		const answer = {
			result: 'ok',
			...(asked.command === 'subscribe request' ? { sdp: offer, 'from-tags': tags, 'to-tag': toTag } : {}),
			...(asked.command === 'query'
				? { tags: { [tags[0] as string]: { subscribers: [{ tag: subscribed.get(callId) ?? '' }] } } }
				: {}),
		};
		socket.send(`${bytes.toString('latin1', 0, space)} ${bencode(answer)}`, from.port, from.address);
	});
	socket.bind(0, host);
	await once(socket, 'listening');
	return {
		env: {
			YCORD_RTPENGINE: `${host}:${socket.address().port}`,
			YCORD_RTPENGINE_KEY: key,
			YCORD_RTP_PORTS: rtpPortsToIngest(),
		},
		async announce(callId, agent, port) {
			const answer = await fetch(`http://${host}:${port}${rtpenginePath}`, {
				method: 'POST',
				headers: {
					authorization: `Basic ${Buffer.from(`bench:${key}`).toString('base64')}`,
					'content-type': 'application/json',
				},
				body: JSON.stringify({ callId, customerTag: tags[0], agentTag: tags[1], agent }),
			});
			if (!answer.ok) throw new Error(`an announcement was answered ${answer.status}: ${await answer.text()}`);
			await answer.body?.cancel();
			return ports.get(callId) ?? [];
		},
		async stop() {
			socket.close();
		},
	};
}
