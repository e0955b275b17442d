import type { Lane } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';

/** Somebody begins or stops writing a note. */
export interface Writer {
	person: Person;
	callId: string;
	lane: Lane;
	on: boolean;
}

/** Who writes just now, passed on and kept nowhere: whoever misses it misses nothing that lasts. [W11] */
export interface Writers {
	say(writer: Writer): void;
	onWriting(seen: (writer: Writer) => void): () => void;
}

export function writers(): Writers {
	const watchers = new Set<(writer: Writer) => void>();
	return {
		say(writer) {
			for (const seen of watchers) seen(writer);
		},
		onWriting(seen) {
			watchers.add(seen);
			return () => watchers.delete(seen);
		},
	};
}
