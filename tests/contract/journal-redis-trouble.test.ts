import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import type { EventText, JournalEngine, RecordedText } from '#server/journal/journal.ts';
import { maxWaiting, type RedisJournalOptions, redisJournal } from '#server/journal/journal-redis.ts';
import { entriesOf } from '#tests/support/entries.ts';
import { freePort, type TestRedis, testRedis, type Witness } from '#tests/support/redis.ts';
import { stubbornWire } from '#tests/support/stubborn-wire.ts';

const held = { type: 'call-held', typeVersion: 1, body: '{}' };
const said = (words: string): EventText => ({ type: 'note-written', typeVersion: 1, body: JSON.stringify({ words }) });
const gone = { code: 'journal.unavailable', cause: expect.any(String) };

describe('redis journal in trouble', () => {
	let redis: TestRedis;
	let witness: Witness;
	const opened: JournalEngine[] = [];
	const open = async (options: Partial<RedisJournalOptions> = {}, url = redis.url) => {
		const { engine } = await redisJournal(url, { site: 'north', clock: machineClock(), ...options });
		opened.push(engine);
		return engine;
	};
	beforeEach(async () => {
		redis = await testRedis();
		witness = await redis.witness();
	});
	afterEach(async () => {
		await Promise.all(opened.splice(0).map((one) => one.close()));
		await redis.remove();
	});

	/** Two servers with four writers each append until `trouble` is over; all that is acknowledged must be there, once. */
	async function appendThrough(trouble: (appended: (count: number) => Promise<void>) => Promise<void>) {
		const nodes = [await open(), await open()];
		const acknowledged: RecordedText[] = [];
		const refused: unknown[] = [];
		const awaited = new Set<() => void>();
		const appended = (more: number) => {
			const enough = acknowledged.length + more;
			return new Promise<void>((resolve) => {
				const look = () => {
					if (acknowledged.length < enough) return;
					awaited.delete(look);
					resolve();
				};
				awaited.add(look);
			});
		};
		let over = false;
		const writers = nodes.flatMap((node, at) =>
			[1, 2, 3, 4].map(async (writer) => {
				const stream = `twilio-${at}-${writer}`;
				for (let version = 0; !over; version += 2) {
					const events = [said(`${stream} ${version}`), said(`${stream} ${version + 1}`)];
					const records = await node.append(stream, version, entriesOf(events, 'eva', 1)).catch((error) => {
						refused.push(error);
						over = true;
						return [];
					});
					acknowledged.push(...records);
					for (const look of [...awaited]) look();
				}
			}),
		);
		await trouble(appended);
		over = true;
		await Promise.all(writers);
		expect(refused).toEqual([]);
		const [one, other] = await Promise.all(nodes.map((node) => all(node)));
		expect(one).toEqual(acknowledged.sort((a, b) => a.seq - b.seq));
		expect(other).toEqual(one);
		expect(one?.map(({ seq }) => seq)).toEqual(one?.map((_, index) => index + 1));
	}

	test('[N1] [J1] [J6] through kill -9 of Redis, again and again, nothing is refused, lost or there twice', async () => {
		await appendThrough(async (appended) => {
			for (let round = 0; round < 4; round++) {
				await appended(100);
				await redis.kill();
				await redis.start();
			}
			await appended(100);
		});
	});

	test('[J6] through connections that are cut in the middle nothing is refused, lost or there twice', async () => {
		await appendThrough(async (appended) => {
			for (let round = 0; round < 12; round++) {
				await appended(20);
				await witness.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
			}
			await appended(20);
		});
	});

	test('scripts that Redis forgets while it runs are given to it again', async () => {
		await appendThrough(async (appended) => {
			for (let round = 0; round < 12; round++) {
				await appended(20);
				await witness.sendCommand(['SCRIPT', 'FLUSH']);
			}
			await appended(20);
		});
	});

	test('[J6] an append whose answer was lost is on record once, and acknowledged', async () => {
		const wire = await stubbornWire(redis.socket);
		const journal = await open({}, `unix:${wire.socket}`);
		await journal.append('twilio-1', 0, entriesOf([held], 'eva', 1));
		for (let version = 1; version < 6; version++) {
			wire.loseNextAnswer();
			expect(await journal.append('twilio-1', version, entriesOf([held], 'eva', 1))).toMatchObject([
				{ seq: version + 1 },
			]);
		}
		expect(await witness.xLen('ycord:{north}:journal')).toBe(6);
		await journal.close();
		await wire.remove();
	});

	test('[J1] [J6] what was sent over a connection that was given up does nothing when it arrives at last', async () => {
		const wire = await stubbornWire(redis.socket);
		const [journal, other] = [await open({ answerMs: 200 }, `unix:${wire.socket}`), await open()];
		const release = wire.holdAsked();
		const early = journal.append('twilio-1', 1, entriesOf([said('refused')], 'eva', 1));
		const outcome = expect(early).rejects.toMatchObject({ code: 'journal.conflict' });
		await wire.holds;
		const free = wire.holdAsked();
		free();
		await outcome;
		await other.append('twilio-1', 0, entriesOf([held], 'eva', 1));
		release();
		await journal.append('twilio-2', 0, entriesOf([held], 'eva', 1));
		expect(await other.read('twilio-1')).toHaveLength(1);
		await journal.close();
		await wire.remove();
	});

	test('[J6] while Redis stands still, what was never sent is refused, and what was sent is unsure: there once or not at all', async () => {
		const journal = await open({ answerMs: 300, patienceMs: 600, unsureMs: 1500 });
		await journal.append('twilio-1', 0, entriesOf([held], 'eva', 1));
		await redis.kill('SIGSTOP');
		const sent = journal.append('twilio-1', 1, entriesOf([said('sent')], 'eva', 1));
		const outcome = expect(sent).rejects.toMatchObject({ code: 'journal.unsure', cause: expect.any(String) });
		await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
		await expect(journal.append('twilio-1', 2, entriesOf([said('waits')], 'eva', 1))).rejects.toMatchObject(gone);
		await expect(journal.read('twilio-1')).rejects.toMatchObject(gone);
		await expect(journal.last()).rejects.toMatchObject(gone);
		await outcome;
		await redis.kill('SIGCONT');
		const version = await until(() => journal.read('twilio-1'));
		expect(version.length).toBeGreaterThanOrEqual(1);
		expect(version.length).toBeLessThanOrEqual(2);
		expect(await journal.read('twilio-2')).toEqual([]);
		expect(await journal.append('twilio-1', version.length, entriesOf([held], 'eva', 1))).toHaveLength(1);
	});

	test('[J1] [J3] after an outage longer than the patience appends are taken again, and followers have missed nothing', async () => {
		const [journal, other] = [await open({ patienceMs: 50 }), await open()];
		const following = journal.follow(0, new AbortController().signal)[Symbol.asyncIterator]();
		await redis.kill();
		await expect(journal.append('twilio-1', 0, entriesOf([held], 'eva', 1))).rejects.toMatchObject(gone);
		await redis.start();
		await until(() => journal.append('twilio-1', 0, entriesOf([held], 'eva', 1)));
		await other.append('twilio-2', 0, entriesOf([held], 'ina', 1));
		expect((await following.next()).value).toMatchObject({ seq: 1, by: 'eva' });
		expect((await following.next()).value).toMatchObject({ seq: 2, by: 'ina' });
	});

	test('[J1] a Redis whose memory is full refuses whole appends by name, and takes them again when there is room', async () => {
		const journal = await open();
		await journal.append('twilio-1', 0, entriesOf([held], 'eva', 1));
		await witness.configSet('maxmemory', '1mb');
		const full = { code: 'journal.unavailable', cause: expect.stringContaining('OOM') };
		await expect(journal.append('twilio-1', 1, entriesOf([held, held], 'eva', 1))).rejects.toMatchObject(full);
		expect(await journal.read('twilio-1')).toHaveLength(1);
		expect(await journal.last()).toBe(1);
		await witness.configSet('maxmemory', '0');
		expect(await journal.append('twilio-1', 1, entriesOf([held, held], 'eva', 1))).toMatchObject([
			{ seq: 2 },
			{ seq: 3 },
		]);
	});

	test('[J1] an append that Redis cannot hold leaves nothing, and those that came with it are recorded', async () => {
		const journal = await open();
		await witness.set('ycord:{north}:stream:twilio-2', 'not a list');
		const outcomes = await Promise.allSettled([
			journal.append('twilio-1', 0, entriesOf([held], 'eva', 1)),
			journal.append('twilio-2', 0, entriesOf([held, held], 'eva', 1)),
			journal.append('twilio-3', 0, entriesOf([held], 'eva', Number.NaN)),
			journal.append('twilio-4', 0, entriesOf([held], 'eva', 1)),
		]);
		expect(outcomes.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
		expect(outcomes.slice(1, 3)).toMatchObject([{ reason: gone }, { reason: gone }]);
		expect(await journal.read('twilio-4')).toMatchObject([{ seq: 2 }]);
	});

	test.each([
		['it was emptied', () => witness.flushAll()],
		['its journal was deleted', () => witness.del('ycord:{north}:journal')],
		['another journal took its place', () => witness.set('ycord:{north}:id', 'another')],
		['something else added to the journal', () => witness.xAdd('ycord:{north}:journal', '*', { a: 'b' })],
		['something else added in its next place', () => witness.xAdd('ycord:{north}:journal', '3-0', { a: 'b' })],
	])('[J3] who follows is told, and appends are refused, when behind our back %s', async (_, meddle) => {
		const journal = await open();
		await journal.append('twilio-1', 0, entriesOf([held, held], 'eva', 1));
		const following = journal.follow(0, new AbortController().signal)[Symbol.asyncIterator]();
		expect((await following.next()).value).toMatchObject({ seq: 1 });
		expect((await following.next()).value).toMatchObject({ seq: 2 });
		const told = expect(following.next()).rejects.toMatchObject(gone);
		await meddle();
		await told;
		await expect(journal.append('twilio-1', 2, entriesOf([held], 'eva', 1))).rejects.toMatchObject(gone);
		await expect(journal.read('twilio-1')).rejects.toMatchObject(gone);
		await expect(journal.last()).rejects.toMatchObject(gone);
	});

	test('[B1] more appends than may wait are refused by name at once, and those that wait are recorded', async () => {
		const journal = await open();
		const accepted = Array.from({ length: maxWaiting }, (_, n) =>
			journal.append(`twilio-${n}`, 0, entriesOf([held], 'eva', 1)),
		);
		await expect(journal.append('twilio-x', 0, entriesOf([held], 'eva', 1))).rejects.toMatchObject({
			code: 'journal.full',
		});
		await Promise.all(accepted);
		expect(await journal.last()).toBe(maxWaiting);
	});

	describe('at the start', () => {
		test.each([
			['without an append-only file', ['appendonly', 'no'], /no append-only file.*CONFIG SET appendonly yes/],
			[
				'that evicts',
				['maxmemory-policy', 'allkeys-lru'],
				/allkeys-lru\): redis-cli CONFIG SET maxmemory-policy noeviction && redis-cli CONFIG REWRITE/,
			],
			['that wants a password', ['requirepass', 'secret'], /it wants a password/],
		])('a Redis %s is refused with what mends it', async (_, [name = '', value = ''], text) => {
			await witness.configSet(name, value);
			await expect(open()).rejects.toThrow(text);
		});

		test('a Redis that is a replica is refused with what mends it', async () => {
			await witness.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
			await expect(open()).rejects.toThrow(/it is a replica, .* name the primary in YCORD_REDIS/);
		});

		test('a wrong password is told without showing it', async () => {
			const port = await freePort();
			const guarded = await testRedis({ port, bind: '127.0.0.1', requirepass: 'secret' });
			await expect(open({}, `redis://:guess@127.0.0.1:${port}`)).rejects.toThrow(
				/^The journal cannot be kept in the Redis at 127\.0\.0\.1:\d+: it does not take this user and password\.$/,
			);
			await open({}, `redis://:secret@127.0.0.1:${port}`);
			await Promise.all(opened.splice(0).map((one) => one.close()));
			await guarded.remove();
		});

		test('a Redis that is not there is told in one line', async () => {
			await expect(open({}, `unix:${redis.socket}.gone`)).rejects.toThrow(
				/^The journal cannot be kept in the Redis at .*gone: it cannot be reached \(ENOENT\)\.$/,
			);
		});

		test('for trials any Redis will do, with a warning', async () => {
			await witness.configSet('appendonly', 'no');
			const { engine, warnings } = await redisJournal(redis.url, { site: 'north', clock: machineClock(), dev: true });
			opened.push(engine);
			expect(warnings).toEqual([expect.stringMatching(/^Only for trials: .*append-only/)]);
		});

		test('[N1] what an outage of the machine can lose is said', async () => {
			await witness.configSet('appendfsync', 'everysec');
			const { engine, warnings } = await redisJournal(redis.url, { site: 'north', clock: machineClock() });
			opened.push(engine);
			expect(warnings).toEqual([expect.stringMatching(/appendfsync everysec\): an outage of its machine can lose/)]);
		});
	});
});

async function all(journal: JournalEngine): Promise<RecordedText[]> {
	const records: RecordedText[] = [];
	const enough = new AbortController();
	const last = await journal.last();
	for await (const one of journal.follow(0, enough.signal)) {
		records.push(one);
		if (one.seq === last) enough.abort();
	}
	return records;
}

/** Tries until Redis is back. */
async function until<T>(ask: () => Promise<T>): Promise<T> {
	for (;;) {
		try {
			return await ask();
		} catch (error) {
			expect(error).toMatchObject({ code: 'journal.unavailable' });
			await new Promise((resolve) => setImmediate(resolve));
		}
	}
}
