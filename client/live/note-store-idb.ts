import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { KeptDraft, KeptNote, NoteStore } from '#client/live/note-store.ts';
import { tabLock } from '#client/live/tab-lock.ts';

/** A row is one tab's to send. */
type NoteRow = KeptNote & { tab: string };
type DraftRow = KeptDraft & { replyTo: string; tab: string; atMs: number };

interface Tables extends DBSchema {
	notes: { key: string; value: NoteRow; indexes: { person: string } };
	drafts: { key: [string, string, string, string]; value: DraftRow; indexes: { person: string } };
}

/** What may differ: tests have databases of their own, and browsers that lack one of the two. */
export interface IdbNeeds {
	name?: string;
	/** Absent where the page did not come over HTTPS: then every tab sends all, and a note sent twice is there once. [N3] */
	locks?: LockManager | undefined;
	/** Ms since 1970. */
	now?: () => number;
}

/** How long a first answer waits for the disk, and for the tab that this page was before it was loaded again. */
const patienceMs = 3_000;
const letGoMs = 500;
/** What was begun and never sent is not kept for ever. */
const draftKeptMs = 7 * 86_400_000;
/** A note that was said to be kept is there after the power fails, not only after the tab does. */
const onTheDisk = { durability: 'strict' } as const;

const keyOf = (
	{ personId, callId, replyTo }: { personId: string; callId: string; replyTo?: string | undefined },
	tab: string,
) => [personId, callId, replyTo ?? '', tab] as [string, string, string, string];

/** Notes in this browser's IndexedDB. */
export function idbNoteStore({ name = 'ycord', locks, now = Date.now }: IdbNeeds = {}): NoteStore & { close(): void } {
	const own = tabLock(locks);
	/** Where a tab says its name before it keeps its first note, so that the others can wait for its end. */
	const channel = locks && new BroadcastChannel(name);
	let isKnown = false;
	let opening: Promise<IDBPDatabase<Tables>> | undefined;

	const opened = () => {
		const close = () => {
			const closed = opening;
			opening = undefined;
			closed?.then((db) => db.close()).catch(() => {});
		};
		opening ??= openDB<Tables>(name, 1, {
			upgrade(db) {
				db.createObjectStore('notes', { keyPath: 'noteId' }).createIndex('person', 'personId');
				const drafts = db.createObjectStore('drafts', { keyPath: ['personId', 'callId', 'replyTo', 'tab'] });
				drafts.createIndex('person', 'personId');
			},
			// A newer version of this page wants another form: it must not wait for us.
			blocking: close,
			terminated: close,
		}).then(
			(db) => {
				void forgetOldDrafts(db).catch(() => {});
				return db;
			},
			(error: unknown) => {
				opening = undefined;
				throw error;
			},
		);
		return opening;
	};
	const forgetOldDrafts = async (db: IDBPDatabase<Tables>) => {
		const { store } = db.transaction('drafts', 'readwrite');
		for (const draft of await store.getAll())
			if (draft.atMs < now() - draftKeptMs) await store.delete(keyOf(draft, draft.tab));
	};
	/** Notes of one person that `from` left behind are this tab's from here on. */
	const takeNotes = async (personId: string, from: string): Promise<KeptNote[]> => {
		const tx = (await opened()).transaction('notes', 'readwrite', onTheDisk);
		const left = (await tx.store.index('person').getAll(personId)).filter((note) => note.tab === from);
		await Promise.all([...left.map((note) => tx.store.put({ ...note, tab: own.tab })), tx.done]);
		return left.map(withoutTab);
	};
	const takeDraft = async (draft: DraftRow): Promise<void> => {
		const tx = (await opened()).transaction('drafts', 'readwrite');
		const still = await tx.store.get(keyOf(draft, draft.tab));
		if (still) {
			tx.store.delete(keyOf(draft, draft.tab));
			tx.store.put({ ...still, tab: own.tab });
		}
		await tx.done;
	};

	return {
		follow(personId, taken) {
			const leaving = new AbortController();
			const watched = new Set<string>();
			let early: KeptNote[] | undefined = [];
			const tell = (notes: KeptNote[]) => {
				if (leaving.signal.aborted) return;
				if (early) early.push(...notes);
				else if (notes.length > 0) taken(inOrder(notes));
			};
			/** From each other tab: at once if it has gone, else as soon as it does. */
			const inherit = (tabs: string[]) =>
				Promise.all(
					[...new Set(tabs)].map(async (tab) => {
						if (tab === own.tab || watched.has(tab)) return;
						watched.add(tab);
						const take = async () => tell(await takeNotes(personId, tab));
						await own.afterwards(tab, leaving.signal, take).catch(() => {});
						watched.delete(tab);
					}),
				);
			const begin = async () => {
				await own.held;
				const notes = await (await opened()).getAllFromIndex('notes', 'person', personId);
				tell(notes.filter((note) => own.isAlone || note.tab === own.tab).map(withoutTab));
				if (!own.isAlone) await soon(inherit(notes.map((note) => note.tab)), letGoMs);
			};
			soon(begin(), patienceMs)
				.catch(() => {})
				.then(() => {
					const first = early ?? [];
					early = undefined;
					if (!leaving.signal.aborted) taken(inOrder(first));
				});
			const heard = ({ data }: MessageEvent<string>) => void inherit([data]);
			channel?.addEventListener('message', heard);
			return () => {
				leaving.abort();
				channel?.removeEventListener('message', heard);
			};
		},
		async keep(note, typed) {
			await own.held;
			if (!isKnown) channel?.postMessage(own.tab);
			isKnown = true;
			const tx = (await opened()).transaction(['notes', 'drafts'], 'readwrite', onTheDisk);
			const steps: Promise<unknown>[] = [tx.objectStore('notes').put({ ...note, tab: own.tab })];
			if (typed) steps.push(tx.objectStore('drafts').delete(keyOf(note, own.tab)));
			await committed(tx, steps);
		},
		async forget(noteId) {
			await own.held;
			const tx = (await opened()).transaction('notes', 'readwrite');
			await committed(tx, [tx.store.delete(noteId)]);
		},
		async drafts(personId) {
			await own.held;
			const read = async () => (await opened()).getAllFromIndex('drafts', 'person', personId);
			const all = (await within(read(), patienceMs)).toSorted((a, b) => b.atMs - a.atMs);
			const found = new Map<string, DraftRow>();
			const placeOf = (draft: DraftRow) => `${draft.callId} ${draft.replyTo}`;
			for (const draft of all) if (draft.tab === own.tab) found.set(placeOf(draft), draft);
			for (const draft of all) {
				if (found.has(placeOf(draft))) continue;
				const take = () => takeDraft(draft).then(() => void found.set(placeOf(draft), draft));
				await own.afterwards(draft.tab, AbortSignal.timeout(letGoMs), take).catch(() => {});
			}
			return [...found.values()].map(({ tab: _, atMs: __, ...draft }) => ({
				...draft,
				replyTo: draft.replyTo || undefined,
			}));
		},
		async keepDraft(draft) {
			await own.held;
			const tx = (await opened()).transaction('drafts', 'readwrite');
			const row = { ...draft, replyTo: draft.replyTo ?? '', tab: own.tab, atMs: now() };
			await committed(tx, [draft.text === '' ? tx.store.delete(keyOf(draft, own.tab)) : tx.store.put(row)]);
		},
		close() {
			own.letGo();
			channel?.close();
			opening?.then((db) => db.close()).catch(() => {});
		},
	};
}

/** Without waiting for each step's answer: a page that is being left gets none, and what was not committed is undone. */
async function committed(tx: { commit(): void; done: Promise<void> }, steps: Promise<unknown>[]): Promise<void> {
	const all = Promise.all([...steps, tx.done]);
	tx.commit();
	await all;
}

const withoutTab = ({ tab: _, ...note }: NoteRow): KeptNote => note;
/** Notes are named by UUIDv7, which sorts by when it was made. */
const inOrder = (notes: KeptNote[]) => notes.toSorted((a, b) => (a.noteId < b.noteId ? -1 : 1));

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** Resolves when the work is done, or after a while without it; the work goes on. */
const soon = (work: Promise<unknown>, ms: number) => Promise.race([work, pause(ms)]);
/** The same, where nothing can be done without its outcome. */
const within = <T>(work: Promise<T>, ms: number): Promise<T> =>
	Promise.race([
		work,
		pause(ms).then(() => {
			throw new Error('the disk does not answer');
		}),
	]);
