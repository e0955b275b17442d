/** Where a Redis is reached, read from a URL. */
export interface RedisAddress {
	/** Without password, for people to read. */
	readonly shown: string;
	/** One place; or several nodes of a Redis Cluster, of which any one that answers will do. */
	readonly places: readonly ({ host: string; port: number } | { path: string })[];
	readonly cluster: boolean;
	readonly tls: boolean;
	readonly username?: string;
	readonly password?: string;
	readonly db: number;
}

/** What `redisAddress` reads, in words. */
export const redisForms =
	'redis://host:port, rediss://host:port, unix:/path/redis.sock, or several nodes of a Redis Cluster, comma-separated';

const defaultPort = 6379;

/** Reads a URL, or several with commas between; undefined for what is none. */
export function redisAddress(text: string): RedisAddress | undefined {
	const parts = text.split(',').map(partOf);
	const [first] = parts;
	if (!first || parts.includes(undefined)) return undefined;
	const nodes = parts as Part[];
	const { tls, username, password, db } = first;
	const cluster = nodes.length > 1;
	// Nodes of one cluster are one another's equals, and a cluster has one database.
	if (cluster && nodes.some((one) => 'path' in one.place || one.tls !== tls || one.db !== 0)) return undefined;
	return {
		shown: nodes.map(({ place }) => ('path' in place ? place.path : `${place.host}:${place.port}`)).join(', '),
		places: nodes.map(({ place }) => place),
		cluster,
		tls,
		...(username === undefined ? {} : { username }),
		...(password === undefined ? {} : { password }),
		db,
	};
}

interface Part {
	place: { host: string; port: number } | { path: string };
	tls: boolean;
	username?: string;
	password?: string;
	db: number;
}

function partOf(text: string): Part | undefined {
	if (!URL.canParse(text)) return undefined;
	const { protocol, hostname, port, pathname, username, password, searchParams, hash } = new URL(text);
	const db = searchParams.get('db') ?? (protocol === 'unix:' ? '' : pathname.slice(1));
	if (!/^\d{0,5}$/.test(db) || hash !== '' || [...searchParams.keys()].some((key) => key !== 'db')) return undefined;
	const access = {
		...(username === '' ? {} : { username: decodeURIComponent(username) }),
		...(password === '' ? {} : { password: decodeURIComponent(password) }),
		db: Number(db),
	};
	if (protocol === 'unix:') {
		if (hostname !== '' || !/^\/./.test(pathname)) return undefined;
		return { place: { path: decodeURIComponent(pathname) }, tls: false, ...access };
	}
	if (!/^rediss?:$/.test(protocol) || hostname === '') return undefined;
	const host = hostname.replace(/^\[(.*)\]$/, '$1');
	return { place: { host, port: Number(port || defaultPort) }, tls: protocol === 'rediss:', ...access };
}
