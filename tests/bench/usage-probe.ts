/**
 * Loaded before the program of a measured process (`node --import`): says over IPC what the process has used so far,
 * and ends it when the benchmark is gone. It does nothing until it is asked.
 */
process.on('message', (message: { id: number; ask?: string }) => {
	if (message.ask === 'usage') {
		const { user, system } = process.cpuUsage();
		const answer: Usage = { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
		process.send?.({ id: message.id, answer });
	}
	if (message.ask === 'heap') {
		// What a first collection finalizes, a second one takes.
		for (let times = 0; times < 2; times++) globalThis.gc?.();
		const { heapUsed, external } = process.memoryUsage();
		const answer: Heap = { heapBytes: heapUsed, externalBytes: external };
		process.send?.({ id: message.id, answer });
	}
});
process.on('disconnect', () => process.exit(1));
// The program's own work decides how long it runs.
process.channel?.unref();

/** What a process has used: user and system time of all its threads, and the memory it holds now. */
export interface Usage {
	cpuUs: number;
	rssBytes: number;
}

/** What is alive in a process that was started with `--expose-gc`: V8's objects, and buffers beside them. */
export interface Heap {
	heapBytes: number;
	externalBytes: number;
}
