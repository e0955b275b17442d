import type { KeptNote, NoteStore } from '#client/live/note-store.ts';

/** A browser's disk, as its tabs share it. */
export interface NoteDisk {
	/** By id. */
	notes: Map<string, KeptNote>;
	/** The store of one more tab. What an earlier one left is given to whoever follows next. */
	tab(): NoteStore;
	/** While true nothing can be written, as in a full or private browser. */
	full: boolean;
	/** Gives everybody who follows what a tab that died has left. */
	inherit(notes: KeptNote[]): void;
}

export function noteDisk(): NoteDisk {
	const followers = new Set<{ personId: string; taken: (notes: KeptNote[]) => void }>();
	const disk: NoteDisk = {
		notes: new Map(),
		full: false,
		tab: () => ({
			follow(personId, taken) {
				const follower = { personId, taken };
				followers.add(follower);
				taken([...disk.notes.values()].filter((note) => note.personId === personId));
				return () => void followers.delete(follower);
			},
			async keep(note) {
				if (disk.full) throw new Error('QuotaExceededError');
				disk.notes.set(note.noteId, note);
			},
			async forget(noteId) {
				disk.notes.delete(noteId);
			},
			drafts: async () => [],
			keepDraft: async () => {},
		}),
		inherit(notes) {
			for (const { personId, taken } of followers) taken(notes.filter((note) => note.personId === personId));
		},
	};
	return disk;
}
