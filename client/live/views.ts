import { type Store, store } from '#client/live/store.ts';
import type { CallView, ListeningView } from '#shared/call.ts';
import type { Clock } from '#shared/clock.ts';
import type { ToServer, ViewMessage } from '#shared/live.ts';
import type { NoteView } from '#shared/note.ts';
import type { RefusalAnswer } from '#shared/refusals.ts';

/** What can be watched; shared/live.ts says what each holds. */
export type WatchedView = { view: 'board' } | { view: 'mine' } | { view: 'session'; callId: string };

/** What a watched view holds now. `ready` once the server has sent it; it stays so while the link is lost. */
export interface ViewState {
	ready: boolean;
	calls: CallView[];
	listenings: ListeningView[];
	/** In the one order all share. [N2] */
	notes: NoteView[];
	/** Why the server does not show this view. */
	refusal?: RefusalAnswer;
}

/** The views of one connection: asked for while somebody looks, and asked for again after each reconnect. */
export interface Views {
	/** The same store for the same view. */
	watch(view: WatchedView): Store<ViewState>;
	/** The link is open: ask for what is looked at, from where it stood. [N5] */
	greeted(): void;
	received(message: ViewMessage): void;
	refused(watch: string, refusal: RefusalAnswer): void;
	close(): void;
}

/** A view stays open this long after the last one who looked has gone: a change of page costs no new start. */
const graceMs = 5_000;
/** Before a view that was refused, but may be shown later, is asked for again. */
const againMs = 3_000;
/** Ended calls are forgotten after this, so that a board left open for days stays small. [B1] */
const endedKeptMs = 3_600_000;

const nothing: ViewState = { ready: false, calls: [], listenings: [], notes: [] };

interface Feed {
	key: string;
	view: WatchedView;
	state: Store<ViewState>;
	/** Its name on the wire while it is open. */
	watch: string;
	open(): void;
	received(message: ViewMessage): void;
	refused(refusal: RefusalAnswer): void;
	stop(): void;
}

export function views(send: (message: ToServer) => boolean, clock: Clock, serverNow: () => number): Views {
	const feeds = new Map<string, Feed>();
	const byWatch = new Map<string, Feed>();
	let opened = 0;

	const feed = (key: string, view: WatchedView): Feed => {
		const state = store<ViewState>(nothing);
		let lookers = 0;
		let seq: number | undefined;
		let stopGrace = () => {};
		let stopAgain = () => {};
		const forget = () => {
			stopAgain();
			if (byWatch.delete(one.watch)) send({ type: 'unwatch', watch: one.watch });
			if (feeds.get(key) === one) feeds.delete(key);
			seq = undefined;
			state.set(nothing);
		};
		const one: Feed = {
			key,
			view,
			watch: '',
			open() {
				send({ type: 'watch', watch: one.watch, ...view, ...(seq === undefined ? {} : { after: seq }) });
			},
			received(message) {
				stopAgain();
				seq = message.seq;
				const after = merged(message.full ? nothing : state.get(), message);
				state.set(view.view === 'session' ? after : withoutLongEnded(after, serverNow() - endedKeptMs));
			},
			refused(refusal) {
				state.set({ ...state.get(), refusal });
				stopAgain();
				if (refusal.retry) stopAgain = clock.after(againMs, one.open);
			},
			stop() {
				stopGrace();
				stopAgain();
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
		greeted() {
			for (const one of byWatch.values()) one.open();
		},
		received: (message) => byWatch.get(message.watch)?.received(message),
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
		calls: replaced(before.calls, message.calls, (call) => call.callId),
		listenings: replaced(before.listenings, message.listenings, (listening) => listening.listeningId),
		notes: inOrder(replaced(before.notes, message.notes, (note) => note.noteId)),
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
	const sorted = notes.every((note, index) => index === 0 || (notes[index - 1] as NoteView).seq <= note.seq);
	return sorted ? notes : notes.toSorted((a, b) => a.seq - b.seq);
}

function withoutLongEnded(state: ViewState, beforeMs: number): ViewState {
	const long = (call: CallView) => call.at === 'ended' && (call.endedAtMs ?? call.sinceMs) < beforeMs;
	if (!state.calls.some(long)) return state;
	const gone = new Set(state.calls.filter(long).map((call) => call.callId));
	return {
		...state,
		calls: state.calls.filter((call) => !gone.has(call.callId)),
		listenings: state.listenings.filter((listening) => !gone.has(listening.callId)),
	};
}
