import { randomUUID } from 'node:crypto';
import { journalContract } from '#tests/contract/journal.contract.ts';
import { memoryJournal } from '#tests/support/memory-journal.ts';

journalContract('memory', async () => {
	const shelf = { id: randomUUID(), records: [] };
	return { open: async () => memoryJournal(shelf), remove: async () => {} };
});
