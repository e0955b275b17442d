import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { maxWaiting } from '#server/telephony/door-limit.ts';
import { frameMs, maxFramesPerMessage } from '#shared/audio.ts';
import { type GatewayDoor, startStream } from '#tests/bench/gateway-calls.ts';
import { ingestWires } from '#tests/bench/ingest-wires.ts';
import { rawSocket } from '#tests/bench/raw-socket.ts';
import { type YcordServer, ycordServer } from '#tests/bench/ycord-server.ts';
import { listenPeer } from '#tests/support/live-peer.ts';

const streams = 10_000;
/** At the door of each gateway: three times what is let in. */
const streamsEach = 1500;
/** So many are opened at once, so that the test does not keep itself from hearing. */
const atOnce = 100;
/** Frames that wait for a wider message, on a busy machine, and the first, of which a listener may have come too late. */
const mayBeHeld = maxFramesPerMessage;
/** What a server may hold more than before while 10,000 knock: what those that it lets in cost, and some change. */
const holdsAtMost = 25_000_000;
/** Its media door stands open whether Asterisk itself is there or not. */
const asteriskAway = {
	YCORD_ASTERISK_URL: 'http://127.0.0.1:9',
	YCORD_ASTERISK_USER: 'bench',
	YCORD_ASTERISK_PASSWORD: 'bench',
};

/** Beside all of it there is a call, and somebody hears it. */
async function callBeside({ door, seat, seats }: YcordServer) {
	const gone = Promise.withResolvers<never>();
	gone.promise.catch(() => {});
	const call = await rawSocket({
		...door,
		heard: () => gone.reject(new Error('the call was sent something')),
		gone: (why) => gone.reject(new Error(why)),
	});
	onTestFinished(call.destroy);
	startStream(call, { streamSid: 'MZ1', callSid: 'CA1', agent: door.agent });
	const { listeners } = await seats(['CA1'], 1, 0);
	const listeningId = /\/sound\/([^?]+)/.exec((listeners[0] as { path: string }).path)?.[1] as string;
	const ear = await listenPeer(seat, listeningId);
	await ear.begun();
	let sent = 0;
	const payload = Buffer.alloc(160, 0x40).toString('base64');
	return {
		ear,
		/** The call goes on by half a second, and all of it is heard before anything else happens. */
		async goesOn() {
			for (let count = 0; count < 25; count++, sent++)
				for (const track of ['inbound', 'outbound'])
					call.send(
						`{"event":"media","sequenceNumber":"${2 + sent}","media":{"track":"${track}","chunk":"${sent + 1}","timestamp":"${sent * frameMs}","payload":"${payload}"},"streamSid":"MZ1"}`,
					);
			const heard = () => ear.heard.all.reduce((all, { frames }) => all + frames, 0);
			await Promise.race([ear.heard.when(() => heard() >= sent - mayBeHeld), gone.promise]);
		},
		/** Nothing between the first message and the last is missing. */
		losesNothing() {
			expect(ear.heard.all.map(({ sequence }) => sequence)).toEqual(
				ear.heard.all.map((_, place) => (ear.heard.all[0]?.sequence as number) + place),
			);
		},
	};
}

/** Opens so many at a gateway's door, as the call beside goes on, and asserts how they are answered. Gives back how many were refused. */
async function knocking(
	door: GatewayDoor,
	count: number,
	beside: { goesOn(): Promise<void> },
	looks: () => Promise<void>,
) {
	const open = new Set<Socket>();
	onTestFinished(() => {
		for (const socket of open) socket.destroy();
	});
	const answers = new Map<string, number>();
	for (let opened = 0; opened < count; opened += atOnce) {
		const some = await Promise.all(Array.from({ length: atOnce }, () => silentStream(door, open)));
		for (const answer of some) answers.set(answer, (answers.get(answer) ?? 0) + 1);
		await beside.goesOn();
		if (opened % 1000 === 0) await looks();
	}
	const [letIn = 0, refused = 0] = ['101', '503'].map((status) => answers.get(status));
	expect([...answers.keys()].sort()).toEqual(['101', '503']);
	expect(letIn + refused).toBe(count);
	expect(letIn).toBeGreaterThanOrEqual(maxWaiting);
	return refused;
}

/** The most that a server holds more than now, each time it is looked at. */
async function growing(server: YcordServer) {
	const held = async () => {
		const { heapBytes, externalBytes } = await server.heap();
		return heapBytes + externalBytes;
	};
	const before = await held();
	let most = 0;
	return {
		async look() {
			most = Math.max(most, (await held()) - before);
		},
		most: () => most,
	};
}

const refusedAs = (gateway: string, count: number) =>
	`ycord_gateway_refused_total{gateway="${gateway}",reason="call.too-many-waiting"} ${count}\n`;
const metricsOf = async ({ seat }: YcordServer) => (await fetch(`${seat.address}/metrics`)).text();

test('10,000 streams that are opened and say nothing: bounded, counted, and the call beside loses nothing [B1] [B2]', async () => {
	const server = await ycordServer({ core: undefined, collects: true, signal: AbortSignal.timeout(150_000) });
	onTestFinished(server.stop);
	const beside = await callBeside(server);
	await beside.goesOn();
	const growth = await growing(server);
	const refused = await knocking(server.door, streams, beside, growth.look);
	expect(growth.most()).toBeLessThan(holdsAtMost);
	beside.losesNothing();
	expect(await metricsOf(server)).toContain(refusedAs('twilio', refused));
}, 180_000);

test('the same at the door of every gateway of one house: one that is full keeps nobody from another [B1] [B2]', async () => {
	const wires = ingestWires.filter(({ byPackets }) => !byPackets);
	const env = Object.assign({}, ...wires.map((wire) => wire.env), asteriskAway);
	const server = await ycordServer({ core: undefined, env, collects: true, signal: AbortSignal.timeout(150_000) });
	onTestFinished(server.stop);
	const beside = await callBeside(server);
	await beside.goesOn();
	const growth = await growing(server);
	const refused = new Map<string, number>();
	for (const { name, path, headers } of wires) {
		const door = name === 'twilio' ? server.door : { ...server.door, path, headers };
		refused.set(name, await knocking(door, streamsEach, beside, growth.look));
	}
	expect(growth.most()).toBeLessThan(holdsAtMost * wires.length);
	beside.losesNothing();
	const metrics = await metricsOf(server);
	for (const [gateway, count] of refused) expect(metrics).toContain(refusedAs(gateway, count));
}, 180_000);

/** Opens one, hears how it is answered, and leaves it open; one that was let in never says anything. */
function silentStream({ port, path, headers }: GatewayDoor, open: Set<Socket>) {
	return new Promise<string>((resolve, reject) => {
		const socket = connect(port, '127.0.0.1');
		open.add(socket);
		socket.on('close', () => open.delete(socket));
		socket.on('error', reject);
		socket.once('data', (answer) => resolve(/^HTTP\/1\.1 (\d+)/.exec(answer.toString())?.[1] ?? 'nothing'));
		const lines = Object.entries({
			host: `127.0.0.1:${port}`,
			connection: 'Upgrade',
			upgrade: 'websocket',
			'sec-websocket-version': '13',
			'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
			...headers,
		}).map(([name, value]) => `${name}: ${value}\r\n`);
		socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
	});
}
