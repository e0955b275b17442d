import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { audioSocketMessage, audioSocketServer } from '#server/telephony/asterisk/audio-socket.ts';
import { formats } from '#server/telephony/asterisk/format.ts';
import type { Media } from '#server/telephony/asterisk/media.ts';
import type { MediaFormat } from '#server/telephony/asterisk/settings.ts';
import { maxWaiting } from '#server/telephony/door-limit.ts';
import { handClock } from '#tests/support/clock.ts';
import { rechunking } from '#tests/support/rechunking.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';
import { tone } from '#tests/support/tone.ts';

const uuid = (digit: number) => Buffer.alloc(16, digit);
const id = (digit: number) => audioSocketMessage(0x01, uuid(digit));
const slin = (samples: Uint8Array) => audioSocketMessage(0x10, formats.slin.write(samples));

/** The door, with these legs waited for; what came of each, and who was turned away why. */
async function door(waiting: Readonly<Record<number, MediaFormat>> = { 7: 'slin' }) {
	const clock = handClock();
	const refused: string[] = [];
	const failures: unknown[] = [];
	const left = new Map(Object.entries(waiting).map(([digit, format]) => [uuid(Number(digit)).toString('hex'), format]));
	const legs: { media: Media; heard: Uint8Array; gone: number }[] = [];
	const watching = new Set<() => void>();
	const changed = () => {
		for (const look of watching) look();
	};
	const server = await audioSocketServer({
		host: '127.0.0.1',
		port: 0,
		clock,
		claim(name) {
			const format = left.get(name);
			left.delete(name);
			if (!format) return undefined;
			return {
				format,
				started(media) {
					const leg = { media, heard: new Uint8Array(), gone: 0 };
					legs.push(leg);
					media.onSound((samples) => {
						leg.heard = Buffer.concat([leg.heard, samples]);
						changed();
					});
					media.onGone(() => {
						leg.gone++;
						changed();
					});
					changed();
				},
			};
		},
		refused(why) {
			refused.push(why);
			changed();
		},
		failed: (error) => failures.push(error),
	});
	onTestFinished(async () => {
		await server.close();
		expect(failures).toEqual([]);
	});
	const when = (holds: () => boolean) =>
		new Promise<void>((resolve) => {
			const look = () => {
				if (!holds()) return;
				watching.delete(look);
				resolve();
			};
			watching.add(look);
			look();
		});
	return { clock, refused, legs, when, server, asterisk: (port = server.port) => asterisk(port) };
}

/** A connection as Asterisk makes it. */
async function asterisk(port: number) {
	const socket = connect(port, '127.0.0.1').setNoDelay(true);
	onTestFinished(() => void socket.destroy());
	socket.on('error', () => {});
	const said: Buffer[] = [];
	socket.on('data', (bytes) => said.push(bytes));
	const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
	await new Promise<void>((resolve) => {
		socket.once('connect', resolve);
		socket.once('close', () => resolve());
	});
	return {
		socket,
		send: (...messages: Buffer[]) => void socket.write(Buffer.concat(messages)),
		/** All that Ycord said, until it closed. */
		closed: closed.then(() => Buffer.concat(said)),
	};
}

describe('the door for AudioSocket', () => {
	test.each([
		['an unknown UUID', [id(9)], 'unknown'],
		['sound first', [slin(tone(440, 20)), id(7)], 'malformed'],
		['a UUID of 15 bytes', [audioSocketMessage(0x01, new Uint8Array(15))], 'malformed'],
		['no UUID', [audioSocketMessage(0x01, new Uint8Array(0))], 'malformed'],
		['a hang-up first', [audioSocketMessage(0x00, new Uint8Array(0))], 'malformed'],
		['a request for a page', [Buffer.from('GET / HTTP/1.1\r\nHost: here\r\n\r\n'), Buffer.alloc(20_000)], 'malformed'],
	])('cuts off who sends %s, without a word [G3]', async (_what, messages, why) => {
		const { asterisk, legs, refused } = await door();
		const one = await asterisk();
		one.send(...messages);
		expect(await one.closed).toHaveLength(0);
		expect([refused, legs]).toEqual([[why], []]);
	});

	test('cuts off who names no leg within 1 s, however busy they are', async () => {
		const { asterisk, clock, refused, server } = await door();
		const one = await asterisk();
		one.send(Buffer.of(1, 0));
		// A second one that was cut off shows that the first one’s bytes were read.
		const other = await asterisk(server.port);
		other.send(id(9));
		await other.closed;
		clock.advance(999);
		expect(refused).toEqual(['unknown']);
		clock.advance(1);
		await one.closed;
		expect(refused).toEqual(['unknown', 'noStart']);
	});

	test('takes a UUID once: who comes with it again is cut off, and the first goes on', async () => {
		const { asterisk, legs, refused, when } = await door();
		const first = await asterisk();
		first.send(id(7), slin(tone(440, 20)));
		await when(() => legs.length === 1);
		const second = await asterisk();
		second.send(id(7), slin(tone(880, 20)));
		await second.closed;
		first.send(slin(tone(440, 20)));
		await when(() => legs[0]?.heard.length === 320);
		expect([refused, legs.length, legs[0]?.gone]).toEqual([['unknown'], 1, 0]);
	});

	test('lets in so many that say nothing and no more; who has named their leg takes no place of theirs [B1] [B2]', async () => {
		const { asterisk, clock, legs, refused, when } = await door({ 6: 'slin', 7: 'slin' });
		const talking = await asterisk();
		talking.send(id(6));
		await when(() => legs.length === 1);
		const silent = await Promise.all(Array.from({ length: maxWaiting }, () => asterisk()));
		const more = await asterisk();
		await more.closed;
		expect(refused).toEqual(['call.too-many-waiting']);
		talking.send(slin(tone(440, 20)));
		await when(() => legs[0]?.heard.length === 160);
		clock.advance(1000);
		await Promise.all(silent.map(({ closed }) => closed));
		expect(refused.filter((why) => why === 'noStart')).toHaveLength(maxWaiting);
		const next = await asterisk();
		next.send(id(7));
		await when(() => legs.length === 2);
	});
});

describe('a leg by AudioSocket', () => {
	async function leg(format: MediaFormat = 'slin') {
		const opened = await door({ 7: format });
		const one = await opened.asterisk();
		one.send(id(7));
		await opened.when(() => opened.legs.length === 1);
		return { ...opened, ...one, leg: opened.legs[0] as (typeof opened.legs)[number] };
	}

	test.each([
		['of a kind nobody knows', audioSocketMessage(0x42, new Uint8Array(1))],
		['with another name', id(8)],
		['with sound at another rate', audioSocketMessage(0x12, new Uint8Array(640))],
		['with half a sample', audioSocketMessage(0x10, new Uint8Array(319))],
	])('that sends a message %s is cut off, and its call is told', async (_what, message) => {
		const { send, closed, refused, leg: one, when } = await leg();
		send(slin(tone(440, 20)), message, slin(tone(440, 20)));
		await closed;
		await when(() => one.gone === 1);
		expect([refused, one.heard.length]).toEqual([['malformed'], 160]);
	});

	test('may tell of keys and errors, and send short and long and empty messages: nothing is kept or answered', async () => {
		const { send, socket, closed, refused, leg: one, when } = await leg();
		const sound = tone(440, 1000);
		send(audioSocketMessage(0x03, Buffer.from('5')), audioSocketMessage(0xff, Buffer.of(1)));
		send(slin(sound.subarray(0, 23)), slin(new Uint8Array(0)), slin(sound.subarray(23)));
		await when(() => one.heard.length === sound.length);
		expect(Buffer.compare(one.heard, sound)).toBe(0);
		socket.end();
		expect(await closed).toHaveLength(0);
		await when(() => one.gone === 1);
		expect(refused).toEqual([]);
	});

	test('is gone when Asterisk says so, and when its connection breaks, once', async () => {
		const polite = await leg();
		polite.send(audioSocketMessage(0x00, new Uint8Array(0)));
		await polite.closed;
		await polite.when(() => polite.leg.gone === 1);
		const broken = await leg();
		broken.socket.resetAndDestroy();
		await broken.when(() => broken.leg.gone === 1);
		expect([polite.refused, broken.refused]).toEqual([[], []]);
	});

	test('that is gone before anybody asked is told to whoever asks then', async () => {
		const { socket, leg: one, when } = await leg();
		socket.destroy();
		await when(() => one.gone === 1);
		expect(await new Promise((resolve) => one.media.onGone(() => resolve('gone')))).toBe('gone');
	});

	test('hangs up with the message for it, and says nothing after', async () => {
		const { closed, leg: one } = await leg();
		one.media.say(tone(440, 20));
		one.media.close();
		one.media.say(tone(880, 20));
		expect(await closed).toEqual(Buffer.concat([slin(tone(440, 20)), Buffer.of(0, 0, 0)]));
		expect(one.gone).toBe(0);
	});

	test.each(['slin', 'slin16'] as const)(
		'gives the same samples of %s, however its bytes are cut on the way [G1]',
		async (format) => {
			const seed = seedFor(`cuts of AudioSocket with ${format}`);
			const random = randomNumbers(seed);
			const way = await rechunking(seed);
			const { server, asterisk, legs, when } = await door({ 7: format });
			way.to(server.port);
			const one = await asterisk(Number(new URL(way.address).port));
			const sound = Uint8Array.from({ length: 16_000 }, () => random(256)).map((code) => (code === 0x7f ? 0xff : code));
			one.send(id(7));
			for (let from = 0; from < sound.length; ) {
				const size = random(1000);
				one.send(
					audioSocketMessage(format === 'slin' ? 0x10 : 0x12, formats[format].write(sound.subarray(from, from + size))),
				);
				from += size;
			}
			await when(() => legs[0]?.heard.length === sound.length);
			expect(Buffer.compare(legs[0]?.heard as Uint8Array, sound)).toBe(0);
			expect(way.pieces).toBeGreaterThan(50);
		},
	);
});
