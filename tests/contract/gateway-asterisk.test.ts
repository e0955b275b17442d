import type { MediaWay } from '#server/telephony/asterisk/settings.ts';
import { type DrivenCall, type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import { asteriskSite, twoTalk } from '#tests/support/asterisk-call.ts';
import type { RecordingIntake } from '#tests/support/recording-intake.ts';

const frame = 160;

const start =
	(media: MediaWay, plain: boolean) =>
	async (intake: RecordingIntake): Promise<GatewayTrial> => {
		const { peer, app } = await asteriskSite(intake, { media, plain });

		return {
			async call({ agentId, customer, agent }) {
				const { customer: c, agent: a, bridge } = twoTalk(peer);
				const before = intake.calls.length;
				peer.userEvent(c, { agent: agentId, agent_channel: a, bridge, number: '+1 555 010 0477' });
				await intake.when(() => intake.calls.length > before);
				let heardOfUs = 0;
				const isOurs = (id: string) => id.endsWith('-line');
				const driven: DrivenCall = {
					closed: Promise.resolve([]),
					async play() {
						const call = intake.calls.at(-1);
						const bytesOf = (leg: string) =>
							call?.pieces.reduce((sum, one) => sum + (one.leg === leg ? one.data.length : 0), 0) ?? 0;
						const had = ['customer', 'agent'].map(bytesOf) as [number, number];
						for (let from = 0; from < customer.length; from += frame) {
							const says = { [c]: customer.subarray(from, from + frame), [a]: agent.subarray(from, from + frame) };
							const heard = peer.tick(says).get(c) ?? [];
							heardOfUs += heard.filter(isOurs).length;
							const isAside = peer.bridges.some(({ id, channels }) => id.includes('-waits-') && channels.includes(a));
							await intake.when(
								() =>
									bytesOf('customer') >= had[0] + from + frame &&
									(isAside || bytesOf('agent') >= had[1] + from + frame),
							);
						}
						await peer.settled();
					},
					async hangUp() {
						peer.hangUp(c);
					},
					async hold() {
						peer.tell({ type: 'ChannelHold', channel: { id: c } });
						await intake.when(() => intake.calls.at(-1)?.told.includes('held') ?? false);
					},
					async resume() {
						peer.tell({ type: 'ChannelUnhold', channel: { id: c } });
						await intake.when(() => intake.calls.at(-1)?.told.includes('resumed') ?? false);
					},
					async lose() {
						peer.breakMedia();
					},
					async comeBack() {
						await intake.when(() => intake.calls.length === 2);
						return driven;
					},
					async executiveHeard() {
						await peer.settled();
						// A tick more than is waiting: what is said to a channel in no bridge is played to nobody.
						for (let ticks = peer.unplayed + 1; ticks > 0; ticks--)
							heardOfUs += (peer.tick({}).get(c) ?? []).filter(isOurs).length;
						return heardOfUs;
					},
				};
				return driven;
			},
			async close() {
				await app.close();
			},
		};
	};

const ways: [MediaWay, boolean][] = [
	['websocket', false],
	['websocket', true],
	['incoming', false],
];
for (const [media, plain] of ways)
	gatewayContract(
		'asterisk',
		{ lose: true, hold: true, hasClock: false, control: true, badInput: [] },
		start(media, plain),
	);
gatewayContract('asterisk', { lose: true, hold: true, hasClock: false, badInput: [] }, start('audiosocket', false));
