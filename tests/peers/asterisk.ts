import { randomUUID } from 'node:crypto';
import { asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import type { MediaWay } from '#server/telephony/asterisk/settings.ts';
import { frameMs } from '#shared/audio.ts';
import type { Peer, Platform } from '#tests/peers/platform.ts';
import { type AsteriskPeer, asteriskPeer } from '#tests/support/asterisk-peer.ts';

/** An Asterisk that Ycord comes to, and the calls in it: time goes by for all of them at once. */
interface Running {
	peer: AsteriskPeer;
	/** Where its media sockets go. */
	dials: { uri: string; key: string };
	/** What each call's parties say next, by 20 ms. */
	next: Map<string, Record<string, Uint8Array>[]>;
	played: Promise<void> | undefined;
}

/** By host and port: many calls are in one Asterisk. */
const running = new Map<string, Running>();
/** Ycord tries again after at most 15 s. */
const comesWithinMs = 20_000;

async function asteriskAt(place: { host: string; port: number } | undefined, trusting: boolean): Promise<Running> {
	const dials = { uri: '', key: '' };
	const peer = await asteriskPeer({ ...place, trusting, media: () => dials });
	const one: Running = { peer, dials, next: new Map(), played: undefined };
	running.set(new URL(peer.url).host, one);
	return one;
}

/** What was given to every call until now is played: one tick has a frame of each. */
function playAll(one: Running): Promise<void> {
	one.played ??= Promise.resolve().then(() => {
		one.played = undefined;
		while ([...one.next.values()].some((frames) => frames.length > 0))
			one.peer.tick(Object.assign({}, ...[...one.next.values()].map((frames) => frames.shift() ?? {})));
	});
	return one.played;
}

/** The Asterisk that is named in the address, such as `?asterisk=127.0.0.1:8088`: it is here, and Ycord comes to it. */
async function start({ address, key, agent, rate, label }: Parameters<Platform['start']>[0]): Promise<Peer> {
	const url = new URL(address);
	const at = url.searchParams.get('asterisk') ?? '';
	const [, host = '', port] = /^(.+):(\d+)$/.exec(at) ?? [];
	if (!port)
		throw new Error(`the address does not say where Asterisk is to be, such as ?asterisk=127.0.0.1:8088: ${address}`);
	const one = running.get(at) ?? (await asteriskAt({ host, port: Number(port) }, true));
	const { peer, dials, next } = one;
	Object.assign(dials, { uri: `${url.origin.replace(/^http/, 'ws')}${asteriskMediaPath}`, key });
	await Promise.race([
		peer.when(() => peer.requests.some(({ path }) => path === '/channels')),
		late(`Ycord does not come to http://${at}: is that its YCORD_ASTERISK_URL?`),
	]);

	const customer = `ycord-peer-${randomUUID()}`;
	const [agentChannel, bridge] = [`${customer}-agent`, `${customer}-call`];
	for (const party of [customer, agentChannel]) peer.party(party, bridge);
	next.set(customer, []);
	/** What Ycord made to hear a leg: snoop and external channel, in a bridge of their own. */
	const heard = () => {
		const snooped = peer.requests.find(({ path }) => path.startsWith(`/channels/${customer}/snoop/`));
		const own = snooped?.path
			.split('/')
			.at(-1)
			?.replace(/-customer-snoop$/, '');
		if (own === undefined) return undefined;
		return peer.bridges.filter(({ id, channels }) => id.startsWith(own) && channels.length === 2).length;
	};
	const closed = Promise.withResolvers<string>();
	let isOn = false;
	const begun = new Promise<void>((resolve) => {
		const stop = peer.watch(() => {
			const legs = heard();
			if (legs === 2) {
				isOn = true;
				resolve();
			}
			const isOver = isOn && legs === 0;
			if (!isOver && peer.channels.includes(customer)) return;
			stop();
			closed.resolve(isOver ? 'Ycord does not hear it any more' : 'hung up');
		});
	});
	peer.userEvent(customer, { agent, agent_channel: agentChannel, bridge, ...(label ? { label } : {}) });
	await Promise.race([begun, late('Ycord did not listen to the call: its log says why')]);

	const size = (rate * frameMs) / 1000;
	return {
		callId: `asterisk-${customer}`,
		play(ours, theirs) {
			for (let from = 0; from < ours.length; from += size)
				next.get(customer)?.push({
					[customer]: ours.subarray(from, from + size),
					[agentChannel]: theirs.subarray(from, from + size),
				});
			return playAll(one);
		},
		lose() {},
		settled: peer.settled,
		async hangUp() {
			next.delete(customer);
			for (const party of [customer, agentChannel]) peer.hangUp(party);
			await closed.promise;
		},
		closed: closed.promise,
	};
}

function late(why: string): Promise<never> {
	return new Promise((_, reject) => {
		setTimeout(() => reject(new Error(why)), comesWithinMs).unref();
	});
}

/** Asterisk with its sound coming one way; wideband as 16-bit samples. */
export const asteriskBy = (media: MediaWay): Platform => ({
	name: 'asterisk',
	title: 'Asterisk',
	rates: [8000, 16_000],
	keySetting: 'YCORD_ASTERISK_MEDIA_KEY',
	to: 'http://127.0.0.1:8080?asterisk=127.0.0.1:8088',
	start,
	async inHouse(key, rate = 8000) {
		const { peer } = await asteriskAt(undefined, false);
		const { host } = new URL(peer.url);
		const narrow = media === 'audiosocket' ? 'slin' : 'ulaw';
		return {
			env: {
				YCORD_ASTERISK_URL: peer.url,
				YCORD_ASTERISK_USER: 'ycord',
				YCORD_ASTERISK_PASSWORD: 'secret-of-ari',
				YCORD_ASTERISK_MEDIA: media,
				YCORD_ASTERISK_MEDIA_KEY: key,
				YCORD_ASTERISK_AUDIOSOCKET: '127.0.0.1:0',
				YCORD_ASTERISK_FORMAT: rate === 16_000 ? 'slin16' : narrow,
			},
			reach: (_app, at) => `${at}?asterisk=${host}`,
			stop() {
				running.delete(host);
				void peer.close();
			},
		};
	},
});

export const asteriskPlatform = asteriskBy('websocket');
