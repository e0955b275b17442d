import { silentAfterMs } from '#server/telephony/siprec/lookout.ts';
import { type DrivenCall, type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import { handClock } from '#tests/support/clock.ts';
import type { RecordingIntake } from '#tests/support/recording-intake.ts';
import { siprecDoor } from '#tests/support/siprec-door.ts';
import { siprecPeer } from '#tests/support/siprec-peer.ts';

const start =
	(over: 'udp' | 'tcp') =>
	async (intake: RecordingIntake): Promise<GatewayTrial> => {
		const clock = handClock();
		const gateway = await siprecDoor({ intake, clock });
		return {
			async call({ agentId, customer, agent }) {
				const peer = await siprecPeer({ port: gateway.port, over, agent: `sip:${agentId}@pbx.example.com` });
				await peer.invite();
				const driven: DrivenCall = {
					closed: Promise.resolve([]),
					async play() {
						const at = intake.calls.length;
						const already = intake.calls.at(-1)?.pieces.length ?? 0;
						await peer.play(customer, agent);
						// Each packet of 20 ms is a piece; after a loss they are the pieces of the call that came back.
						const packets = Math.ceil(customer.length / 160) + Math.ceil(agent.length / 160);
						const isAll = () => {
							const last = intake.calls.at(-1);
							return (last?.pieces.length ?? 0) >= (intake.calls.length > at ? packets : already + packets);
						};
						await intake.when(isAll);
					},
					async hangUp() {
						await peer.bye();
					},
					async hold() {
						await peer.again('INVITE', 'inactive');
					},
					async resume() {
						await peer.again('INVITE', 'sendonly');
					},
					async lose() {
						clock.advance(silentAfterMs + 1000);
					},
					async comeBack() {
						return driven;
					},
				};
				return driven;
			},
			close: () => gateway.close(),
		};
	};

for (const over of ['udp', 'tcp'] as const)
	gatewayContract('siprec', { lose: true, hold: true, badInput: [] }, start(over));
