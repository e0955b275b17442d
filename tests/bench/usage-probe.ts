/**
 * Loaded before the program of a measured process (`node --import`): says over IPC what the process has used so far,
 * and ends it when the benchmark is gone. It does nothing until it is asked.
 */
process.on('message', (message: { id: number; ask?: string }) => {
	if (message.ask !== 'usage') return;
	const { user, system } = process.cpuUsage();
	const answer: Usage = { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
	process.send?.({ id: message.id, answer });
});
process.on('disconnect', () => process.exit(1));
// The program's own work decides how long it runs.
process.channel?.unref();

/** What a process has used: user and system time of all its threads, and the memory it holds now. */
export interface Usage {
	cpuUs: number;
	rssBytes: number;
}
