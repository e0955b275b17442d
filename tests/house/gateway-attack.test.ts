import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { maxWaiting } from '#server/telephony/door-limit.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { refusals } from '#shared/refusals.ts';
import { platforms } from '#tests/peers/peers.ts';
import type { Platform, Wire } from '#tests/peers/platform.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { listenPeer } from '#tests/support/live-peer.ts';
import { admit, play, startCall } from '#tests/support/test-call.ts';

/** What got out of the house where nobody catches it. */
const gotOut: unknown[] = [];
const keep = (error: unknown) => gotOut.push(error);
beforeAll(() => void process.on('uncaughtException', keep).on('unhandledRejection', keep));
afterAll(() => void process.off('uncaughtException', keep).off('unhandledRejection', keep));

const key = 'a-key-for-this-platform';
const label = 'Mrs. Doe, +15550100477';
/** The longest that any of them waits for a first message. */
const startWithinMs = 5000;
const wires = platforms.flatMap(({ wire, ...platform }) => (wire ? [[platform.name, wire, platform] as const] : []));

/** A socket at the gateway's door: how it was refused, or what then became of it. */
async function knock(address: string, { path, headers, protocol }: ReturnType<Wire['door']>) {
	const socket = new WebSocket(`${address.replace(/^http/, 'ws')}${path}`, protocol, { headers });
	socket.on('error', () => {});
	const closed = new Promise<number>((resolve) => {
		socket.on('close', resolve);
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
	return { socket, refused, closed };
}

async function attacked(platform: Omit<Platform, 'wire'>) {
	const clock = handClock();
	const { env } = await platform.inHouse(key);
	const app = await openHouse({ YCORD_LOG_LEVEL: 'debug', ...env }, { clock });
	const address = app.address();
	// Beside all of it there is a call, and somebody hears it.
	const call = await startCall(app);
	const listener = await (async () => {
		const listeningId = await admit(await app.live('ann'), await app.live('eve'), call.callId);
		return listenPeer(app.seat('eve'), listeningId);
	})();
	await listener.begun();
	let frame = 0;
	/** The call beside goes on for so many frames, and all of them are heard. */
	const goesOn = async (count: number) => {
		for (let n = 0; n < count; n++) {
			play(call, frame++, 1);
			clock.advance(20);
		}
		await listener.heard.when(() => listener.heard.all.length >= frame - 1);
		expect(listener.heard.all.map(({ sequence }) => sequence)).toEqual(
			listener.heard.all.map((_, place) => (listener.heard.all[0]?.sequence as number) + place),
		);
	};
	return { app, clock, address, goesOn };
}

describe.each(wires)('at the door of %s', (name, wire, platform) => {
	test('who shows nothing, or something wrong, is refused by name before the upgrade, and counted [G1]', async () => {
		const { app, address, goesOn } = await attacked(platform);
		const right = wire.door(address, key);
		const wrong = wire.door(address, 'another-key-altogether');
		for (const [door, code] of [
			[{ ...right, headers: {}, path: right.path.replace(key, '') }, wire.refused.without],
			[wrong, wire.refused.wrong],
		] as const) {
			const { refused } = await knock(address, door);
			expect(refused).toEqual({ status: refusals[code].status, code });
		}
		await goesOn(10);
		const metrics = await (await fetch(`${address}/metrics`)).text();
		for (const code of Object.values(wire.refused))
			expect(metrics).toMatch(
				new RegExp(`^ycord_gateway_refused_total\\{gateway="${name}",reason="${code}"\\} 1$`, 'm'),
			);
		expect(app.log()).not.toMatch(/a-key-for|another-key|\\n +at /);
		expect(gotOut).toEqual([]);
	});

	test('what breaks the rules is hung up on by name, counted, and the call beside loses nothing [G3]', async () => {
		const { app, address, goesOn } = await attacked(platform);
		const door = wire.door(address, key);
		const begin = wire.begin('ann', label);
		const nobody = wire.begin('nobody of ours', label);
		const named = (...reasons: (keyof typeof closeCodes)[]) => reasons.map((reason) => closeCodes[reason].code);
		const cases: [string, readonly (string | Uint8Array)[], number[]][] = [
			['sound before the first message', [wire.sound], named('malformed')],
			['a text that is nothing', ['{"'], named('malformed')],
			['a large text', [`"${'x'.repeat(70_000)}"`], named('tooLarge')],
			['a large binary message', [...begin, new Uint8Array(70_000)], named('tooLarge', 'malformed')],
			['a message that is too large to be read', [new Uint8Array(140_000)], [1009]],
			['an agent nobody knows', nobody, named('unknownAgent')],
			...(wire.secondBegin
				? [['a second beginning', [...begin, ...begin], named(wire.secondBegin)] as (typeof cases)[number]]
				: []),
		];
		for (const [what, messages, codes] of cases) {
			const { socket, closed } = await knock(address, door);
			for (const message of messages) socket.send(message);
			expect([what, codes]).toEqual([what, expect.arrayContaining([await closed])]);
			await goesOn(5);
		}
		const metrics = await (await fetch(`${address}/metrics`)).text();
		const counted = metrics.matchAll(
			new RegExp(`^ycord_gateway_refused_total\\{gateway="${name}",.*\\} (\\d+)$`, 'gm'),
		);
		expect([...counted].reduce((sum, [, count]) => sum + Number(count), 0)).toBe(cases.length);
		expect(app.log()).not.toMatch(/Mrs\. Doe|15550100477|a-key-for|nobody of ours|\\n +at /);
		expect(gotOut).toEqual([]);
	});

	test('so many that say nothing are let in and no more; none of them stays [B1] [B2]', async () => {
		const { app, clock, address, goesOn } = await attacked(platform);
		const door = wire.door(address, key);
		const silent = await Promise.all(Array.from({ length: maxWaiting }, () => knock(address, door)));
		expect(silent.filter(({ refused }) => refused)).toEqual([]);
		const code = 'call.too-many-waiting';
		expect((await knock(address, door)).refused).toEqual({ status: 503, code });
		await goesOn(10);
		clock.advance(startWithinMs);
		const ends = await Promise.all(silent.map(({ closed }) => closed));
		expect(new Set(ends)).toEqual(new Set([closeCodes.noStart.code]));
		const { refused, socket } = await knock(address, door);
		expect(refused).toBeUndefined();
		// Who has begun waits no longer, however long the call is.
		for (const message of wire.begin('ann', label)) socket.send(message);
		const metrics = await (await fetch(`${address}/metrics`)).text();
		expect(metrics).toMatch(new RegExp(`^ycord_refusals_total\\{code="${code}"\\} 1$`, 'm'));
		expect(app.log()).not.toMatch(/a-key-for|\\n +at /);
		expect(gotOut).toEqual([]);
		socket.terminate();
	});
});
