import type { Platform } from '#tests/peers/platform.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { realRtpengine } from '#tests/support/real-rtpengine.ts';
import { rtpenginePeer } from '#tests/support/rtpengine-peer.ts';

/** The proxy and both phones; the rtpengine between them is a real one, which the address names too. */
export const rtpenginePlatform: Platform = {
	name: 'rtpengine',
	title: 'rtpengine',
	rates: [8000],
	byPackets: true,
	keySetting: 'YCORD_RTPENGINE_KEY',
	to: 'http://127.0.0.1:8080?rtpengine=127.0.0.1:2223',
	async start({ address, key, agent, label }) {
		const url = new URL(address);
		const [, host = '', port] = /^(.+):(\d+)$/.exec(url.searchParams.get('rtpengine') ?? '') ?? [];
		if (!port) throw new Error(`the address names no rtpengine, such as ?rtpengine=127.0.0.1:2223: ${address}`);
		const says = { agent, ...(label ? { label } : {}) };
		const peer = await rtpenginePeer({ address: url.origin, key, ng: { host, port: Number(port) }, says });
		const answer = await peer.announce();
		const said = (await answer.json()) as { callId: string; message?: string };
		if (!answer.ok) {
			await peer.close();
			throw new Error(`${answer.status} ${said.message}`);
		}
		const closed = Promise.withResolvers<string>();
		return {
			callId: said.callId,
			play: (customer, agentVoice) => peer.play(customer, agentVoice),
			async hangUp() {
				await peer.hangUp();
				await peer.close();
				closed.resolve('BYE');
			},
			closed: closed.promise,
		};
	},
	async inHouse(key) {
		const engine = await realRtpengine();
		const { from, to } = await freeRtpRange(4);
		const named = `${engine.ng.host}:${engine.ng.port}`;
		return {
			env: { YCORD_RTPENGINE: named, YCORD_RTPENGINE_KEY: key, YCORD_RTP_PORTS: `${from}-${to}` },
			reach: (app) => `${app.address()}?rtpengine=${named}`,
			stop: () => void engine.kill(),
		};
	},
};
