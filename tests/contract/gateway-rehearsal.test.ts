import { recordingOf } from '#server/telephony/rehearsal/recording.ts';
import { rehearsal } from '#server/telephony/rehearsal/rehearsal.ts';
import { type GatewayTrial, gatewayContract } from '#tests/contract/gateway.contract.ts';
import { handClock } from '#tests/support/clock.ts';

const can = { lose: false, hold: true, control: true, badInput: [] };

gatewayContract('rehearsal', can, async (intake): Promise<GatewayTrial> => {
	const clock = handClock();
	const running: (() => Promise<void>)[] = [];
	return {
		async call({ agentId, customer, agent }) {
			const spokenMs = customer.length / 8;
			const step = (ms: number) => {
				for (let gone = 0; gone < ms; gone += 20) clock.advance(20);
			};
			// What was said, then a hold of 400 ms, then as long of nothing.
			const whole = (sound: Uint8Array) => {
				const long = new Uint8Array(sound.length + 800 * 8).fill(0xff);
				long.set(sound);
				return long;
			};
			const held = [{ startMs: spokenMs, endMs: spokenMs + 400 }];
			const scenes = [{ name: 'all', startMs: 0, endMs: spokenMs + 800, held }];
			let stopped = (_how: []) => {};
			const closed = new Promise<[]>((resolve) => {
				stopped = resolve;
			});
			let executiveHeard = 0;
			const played = rehearsal({
				intake,
				recording: recordingOf('A call', { customer: whole(customer), agent: whole(agent) }, scenes),
				agentId,
				label: 'A call',
				platformId: `r${running.length}`,
				clock,
				loop: false,
				customer: () => ({
					hears: () => executiveHeard++,
					says: () => undefined,
				}),
				onRefused: () => stopped([]),
				onEnd: () => stopped([]),
			});
			running.push(async () => {
				await played.close();
				stopped([]);
			});
			return {
				closed,
				executiveHeard: async () => executiveHeard,
				async play() {
					// The last frame is due 20 ms before the sound is over.
					step(spokenMs - 20);
				},
				async hold() {
					step(200);
				},
				async resume() {
					step(220);
				},
				async hangUp() {
					step(1000);
				},
			};
		},
		async close() {
			for (const stop of running) await stop();
		},
	};
});
