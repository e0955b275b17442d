import { readFile } from 'node:fs/promises';

/** By port, how many datagrams the kernel has thrown away because nobody had read those before (Linux: `drops` in /proc/net/udp). Undefined elsewhere. */
export async function udpDrops(): Promise<ReadonlyMap<string, number> | undefined> {
	const table = await readFile('/proc/net/udp', 'utf8').catch(() => undefined);
	if (table === undefined) return undefined;
	const drops = new Map<string, number>();
	for (const line of table.split('\n').slice(1)) {
		const words = line.trim().split(/\s+/);
		const [, hex] = words[1]?.split(':') ?? [];
		if (hex) drops.set(String(Number.parseInt(hex, 16)), Number(words.at(-1)));
	}
	return drops;
}
