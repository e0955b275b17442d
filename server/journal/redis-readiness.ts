import type { RedisClient } from '#server/journal/redis-connection.ts';

/** The oldest Redis whose scripts are refused before they begin when memory is short, and never in the middle. */
const oldest = '7.0';

/** What a Redis must be like, so that what it acknowledges is on record. */
export interface Readiness {
	/** Reasons not to start, each with what mends it. */
	problems: string[];
	/** What may be lost all the same, for the log. */
	warnings: string[];
}

/** Looks at every server that may hold the journal. A managed service may hide some of it; that is a warning then. */
export async function readinessOf(client: RedisClient): Promise<Readiness> {
	const servers = 'nodes' in client ? client.nodes('master') : [client];
	const found: Readiness = { problems: [], warnings: [] };
	for (const server of servers) {
		const info = fieldsOf(await server.info());
		const fsync = await server.config('GET', 'appendfsync').catch(() => undefined);
		judge(info, Array.isArray(fsync) ? String(fsync[1]) : undefined, found);
	}
	return { problems: [...new Set(found.problems)], warnings: [...new Set(found.warnings)] };
}

function judge(info: Map<string, string>, fsync: string | undefined, { problems, warnings }: Readiness): void {
	const version = info.get('redis_version');
	if (version !== undefined && Number.parseFloat(version) < Number(oldest))
		problems.push(`it is Redis ${version}, and the journal needs ${oldest} or newer`);
	if (info.get('role') === 'slave')
		problems.push('it is a replica, which takes no events: name the primary in YCORD_REDIS');
	const aof = info.get('aof_enabled');
	if (aof === undefined) warnings.push('Redis does not say whether it keeps an append-only file (appendonly yes).');
	else if (aof !== '1')
		problems.push(
			'it keeps no append-only file (appendonly no), so a restart would lose events: ' +
				'redis-cli CONFIG SET appendonly yes && redis-cli CONFIG REWRITE',
		);
	const policy = info.get('maxmemory_policy');
	if (policy === undefined) warnings.push('Redis does not say what it does when memory is full (maxmemory-policy).');
	else if (policy !== 'noeviction')
		problems.push(
			`it throws events away when memory is full (maxmemory-policy ${policy}): ` +
				'redis-cli CONFIG SET maxmemory-policy noeviction && redis-cli CONFIG REWRITE',
		);
	if (aof === '0') return;
	if (fsync === undefined)
		warnings.push('Redis does not say how often it writes to the disk (appendfsync); always loses nothing.');
	else if (fsync !== 'always')
		warnings.push(
			`Redis writes to the disk ${fsync === 'everysec' ? 'once a second' : 'when the system likes'} ` +
				`(appendfsync ${fsync}): an outage of its machine can lose ${fsync === 'everysec' ? 'about the last second' : 'the last half minute or more'} ` +
				'of what was acknowledged. To lose nothing: redis-cli CONFIG SET appendfsync always && redis-cli CONFIG REWRITE',
		);
}

const fieldsOf = (info: string) =>
	new Map(
		info
			.split('\r\n')
			.filter((line) => line.includes(':'))
			.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
	);
