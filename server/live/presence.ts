/** Who has a page open, by their live connections. */
export interface Presence {
	/** A connection of this person has opened; gives back what says that it has closed. */
	came(personId: string): () => void;
	/** How many connections this person has. */
	count(personId: string): number;
	/** Told when somebody's first connection opens, and when their last one closes. */
	onChange(seen: (personId: string, isHere: boolean) => void): () => void;
}

export function presence(): Presence {
	const counts = new Map<string, number>();
	const watchers = new Set<(personId: string, isHere: boolean) => void>();
	const tell = (personId: string, isHere: boolean) => {
		for (const seen of watchers) seen(personId, isHere);
	};
	return {
		came(personId) {
			const before = counts.get(personId) ?? 0;
			counts.set(personId, before + 1);
			if (before === 0) tell(personId, true);
			return () => {
				const left = (counts.get(personId) ?? 1) - 1;
				if (left > 0) counts.set(personId, left);
				else if (counts.delete(personId)) tell(personId, false);
			};
		},
		count: (personId) => counts.get(personId) ?? 0,
		onChange(seen) {
			watchers.add(seen);
			return () => watchers.delete(seen);
		},
	};
}
