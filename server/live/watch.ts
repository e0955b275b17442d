import type { Ask } from '#server/ask.ts';
import type { Speaking } from '#server/live/connection.ts';
import {
	maySeeNote,
	maySeeSession,
	type SessionChange,
	type Sessions,
	type SessionView,
} from '#server/projections/sessions.ts';
import { liveLimits, type ToClient, type ViewMessage, type Watch } from '#shared/live.ts';
import type { Person } from '#shared/people.ts';
import { Refusal, refusalAnswer } from '#shared/refusals.ts';

/** What watching needs. `refused` counts what was refused, by code. */
export interface WatchNeeds {
	ask: Ask;
	sessions: Sessions;
	person: Person;
	say: (message: ToClient) => void;
	refused: (error: unknown) => void;
}

/** One person's views: what they watch is sent whole, then as it changes; what they ask goes to `ask`. */
export function watching({ ask, sessions, person, say, refused }: WatchNeeds): Speaking {
	const watches = new Map<string, Watch>();

	const stop = sessions.onChange((change) => {
		for (const watch of watches.values()) {
			const view = changed(person, watch, change);
			if (view) say(view);
		}
	});

	function start(watch: Watch) {
		if (watches.size >= liveLimits.watches && !watches.has(watch.watch)) throw new Refusal('request.too-many');
		const { after } = watch;
		if (watch.view === 'session') {
			const session = sessions.get(watch.callId);
			if (!session || !maySeeSession(person, session)) throw new Refusal('call.unknown');
		}
		if (watch.view === 'board' && person.role !== 'supervisor')
			throw new Refusal('access.denied', `Only supervisor may do this; you are signed in as ${person.role}.`);
		watches.set(watch.watch, watch);
		// A position from a journal that is no longer there (a restored or emptied data folder) means: begin anew.
		const since = after !== undefined && after <= sessions.seq ? after : 0;
		const view: ViewMessage = empty(watch.watch, sessions.seq, since === 0);
		for (const session of chosen(person, watch, sessions)) addSince(view, person, watch, session, since);
		say(view);
	}

	return {
		message(message) {
			switch (message.type) {
				case 'watch':
					try {
						start(message);
					} catch (error) {
						refused(error);
						say({ type: 'refused', watch: message.watch, refusal: refusalAnswer(error) });
					}
					return;
				case 'unwatch':
					watches.delete(message.watch);
					return;
				case 'ask': {
					const { id, callId, command } = message;
					ask.person(person, callId, command).then(
						({ seq, result }) => say({ type: 'done', id, seq, ...(result ? { result } : {}) }),
						(error) => {
							refused(error);
							say({ type: 'refused', id, refusal: refusalAnswer(error) });
						},
					);
				}
			}
		},
		closed() {
			stop();
			watches.clear();
		},
	};
}

const empty = (watch: string, seq: number, full: boolean): ViewMessage => ({
	type: 'view',
	watch,
	seq,
	full,
	calls: [],
	listenings: [],
	notes: [],
});

/** The sessions a watch is about, as far as this person may see them. */
function* chosen(person: Person, watch: Watch, sessions: Sessions): Generator<SessionView> {
	if (watch.view !== 'session') {
		for (const session of sessions.all()) if (isAbout(person, watch, session)) yield session;
		return;
	}
	const session = sessions.get(watch.callId);
	if (session && isAbout(person, watch, session)) yield session;
}

const isAbout = (person: Person, watch: Watch, session: SessionView) =>
	(watch.view !== 'session' || session.callId === watch.callId) && maySeeSession(person, session);

/** Adds the rows of a session that changed after `since`. A whole board leaves out what has ended: nothing is there to see. */
function addSince(view: ViewMessage, person: Person, watch: Watch, session: SessionView, since: number) {
	if (watch.view === 'board' && since === 0 && session.call.at === 'ended') return;
	// Whoever was invited meanwhile has never seen the call, however long ago it last changed.
	const isNew = [...session.listenings.values()].some((one) => one.personId === person.id && one.seq > since);
	if (session.call.seq > since || isNew) view.calls.push(session.call);
	for (const listening of session.listenings.values()) if (listening.seq > since) view.listenings.push(listening);
	if (watch.view !== 'session') return;
	for (const note of session.notes) if (note.seq > since && maySeeNote(person, note)) view.notes.push(note);
}

/** What one change means to one watch; undefined if it is not this person's to see or not what they watch. */
function changed(
	person: Person,
	watch: Watch,
	{ seq, session, call, listening, note }: SessionChange,
): ViewMessage | undefined {
	// Somebody who was just shut out still learns that they were.
	const own = listening?.personId === person.id && (watch.view !== 'session' || session.callId === watch.callId);
	if (!own && !isAbout(person, watch, session)) return undefined;
	const view = empty(watch.watch, seq, false);
	if (call) view.calls.push(call);
	if (listening) {
		view.listenings.push(listening);
		// Whoever is new to a session (just invited) has not seen its call yet.
		if (own) view.calls.push(session.call);
	}
	if (note) {
		if (watch.view !== 'session' || !maySeeNote(person, note)) return undefined;
		view.notes.push(note);
	}
	return view;
}
