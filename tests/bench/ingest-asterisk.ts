import { asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import type { IngestPlatform } from '#tests/bench/ingest-wires.ts';
import { asteriskPeer } from '#tests/support/asterisk-peer.ts';

/** The Asterisk that Ycord comes to: it makes what it is asked for, and leaves it to the generator to dial Ycord's media door. */
export async function asteriskToIngest(): Promise<IngestPlatform> {
	const peer = await asteriskPeer({ trusting: true });
	/** By the customer's channel, what Ycord begins the names of its own with; by that and the leg, the name of its media socket. */
	const own = new Map<string, string>();
	const secrets = new Map<string, string>();
	let read = 0;
	function look() {
		for (; read < peer.requests.length; read++) {
			const { path, query } = peer.requests[read] as (typeof peer.requests)[number];
			const [, channel = '', name = ''] = /^\/channels\/(.+)\/snoop\/(.+)-customer-snoop$/.exec(path) ?? [];
			if (channel) own.set(channel, name);
			const leg = query.get('channelId')?.replace(/-media$/, '');
			const [, secret] = /v\((leg=\w+)\)/.exec(query.get('transport_data') ?? '') ?? [];
			if (leg && secret) secrets.set(leg, secret);
		}
	}
	const pathsOf = (callId: string) =>
		['customer', 'agent'].flatMap((leg) => {
			const secret = secrets.get(`${own.get(callId)}-${leg}`);
			return secret === undefined ? [] : [`${asteriskMediaPath}?${secret}`];
		});
	return {
		env: { YCORD_ASTERISK_URL: peer.url, YCORD_ASTERISK_USER: 'bench', YCORD_ASTERISK_PASSWORD: 'bench' },
		async announce(callId, agent) {
			await peer.when(() => peer.requests.some(({ path }) => path === '/channels'));
			const agentChannel = `${callId}-agent`;
			for (const party of [callId, agentChannel]) peer.party(party, `${callId}-call`);
			peer.userEvent(callId, { agent, agent_channel: agentChannel });
			await peer.when(() => {
				look();
				return pathsOf(callId).length === 2;
			});
			return pathsOf(callId);
		},
		stop: peer.close,
	};
}
