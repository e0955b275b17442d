import { afterAll, beforeAll } from 'vitest';
import { silentAfterMs } from '#server/telephony/rtpengine/forked-call.ts';
import { type DrivenCall, type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import { handClock } from '#tests/support/clock.ts';
import { type RealRtpengine, realRtpengine } from '#tests/support/real-rtpengine.ts';
import type { RecordingIntake } from '#tests/support/recording-intake.ts';
import { rtpengineDoor } from '#tests/support/rtpengine-door.ts';
import { rtpenginePeer } from '#tests/support/rtpengine-peer.ts';

/** The platform is the real one. */
let engine: RealRtpengine;
beforeAll(async () => {
	engine = await realRtpengine();
});
afterAll(() => engine.kill());

const key = 'key-of-the-contract';

async function start(intake: RecordingIntake): Promise<GatewayTrial> {
	const clock = handClock();
	const peers: { close(): Promise<void> }[] = [];
	const door = await rtpengineDoor({ intake, clock }, { engines: [engine.ng], keys: [key] });
	return {
		async call({ agentId, customer, agent }) {
			const peer = await rtpenginePeer({ address: door.address, key, ng: engine.ng, says: { agent: agentId } });
			peers.push(peer);
			await peer.announce();
			const driven: DrivenCall = {
				closed: Promise.resolve([]),
				async play() {
					const at = intake.calls.length;
					const already = intake.calls.at(-1)?.pieces.length ?? 0;
					await peer.play(customer, agent);
					// Each packet of 20 ms is a piece; after a loss they are the pieces of the call that came back.
					const packets = Math.ceil(customer.length / 160) + Math.ceil(agent.length / 160);
					await intake.when(() => {
						const came = intake.calls.at(-1)?.pieces.length ?? 0;
						return came >= (intake.calls.length > at ? packets : already + packets);
					});
				},
				hangUp: () => peer.hangUp(),
				async lose() {
					clock.advance(silentAfterMs + 1000);
				},
				comeBack: async () => driven,
			};
			return driven;
		},
		async close() {
			await door.close();
			for (const peer of peers.splice(0)) await peer.close();
		},
	};
}

gatewayContract('rtpengine', { lose: true, hold: false, badInput: [] }, start);
