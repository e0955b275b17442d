import { type Store, store } from '#client/live/store.ts';
import type { CallView, ListeningView } from '#shared/call.ts';
import type { Clock } from '#shared/clock.ts';
import type { ToClient, ToServer, ViewMessage, writingMs } from '#shared/live.ts';
import type { NoteView } from '#shared/note.ts';
import type { RefusalAnswer } from '#shared/refusals.ts';
import type { SegmentView } from '#shared/survey.ts';

/** What can be watched; shared/live.ts says what each holds. */
export type WatchedView = { view: 'board' } | { view: 'mine' } | { view: 'session'; callId: string };

type WritingMessage = Extract<ToClient, { type: 'writing' }>;
/** Somebody who writes a note that is not sent yet. */
export type Writer = Pick<WritingMessage, 'personId' | 'personName'>;

/** What a watched view holds now. `ready` once the server has sent it; it stays so while the link is lost. */
export interface ViewState {
	ready: boolean;
	calls: CallView[];
	listenings: ListeningView[];
	/** In the one order all share. [N2] */
	notes: NoteView[];
	/** Survey segments, in the order they were offered. */
	segments: SegmentView[];
	/** Who else is writing a note just now. [W11] */
	writers: Writer[];
	/** Why the server does not show this view. */
	refusal?: RefusalAnswer;
}

/** The views of one connection: asked for while somebody looks, and asked for again after each reconnect. */
export interface Views {
	/** The same store for the same view. */
	watch(view: WatchedView): Store<ViewState>;
	/** The link is open: ask for what is looked at, from where it stood; anew if positions belong to another journal now. [N5] */
	greeted(journal: string): void;
	received(message: ViewMessage): void;
	writing(message: WritingMessage): void;
	refused(watch: string, refusal: RefusalAnswer): void;
	close(): void;
}

/** A view stays open this long after the last one who looked has gone: a change of page costs no new start. */
const graceMs = 5_000;
/** Before a view that was refused, but may be shown later, is asked for again. */
const againMs = 3_000;
/** Ended calls are forgotten after this, so that a board left open for days stays small. [B1] */
const endedKeptMs = 3_600_000;

/** Only the type comes from the schemas' file: its value would bring the whole schema library into the tab. */
const writerMs: typeof writingMs = 6_000;

const nothing: ViewState = { ready: false, calls: [], listenings: [], notes: [], segments: [], writers: [] };

interface Feed {
	key: string;
	view: WatchedView;
	state: Store<ViewState>;
	/** Its name on the wire while it is open. */
	watch: string;
	open(): void;
	/** Forgets where it stood: what comes next is everything. */
	anew(): void;
	received(message: ViewMessage): void;
	writing(message: WritingMessage): void;
	refused(refusal: RefusalAnswer): void;
	stop(): void;
}

export function views(send: (message: ToServer) => boolean, clock: Clock, serverNow: () => number): Views {
	const feeds = new Map<string, Feed>();
	const byWatch = new Map<string, Feed>();
	let opened = 0;
	/** Which journal positions belong to, once it is known. */
	let journal: string | undefined;

	const feed = (key: string, view: WatchedView): Feed => {
		const state = store<ViewState>(nothing);
		/** Stops of the alarms that take a writer off the list, by person. */
		const writers = new Map<string, () => void>();
		let lookers = 0;
		/** Where it stands. */
		let seq: number | undefined;
		/** When what was missed was asked for: until it comes, nothing after it is taken. */
		let missedAtMs: number | undefined;
		let stopGrace = () => {};
		let stopAgain = () => {};
		const forget = () => {
			one.stop();
			if (byWatch.delete(one.watch)) send({ type: 'unwatch', watch: one.watch });
			if (feeds.get(key) === one) feeds.delete(key);
			one.anew();
			state.set(nothing);
		};
		const stopped = (personId: string) => {
			writers.get(personId)?.();
			if (!writers.delete(personId)) return;
			state.set({ ...state.get(), writers: state.get().writers.filter((writer) => writer.personId !== personId) });
		};
		/** Whether a message goes on from where this view stands. [W3] */
		const fits = ({ full, from, seq: to }: ViewMessage): boolean => {
			if (full) return true;
			if (seq === undefined || from > seq) {
				if (missedAtMs === undefined || clock.now() - missedAtMs >= againMs) {
					missedAtMs = clock.now();
					one.open();
				}
				return false;
			}
			missedAtMs = undefined;
			if (to > seq) return true;
			const { refusal, ...rest } = state.get();
			if (refusal) state.set(rest);
			return false;
		};
		const one: Feed = {
			key,
			view,
			watch: '',
			open() {
				const from = seq === undefined || journal === undefined ? {} : { journal, after: seq };
				send({ type: 'watch', watch: one.watch, ...view, ...from });
			},
			anew() {
				seq = undefined;
				missedAtMs = undefined;
			},
			received(message) {
				stopAgain();
				if (!fits(message)) return;
				missedAtMs = undefined;
				seq = message.seq;
				const before = state.get();
				const known = new Set(before.notes.map((note) => note.noteId));
				const after = merged(message.full ? { ...nothing, writers: before.writers } : before, message);
				state.set(view.view === 'session' ? withoutErased(after) : withoutLongEnded(after, serverNow() - endedKeptMs));
				for (const note of message.notes) if (!known.has(note.noteId)) stopped(note.authorId);
			},
			writing({ personId, personName, on }) {
				if (!on) return stopped(personId);
				writers.get(personId)?.();
				const already = writers.has(personId);
				const stopAlarm = clock.after(writerMs, () => stopped(personId));
				writers.set(personId, stopAlarm);
				if (already) return;
				state.set({ ...state.get(), writers: [...state.get().writers, { personId, personName }] });
			},
			refused(refusal) {
				missedAtMs = undefined;
				state.set({ ...state.get(), refusal });
				stopAgain();
				if (refusal.retry) stopAgain = clock.after(againMs, one.open);
			},
			stop() {
				stopGrace();
				stopAgain();
				for (const stop of writers.values()) stop();
				writers.clear();
			},
			state: {
				get: state.get,
				subscribe(onChange) {
					lookers++;
					stopGrace();
					if (lookers === 1 && byWatch.get(one.watch) !== one) {
						one.watch = `${view.view}-${++opened}`;
						byWatch.set(one.watch, one);
						if (!feeds.has(key)) feeds.set(key, one);
						one.open();
					}
					const stop = state.subscribe(onChange);
					let left = false;
					return () => {
						stop();
						if (left) return;
						left = true;
						lookers--;
						if (lookers === 0) stopGrace = clock.after(graceMs, forget);
					};
				},
			},
		};
		return one;
	};

	return {
		watch(view) {
			const key = view.view === 'session' ? `session ${view.callId}` : view.view;
			const known = feeds.get(key) ?? feed(key, view);
			feeds.set(key, known);
			return known.state;
		},
		greeted(current) {
			const another = journal !== undefined && journal !== current;
			journal = current;
			for (const one of byWatch.values()) {
				if (another) one.anew();
				one.open();
			}
		},
		received: (message) => byWatch.get(message.watch)?.received(message),
		writing: (message) => byWatch.get(message.watch)?.writing(message),
		refused: (watch, refusal) => byWatch.get(watch)?.refused(refusal),
		close() {
			for (const one of byWatch.values()) one.stop();
		},
	};
}

/** What was there with the rows that changed, each replaced by its id. */
function merged(before: ViewState, message: ViewMessage): ViewState {
	return {
		ready: true,
		writers: before.writers,
		calls: replaced(before.calls, message.calls, (call) => call.callId),
		listenings: replaced(before.listenings, message.listenings, (listening) => listening.listeningId),
		notes: inOrder(replaced(before.notes, message.notes, (note) => note.noteId)),
		segments: replaced(before.segments, message.segments, (segment) => segment.segmentId),
	};
}

function replaced<Row extends { seq: number }>(
	before: Row[],
	changed: Row[] | undefined,
	idOf: (row: Row) => string,
): Row[] {
	if (!changed || changed.length === 0) return before;
	const rows = new Map(before.map((row) => [idOf(row), row]));
	for (const row of changed) {
		const id = idOf(row);
		if ((rows.get(id)?.seq ?? -1) <= row.seq) rows.set(id, row);
	}
	return [...rows.values()];
}

function inOrder(notes: NoteView[]): NoteView[] {
	const sorted = notes.every((note, index) => index === 0 || (notes[index - 1] as NoteView).place <= note.place);
	return sorted ? notes : notes.toSorted((a, b) => a.place - b.place);
}

/** What was said in a call that has been erased is said no more, here either. */
function withoutErased(state: ViewState): ViewState {
	if (!state.calls.some((call) => call.erased)) return state;
	const isBare =
		state.notes.every((note) => note.text === '') && state.segments.every(({ answers }) => answers.length === 0);
	if (isBare) return state;
	const segments = state.segments.map((segment) => ({ ...segment, answers: [] }));
	return { ...state, segments, notes: state.notes.map((note) => ({ ...note, text: '', tags: [], mentions: [] })) };
}

function withoutLongEnded(state: ViewState, beforeMs: number): ViewState {
	const long = (call: CallView) => call.at === 'ended' && (call.endedAtMs ?? call.sinceMs) < beforeMs;
	if (!state.calls.some(long)) return state;
	const gone = new Set(state.calls.filter(long).map((call) => call.callId));
	return {
		...state,
		calls: state.calls.filter((call) => !gone.has(call.callId)),
		listenings: state.listenings.filter((listening) => !gone.has(listening.callId)),
		segments: state.segments.filter((segment) => !gone.has(segment.callId)),
	};
}
