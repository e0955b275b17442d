import { platformIdOf } from '#server/telephony/platform-id.ts';
import type { Platform } from '#tests/peers/platform.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { siprecPeer } from '#tests/support/siprec-peer.ts';

export const siprecPlatform: Platform = {
	name: 'siprec',
	title: 'SIPREC',
	rates: [8000],
	byPackets: true,
	to: 'sip:127.0.0.1:5060',
	async start({ address, agent }) {
		const [, host = '', port] = /^(?:sip:)?([^:/]+):(\d+)$/.exec(address) ?? [];
		if (!port) throw new Error(`not an address of SIP, such as sip:127.0.0.1:5060: ${address}`);
		// What a recorder offers is larger than UDP should carry.
		const peer = await siprecPeer({ host, port: Number(port), over: 'tcp', agent: `sip:${agent}@pbx.example.com` });
		const answer = await peer.invite();
		if (answer.status !== 200) {
			peer.close();
			throw new Error(answer.first);
		}
		const closed = Promise.withResolvers<string>();
		void peer.when(({ first }) => first.startsWith('BYE')).then(() => closed.resolve('BYE'));
		return {
			callId: `siprec-${platformIdOf(peer.callId)}`,
			play: peer.play,
			async hangUp() {
				const { first } = await peer.bye();
				peer.close();
				closed.resolve(first);
			},
			closed: closed.promise,
		};
	},
	async inHouse() {
		const { from, to } = await freeRtpRange(4);
		return {
			env: { YCORD_SIPREC_SOURCES: '127.0.0.1', YCORD_SIPREC_PORT: '0', YCORD_RTP_PORTS: `${from}-${to}` },
			reach(app) {
				const siprec = app.desk.all().find(({ entry }) => entry.name === 'siprec');
				return `sip:127.0.0.1:${/:(\d+)$/.exec(siprec?.entry.addresses()[0]?.address ?? '')?.[1]}`;
			},
		};
	},
};
