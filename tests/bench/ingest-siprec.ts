import { randomInt } from 'node:crypto';
import type { IngestPlatform } from '#tests/bench/ingest-wires.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { type SiprecPeer, siprecPeer } from '#tests/support/siprec-peer.ts';

/** Ports for 3,000 calls and more, below those that the kernel gives by itself; Ycord steps over any that are taken. */
export const rtpPortsToIngest = () => `${10_000 + 2 * randomInt(5000)}-31999`;

const answeredWithinMs = 10_000;

/** A session border controller: it keeps the recording sessions by SIP over TCP, and leaves it to the generator to send their sound. */
export async function siprecToIngest(): Promise<IngestPlatform> {
	const { from: sipPort } = await freeRtpRange(1);
	const peers: SiprecPeer[] = [];
	return {
		env: {
			YCORD_SIPREC_SOURCES: '127.0.0.1',
			YCORD_SIPREC_PORT: String(sipPort),
			YCORD_RTP_PORTS: rtpPortsToIngest(),
		},
		async announce(callId, agent) {
			const address = `sip:${agent}@pbx.example.com`;
			const peer = await siprecPeer({ port: sipPort, over: 'tcp', callId, agent: address });
			peers.push(peer);
			const late = AbortSignal.timeout(answeredWithinMs);
			const answer = await Promise.race([
				peer.invite(),
				new Promise<never>((_, reject) => {
					late.onabort = () => reject(new Error('INVITE was not answered in time'));
				}),
			]);
			if (answer.status !== 200) throw new Error(answer.first);
			return portsIn(answer.body);
		},
		async stop() {
			for (const peer of peers) peer.close();
		},
	};
}

/** The ports of an answer’s lines, in their order. */
export const portsIn = (sdp: string) => [...sdp.matchAll(/^m=audio (\d+)/gm)].map(([, port = '']) => port);
