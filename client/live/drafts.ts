import type { KeptDraft, NoteStore, TypedNote } from '#client/live/note-store.ts';
import type { Clock } from '#shared/clock.ts';

/** Which field: whose, in which call, and answering which note. */
export type DraftPlace = Pick<KeptDraft, 'personId' | 'callId' | 'replyTo'>;

/** What is being typed in this tab, on the disk within 300 ms. */
export interface Drafts {
	/** Reads what this person was typing before the page was loaded again. Never rejects; the second time it is there already. */
	load(personId: string): Promise<void>;
	get(place: DraftPlace): TypedNote | undefined;
	/** Without any text: there is nothing being typed any more. */
	keep(place: DraftPlace, note: TypedNote): void;
	/** At once: the page may be gone in a moment. */
	flush(): void;
}

const withinMs = 300;
const keyOf = ({ personId, callId, replyTo = '' }: DraftPlace) => `${personId} ${callId} ${replyTo}`;

export function drafts(noteStore: NoteStore, clock: Clock): Drafts {
	const typed = new Map<string, KeptDraft>();
	const unsaved = new Map<string, KeptDraft>();
	const loads = new Map<string, Promise<void>>();
	let stopWaiting: (() => void) | undefined;

	const save = () => {
		stopWaiting?.();
		stopWaiting = undefined;
		// Where nothing can be kept on the disk, it lasts as long as the page.
		for (const draft of unsaved.values()) noteStore.keepDraft(draft).catch(() => {});
		unsaved.clear();
	};
	const load = async (personId: string) => {
		const kept = await noteStore.drafts(personId).catch(() => []);
		for (const draft of kept) if (!typed.has(keyOf(draft))) typed.set(keyOf(draft), draft);
	};
	return {
		load(personId) {
			const loading = loads.get(personId) ?? load(personId);
			loads.set(personId, loading);
			return loading;
		},
		get(place) {
			const draft = typed.get(keyOf(place));
			return draft?.text ? draft : undefined;
		},
		keep({ personId, callId, replyTo }, note) {
			const draft: KeptDraft = { ...note, personId, callId, replyTo };
			typed.set(keyOf(draft), draft);
			unsaved.set(keyOf(draft), draft);
			stopWaiting ??= clock.after(withinMs, save);
		},
		flush: save,
	};
}
