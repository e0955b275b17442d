import { expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { asterisk, asteriskMediaPath } from '#server/telephony/asterisk/asterisk.ts';
import type { AsteriskConfig } from '#server/telephony/asterisk/settings.ts';
import { asteriskPeer } from '#tests/support/asterisk-peer.ts';
import { handClock } from '#tests/support/clock.ts';
import { gatewayDoor } from '#tests/support/gateway-door.ts';
import { type RecordedCall, recordingIntake } from '#tests/support/recording-intake.ts';

/** Both keys of its media door. */
export const key = 'key-of-the-media-section';
export const secondKey = 'the-one-that-comes$';
export const basic = (password: string) => ({
	authorization: `Basic ${Buffer.from(`ycord:${password}`).toString('base64')}`,
});
export type AsteriskSettings = NonNullable<AsteriskConfig['asterisk']>;

/** The gateway beside an Asterisk that dials no media sockets: the test opens them itself. */
export async function asteriskDoor(settings: Partial<AsteriskSettings> = {}) {
	const intake = recordingIntake();
	const clock = handClock();
	const noted: string[] = [];
	const failures: unknown[] = [];
	const peer = await asteriskPeer();
	onTestFinished(() => peer.close());
	const config: AsteriskSettings = {
		url: peer.url,
		user: 'ycord',
		password: 'secret-of-ari',
		app: 'ycord',
		media: 'websocket',
		client: 'ycord',
		mediaKeys: [key, secondKey],
		format: 'ulaw',
		...settings,
	};
	const { address, app } = await gatewayDoor(async (door) => {
		await door.register(asterisk, {
			intake,
			clock,
			site: 'test',
			config,
			report: {
				contact: () => noted.push('contact'),
				refused: (why) => noted.push(why),
				over: (why) => noted.push(`over ${why}`),
			},
			failed: (_where, error) => failures.push(error),
		});
	});
	onTestFinished(async () => {
		await app.close();
		expect(failures).toEqual([]);
	});
	await peer.when(() => peer.requests.some(({ path }) => path === '/bridges'));
	const door = { app, address, noted, intake, clock, peer };
	return { ...door, knock: (options: Knock = {}) => knocked(address, options) };
}

interface Knock {
	/** What of the address names the leg. */
	leg?: string | undefined;
	headers?: Record<string, string>;
}

/** A socket at the media door: how it was refused, or what then became of it. */
async function knocked(address: string, { leg, headers = basic(key) }: Knock) {
	const query = leg === undefined ? '' : `?leg=${leg}`;
	const socket = new WebSocket(`${address.replace('http', 'ws')}${asteriskMediaPath}${query}`, ['media'], { headers });
	onTestFinished(() => socket.terminate());
	socket.on('error', () => {});
	const said: (string | Uint8Array)[] = [];
	socket.on('message', (bytes: Buffer, isBinary) => said.push(isBinary ? bytes : bytes.toString()));
	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
	});
	const refused = await new Promise<{ status: number; code: string } | undefined>((resolve) => {
		socket.once('open', () => resolve(undefined));
		socket.once('unexpected-response', (_request, response) => {
			let body = '';
			response.on('data', (part) => {
				body += part;
			});
			response.on('end', () => resolve({ status: response.statusCode ?? 0, code: JSON.parse(body).code }));
		});
	});
	return {
		refused,
		closed,
		/** What Ycord said on it. */
		said,
		protocol: socket.protocol,
		send(message: string | object | Uint8Array) {
			socket.send(message instanceof Uint8Array || typeof message === 'string' ? message : JSON.stringify(message));
		},
		/** Resolves when all that was sent is handled. */
		settled: () =>
			new Promise<void>((resolve) => {
				socket.once('pong', () => resolve());
				socket.once('close', () => resolve());
				if (socket.readyState === WebSocket.OPEN) socket.ping();
			}),
		drop: () => socket.terminate(),
	};
}

let told = 0;

/** A call that the dialplan told of, whose legs are waited for and have not come. */
export async function awaitedCall(settings: Partial<AsteriskSettings> = {}) {
	const door = await asteriskDoor(settings);
	const { peer } = door;
	const parties = { customer: `customer-${++told}`, agent: `agent-${told}`, bridge: `call-${told}` };
	for (const party of [parties.customer, parties.agent]) peer.party(party, parties.bridge);
	/** The names of the legs, as Asterisk was told them; those of the newest try. */
	const legs = () => {
		const asked = peer.requests.filter(({ path }) => path === '/channels/externalMedia');
		const named = (leg: string) =>
			asked.findLast(({ query }) => query.get('channelId')?.endsWith(`-${leg}-media`))?.query.get('transport_data');
		const secretOf = (leg: string) => /v\(leg=(\w+)\)/.exec(named(leg) ?? '')?.[1];
		return { customer: secretOf('customer'), agent: secretOf('agent') };
	};
	peer.userEvent(parties.customer, { agent: 'ann', agent_channel: parties.agent, bridge: parties.bridge });
	await peer.when(() => legs().customer !== undefined && legs().agent !== undefined);
	return { ...door, parties, legs };
}

/** What a media socket begins with, in JSON. */
export const start = (format = 'ulaw') => ({ event: 'MEDIA_START', connection_id: 'ycord', channel_id: 'x', format });

/** A call with both its legs. */
export async function heardCall(settings: Partial<AsteriskSettings> = {}, at?: (address: string) => string) {
	const site = await awaitedCall(settings);
	const { legs, address, intake } = site;
	const there = async (leg: string | undefined) => {
		const one = await knocked(at?.(address) ?? address, { leg });
		one.send(start(settings.format));
		return one;
	};
	const { customer, agent } = legs();
	const [c, a] = [await there(customer), await there(agent)] as const;
	await intake.when(() => intake.calls.length > 0);
	return { ...site, customer: c, agent: a, call: intake.calls[0] as RecordedCall };
}
