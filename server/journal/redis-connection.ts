import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from '#server/journal/redis-address.ts';

/** The scripts of the journal, as commands; each is given how many keys it has, the keys, and the rest. */
interface Scripts {
	journalAppend(keys: number, ...args: (string | number)[]): Promise<(number | string)[]>;
	journalRead(keys: number, ...args: (string | number)[]): Promise<unknown[]>;
}

/** One Redis or a cluster, as a client of it. */
export type RedisClient = (Redis | Cluster) & Scripts;

/** One connection, from its start to its end; it does not come back by itself, and holds nothing back for later. */
export interface RedisConnection {
	readonly client: RedisClient;
	/** Resolves once it can be used; rejects with an Error that says why not. */
	readonly opened: Promise<void>;
	/** Settles once it has gone, asked to or not; what was not answered has been rejected by then. */
	readonly gone: Promise<void>;
	close(): void;
}

const script = (name: string, readOnly: boolean) => ({
	lua: readFileSync(new URL(`./journal-redis-${name}.lua`, import.meta.url), 'utf8'),
	readOnly,
});
const scripts = { journalAppend: script('append', false), journalRead: script('read', true) };

/** Begins to connect. */
export function redisConnection(address: RedisAddress): RedisConnection {
	const client = clientOf(address);
	let wrong: Error | undefined;
	const remember = (error: Error) => {
		wrong = error;
	};
	// A cluster says what is wrong with its nodes under a name of its own.
	client.on('error', remember).on('node error', remember);
	const gone = new Promise<void>((resolve) => client.once('end', resolve));
	const never = gone.then(() => Promise.reject(new Error('Connection is closed.')));
	const opened = Promise.race([client.connect(), never]).catch((error: Error) => {
		throw wrong ?? error;
	});
	never.catch(() => {});
	opened.catch(() => {});
	return {
		client,
		opened,
		gone,
		close() {
			const nodes = 'nodes' in client ? client.nodes() : [client];
			client.disconnect();
			// A client that disconnects waits for the other end to do so too, and one that stands still never does.
			for (const one of nodes) (one as unknown as { stream?: Duplex | null }).stream?.destroy();
		},
	};
}

/** Sent again, waited for and tried again is done by whoever keeps the connection, who knows what may be. */
const once = { lazyConnect: true, enableOfflineQueue: false, scripts };

/**
 * A client that comes back by itself, for commands that may be sent twice; what waits too long is refused. Its owner lets
 * go of it with `disconnect`.
 */
export function lastingClient(address: RedisAddress): Redis | Cluster {
	const { places, cluster, tls, username, password, db } = address;
	const options = { ...accessOf({ tls, username, password }), commandTimeout: 5000, maxRetriesPerRequest: 2 };
	const client = cluster
		? new Cluster(
				places.filter((place) => 'host' in place),
				{ redisOptions: options },
			)
		: new Redis({ ...(places[0] as RedisOptions & { replyMapping: 'legacy' }), ...options, db });
	// What fails is told to whoever asked; without a listener it would end the process.
	client.on('error', () => {});
	return client;
}

const accessOf = ({
	tls,
	username,
	password,
}: Pick<RedisAddress, 'tls'> & { username?: string | undefined; password?: string | undefined }) => ({
	...(username === undefined ? {} : { username }),
	...(password === undefined ? {} : { password }),
	...(tls ? { tls: {} } : {}),
	protocol: 2 as const,
	connectTimeout: 5000,
});

function clientOf({ places, cluster, tls, username, password, db }: RedisAddress): RedisClient {
	const options = {
		...accessOf({ tls, username, password }),
		maxRetriesPerRequest: null,
		autoResendUnfulfilledCommands: false,
	};
	if (!cluster) {
		return new Redis({
			...(places[0] as RedisOptions & { replyMapping: 'legacy' }),
			...options,
			...once,
			db,
			retryStrategy: null,
		}) as Redis & Scripts;
	}
	return new Cluster(
		places.filter((place) => 'host' in place),
		{
			...once,
			redisOptions: options,
			clusterRetryStrategy: null,
			retryDelayOnFailover: 0,
			retryDelayOnClusterDown: 0,
		},
	) as Cluster & Scripts;
}
