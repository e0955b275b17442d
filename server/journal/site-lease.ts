import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster, Redis } from 'ioredis';
import type { Clock } from '#shared/clock.ts';

/** A site in Redis, held by one server at a time. */
export interface SiteLease {
	/** Rejects when another server holds the site now. */
	lost: Promise<never>;
	close(): Promise<void>;
}

/** How long a server that has gone without a word still holds its site. */
export const leaseMs = 15_000;
const renewMs = 3_000;

/** `KEYS[1]` the lease, `ARGV` who wants it and for how long: 1 if they hold it now. */
const take = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;
const leave = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * One server a site, as one server a data folder: at its start a server ends the calls that an earlier run left open, and
 * must never end those of another that runs. A server is known by its data folder, so that it takes its own site back at
 * once after a crash; another one waits until the lease has run out. Throws an Error that says who is in the way.
 */
export async function siteLease(
	redis: Redis | Cluster,
	{ site, data, clock }: { site: string; data: string; clock: Clock },
): Promise<SiteLease> {
	const key = `ycord:{${site}}:server`;
	const me = serverOf(data);
	const renew = () => redis.eval(take, 1, key, me, leaseMs);
	if ((await renew()) !== 1)
		throw new Error(
			`Another Ycord runs on the site ${site}, from another data folder. Stop it and wait ${leaseMs / 1000} seconds, or choose another YCORD_SITE.`,
		);
	const losing = Promise.withResolvers<never>();
	losing.promise.catch(() => {});
	const stop = clock.every(renewMs, () => {
		renew().then(
			(held) => {
				if (held !== 1) losing.reject(new Error('another server has taken the site over'));
			},
			// Redis is away, for everybody: whoever is back first goes on.
			() => {},
		);
	});
	return {
		lost: losing.promise,
		async close() {
			stop();
			await redis.eval(leave, 1, key, me).catch(() => {});
		},
	};
}

/** The server's name for itself, kept in its data folder. */
function serverOf(data: string): string {
	const path = join(data, 'server.id');
	try {
		return readFileSync(path, 'utf8');
	} catch {
		const id = randomUUID();
		writeFileSync(path, id, { mode: 0o600 });
		return id;
	}
}
