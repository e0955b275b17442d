import type { Cluster, Redis } from 'ioredis';
import { type KeyStore, keysUnavailable, maxInPage } from '#server/keys/keys.ts';

/** What stands in the place of a key that was destroyed; no wrapped key looks like it. */
const tombstone = 'destroyed';

/** `KEYS[1]` the hash, `ARGV` call, what it was and what it is to be, again and again: how many stood as they were. */
const replaceScript = `
local replaced = 0
for i = 1, #ARGV, 3 do
	if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
		redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
		replaced = replaced + 1
	end
end
return replaced`;

/** `KEYS[1]` the hash, `KEYS[2]` the count of tombstones, `ARGV` call and tombstone: 1 if a key or an empty place was there. */
const destroyScript = `
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('INCR', KEYS[2])
return 1`;

/**
 * The engine for several nodes: a hash in Redis, on a connection that stays its owner's. A destroyed key is gone from the
 * database at once, but the append-only file still holds the command that brought it, until the file is rewritten. That
 * is asked for after each destroyed key, as well as it can be: Redis may refuse (a rewrite is under way, or commands are
 * restricted), and a backup, a snapshot or a replica's file is out of reach. `site` is the hash tag, so that it runs on Redis Cluster.
 */
export function redisKeys(redis: Redis | Cluster, site: string): KeyStore {
	const hash = `ycord:{${site}}:keys`;
	const tombstones = `${hash}:destroyed`;
	const asking = async <T>(work: Promise<T>): Promise<T> => {
		try {
			return await work;
		} catch (error) {
			throw keysUnavailable(error instanceof Error ? error.message : 'unknown');
		}
	};
	const wrappedOf = async (callId: string) => {
		const found = await asking(redis.hget(hash, callId));
		return found === null || found === tombstone ? undefined : found;
	};

	return {
		find: wrappedOf,
		async keep(callId, wrapped) {
			await asking(redis.hsetnx(hash, callId, wrapped));
			return wrappedOf(callId);
		},
		async replace(keys) {
			if (keys.length === 0) return 0;
			const values = keys.flatMap(({ callId, was, wrapped }) => [callId, was, wrapped]);
			return Number(await asking(redis.eval(replaceScript, 1, hash, ...values)));
		},
		async destroy(callId) {
			const isNew = await asking(redis.eval(destroyScript, 2, hash, tombstones, callId, tombstone));
			if (isNew === 1) await redis.bgrewriteaof().catch(() => {});
		},
		async page(from = '0') {
			const [next, flat] = await asking(redis.hscan(hash, from, 'COUNT', maxInPage));
			const keys = [];
			for (let at = 0; at < flat.length; at += 2) {
				const [callId = '', wrapped = tombstone] = flat.slice(at, at + 2);
				if (wrapped !== tombstone) keys.push({ callId, wrapped });
			}
			return { keys, next: next === '0' ? undefined : next };
		},
		async destroyed() {
			return Number((await asking(redis.get(tombstones))) ?? 0);
		},
		async close() {},
	};
}
