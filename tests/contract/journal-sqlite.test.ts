import { sqliteJournal } from '#server/journal/journal-sqlite.ts';
import { journalContract } from '#tests/contract/journal.contract.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

journalContract('sqlite', async () => {
	const { path, remove } = await temporaryFolder();
	return { open: () => sqliteJournal(`${path}/journal.sqlite`), remove };
});
