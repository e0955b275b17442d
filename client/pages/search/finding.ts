import { type Store, store } from '#client/live/store.ts';
import { type Asked, isAsked } from '#client/pages/search/asked.ts';
import type { FoundNote, FoundNotes } from '#shared/rest.ts';

/** How a search stands. `notes` are those of `asked`; while the next is looked for, the last ones stay. */
export interface Found {
	at: 'nothing-asked' | 'looking' | 'there' | 'refused';
	asked: Asked;
	notes: readonly FoundNote[];
	/** Whether there are more than these. */
	more: boolean;
	/** The next ones are on their way. */
	adding: boolean;
	/** Why there is no answer, or no more of it. */
	error?: unknown;
}

export interface Finding {
	found: Store<Found>;
	/** Looks for what is asked once nothing else was for a moment; `now` looks at once. */
	look(asked: Asked, now?: 'now'): void;
	/** Fetches the next ones. */
	goOn(): void;
	/** Asks again what was asked last. */
	again(): void;
	stop(): void;
}

interface FindingNeeds {
	ask: (asked: Asked, before: string | undefined) => Promise<FoundNotes>;
	/** Runs something when nobody has typed for a moment; gives back what calls it off. */
	later: (run: () => void) => () => void;
	/** What was found before this page was left. */
	kept?: Found | undefined;
}

const nobody: Asked = { q: '', kind: undefined, tag: '' };
export const nothingFound: Found = { at: 'nothing-asked', asked: nobody, notes: [], more: false, adding: false };

/** A search that follows what is typed. An answer that comes after a later question was asked is not shown. */
export function finding({ ask, later, kept }: FindingNeeds): Finding {
	const found = store<Found>(kept ?? nothingFound);
	let asked = found.get().asked;
	let turn = 0;
	let callOff = () => {};

	const run = async () => {
		turn += 1;
		const mine = turn;
		const now = asked;
		try {
			const { notes, more } = await ask(now, undefined);
			if (mine === turn) found.set({ at: 'there', asked: now, notes, more, adding: false });
		} catch (error) {
			if (mine === turn) found.set({ at: 'refused', asked: now, notes: [], more: false, adding: false, error });
		}
	};
	const look = (next: Asked, now?: 'now') => {
		callOff();
		asked = next;
		turn += 1;
		if (!isAsked(next)) return found.set({ ...nothingFound, asked: next });
		found.set({ ...found.get(), at: 'looking', adding: false, error: undefined });
		if (now) void run();
		else callOff = later(() => void run());
	};
	const goOn = async () => {
		const { at, notes, more, adding } = found.get();
		const last = notes.at(-1);
		if (at !== 'there' || !more || adding || !last) return;
		const mine = turn;
		found.set({ ...found.get(), adding: true, error: undefined });
		try {
			const next = await ask(asked, String(last.place));
			const known = new Set(notes.map((note) => note.noteId));
			const added = next.notes.filter((note) => !known.has(note.noteId));
			if (mine === turn) found.set({ ...found.get(), notes: [...notes, ...added], more: next.more, adding: false });
		} catch (error) {
			if (mine === turn) found.set({ ...found.get(), adding: false, error });
		}
	};
	return {
		found,
		look,
		goOn: () => void goOn(),
		again: () => look(asked, 'now'),
		stop() {
			callOff();
			turn += 1;
		},
	};
}
