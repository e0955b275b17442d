import type { Ask } from '#server/ask.ts';
import type { Speaking } from '#server/live/connection.ts';
import type { TalkTold } from '#server/live/talk.ts';
import type { Writers } from '#server/live/writers.ts';
import {
	maySeeNote,
	maySeeSession,
	type SessionChange,
	type SessionView,
	segmentFor,
} from '#server/projections/session-view.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import type { SessionCommand } from '#shared/call.ts';
import { liveLimits, type ToClient, type ToServer, type ViewMessage, type Watch } from '#shared/live.ts';
import type { Person } from '#shared/people.ts';
import { Refusal, refusalAnswer } from '#shared/refusals.ts';

/** What watching needs. `refused` counts what was refused, by code. */
export interface WatchNeeds {
	ask: Ask;
	sessions: Sessions;
	writers: Writers;
	/** Names the journal that positions are counted in. [W3] */
	journalId: string;
	person: Person;
	say: (message: ToClient) => void;
	/** Who talks where this person looks. [W14] */
	talk: TalkTold;
	/** Nobody else can listen just now. [B2] */
	full: () => boolean;
	refused: (error: unknown) => void;
}

/** One person's views: what they watch is sent whole, then as it changes; what they ask goes to `ask`. */
export function watching(needs: WatchNeeds): Speaking {
	const { ask, sessions, writers, journalId, person, say, talk, full, refused } = needs;
	/** What is watched, and the position the last message about it led to. */
	const watches = new Map<string, { watch: Watch; at: number }>();
	/** What is to be watched once its session has been read again: it is long over. */
	const recalling = new Map<string, Watch>();
	/** Where this person last said that they write: only there can they stop. */
	let writesAt: string | undefined;

	const stops = [
		sessions.onChange((change) => {
			for (const one of watches.values()) {
				const view = changed(person, one.watch, change, one.at);
				if (!view) continue;
				one.at = view.seq;
				say(view);
			}
		}),
		sessions.onStray((callId) => {
			for (const one of watches.values())
				if (one.watch.view === 'session' && one.watch.callId === callId) catchUp(one, callId, one.at);
		}),
		writers.onWriting(({ person: writer, callId, lane, on }) => {
			if (writer.id === person.id || !maySeeNote(person, { authorId: writer.id, lane })) return;
			for (const { watch } of watches.values()) {
				if (watch.view !== 'session' || watch.callId !== callId || !sees(callId)) continue;
				say({ type: 'writing', watch: watch.watch, personId: writer.id, personName: writer.name, on });
			}
		}),
	];

	function sees(callId: string): boolean {
		const session = sessions.get(callId);
		return session !== undefined && maySeeSession(person, session);
	}

	/** Shows what changed in a session that had fallen out of memory while it is watched. */
	function catchUp(one: { watch: Watch; at: number }, callId: string, since: number) {
		sessions.recall(callId).then((session) => {
			if (!session || watches.get(one.watch.watch) !== one || !maySeeSession(person, session)) return;
			const view = { ...empty(one.watch.watch, one.at, sessions.seq), full: false };
			addSince(view, person, one.watch, session, since);
			one.at = view.seq;
			say(view);
		}, refused);
	}

	function begin(watch: Watch) {
		recalling.delete(watch.watch);
		const isNew = !watches.has(watch.watch);
		if (isNew && watches.size + recalling.size >= liveLimits.watches) return no(watch, new Refusal('request.too-many'));
		if (watch.view !== 'session' || sessions.get(watch.callId)) return tryStart(watch);
		recalling.set(watch.watch, watch);
		const unlessChanged = (then: () => void) => () => {
			if (recalling.get(watch.watch) !== watch) return;
			recalling.delete(watch.watch);
			then();
		};
		const recalled = sessions.recall(watch.callId);
		recalled.then(
			unlessChanged(() => tryStart(watch)),
			(error) => unlessChanged(() => no(watch, error))(),
		);
	}

	function tryStart(watch: Watch) {
		try {
			start(watch);
		} catch (error) {
			no(watch, error);
		}
	}

	function no(watch: Watch, error: unknown) {
		refused(error);
		say({ type: 'refused', watch: watch.watch, refusal: refusalAnswer(error) });
	}

	function start(watch: Watch) {
		const { after } = watch;
		if (watch.view === 'session') {
			const session = sessions.get(watch.callId);
			if (!session || !maySeeSession(person, session)) throw new Refusal('call.unknown');
		}
		if (watch.view === 'board' && person.role !== 'supervisor')
			throw new Refusal('access.denied', `Only supervisor may do this; you are signed in as ${person.role}.`);
		watches.set(watch.watch, { watch, at: sessions.seq });
		// A position from a journal that is no longer there (a restored or emptied data folder) means: begin anew.
		const isOurs = watch.journal === journalId;
		const since = isOurs && after !== undefined && after <= sessions.seq ? after : 0;
		const view = empty(watch.watch, since, sessions.seq);
		for (const session of chosen(watch, sessions))
			if (maySeeSession(person, session)) addSince(view, person, watch, session, since);
			else if (since > 0) addShutOut(view, person, session, since);
		say(view);
	}

	/** A private note is nobody's business; nor what is written in a session that is not this person's. */
	function tellWriting({ callId, lane, on }: Extract<ToServer, { type: 'writing' }>) {
		const isFor = `${callId} ${lane}`;
		if (lane === 'private' || (lane === 'leadership' && person.role === 'agent') || !sees(callId)) return;
		if (!on && writesAt !== isFor) return;
		writesAt = on ? isFor : undefined;
		writers.say({ person, callId, lane, on });
	}

	function answer({ id, callId, command }: Extract<ToServer, { type: 'ask' }>) {
		askedOf(callId, command).then(
			({ seq, result }) => say({ type: 'done', id, seq, ...(result ? { result } : {}) }),
			(error) => {
				refused(error);
				say({ type: 'refused', id, refusal: refusalAnswer(error) });
			},
		);
	}

	/** Whatever comes on record is shown: a session that is long over comes back to memory first. */
	async function askedOf(callId: string, command: SessionCommand) {
		const asked = async () => {
			ask.mustBeOfRole(person, command);
			const refusal = outOfPlace(callId, command);
			return refusal ? Promise.reject(refusal) : ask.person(person, callId, command);
		};
		return sessions.get(callId) ? asked() : sessions.recall(callId).then(asked);
	}

	/** What only the views can tell: every session's own state is looked at by `ask`. */
	function outOfPlace(callId: string, command: SessionCommand): Refusal | undefined {
		const here = sessions.get(callId);
		if (!here) return new Refusal('call.unknown');
		if (command.type === 'accept-invitation') {
			const isNew = here.listenings.get(command.listeningId)?.at === 'invited';
			return isNew && full() ? new Refusal('listening.full') : undefined;
		}
		if (command.type !== 'invite' && command.type !== 'join-call') return undefined;
		// A row on a screen is replaced by its id: a listening named like one of another call would hide that one. [C0]
		for (const session of sessions.all())
			if (session.callId !== callId && session.listenings.has(command.listeningId))
				return new Refusal('listening.not-now', 'one of another call');
		return command.type === 'join-call' && full() ? new Refusal('listening.full') : undefined;
	}

	return {
		message(message) {
			switch (message.type) {
				case 'watch':
					return begin(message);
				case 'unwatch':
					recalling.delete(message.watch);
					watches.delete(message.watch);
					return;
				case 'ask':
					return answer(message);
				case 'writing':
					return tellWriting(message);
				case 'look':
					return talk.look(message.callIds);
			}
		},
		closed() {
			for (const stop of stops) stop();
			talk.look([]);
			watches.clear();
			recalling.clear();
		},
	};
}

/** What leads from one position to another; from 0 it is everything. */
const empty = (watch: string, from: number, seq: number): ViewMessage => ({
	type: 'view',
	watch,
	from,
	seq,
	full: from === 0,
	calls: [],
	listenings: [],
	notes: [],
	segments: [],
});

/** The sessions a watch is about, whoever may see them. */
function chosen(watch: Watch, sessions: Sessions): Iterable<SessionView> {
	if (watch.view !== 'session') return sessions.all();
	const session = sessions.get(watch.callId);
	return session ? [session] : [];
}

const isAbout = (person: Person, watch: Watch, session: SessionView) =>
	(watch.view !== 'session' || session.callId === watch.callId) && maySeeSession(person, session);

/** Adds the rows of a session that changed after `since`. A whole board leaves out what has ended, a whole list what is erased: nothing is there to see. */
function addSince(view: ViewMessage, person: Person, watch: Watch, session: SessionView, since: number) {
	if (watch.view === 'board' && since === 0 && session.call.at === 'ended') return;
	if (watch.view !== 'session' && since === 0 && session.call.erased) return;
	// Whoever was invited meanwhile has never seen the call, however long ago it last changed.
	const isNew = [...session.listenings.values()].some((one) => one.personId === person.id && one.seq > since);
	if (session.call.seq > since || isNew) view.calls.push(session.call);
	for (const listening of session.listenings.values()) if (listening.seq > since) view.listenings.push(listening);
	if (watch.view !== 'board' || session.call.at !== 'ended')
		for (const segment of session.segments.values())
			if (segment.seq > since || isNew) view.segments.push(segmentFor(person, segment));
	if (watch.view !== 'session') return;
	// Whoever was away while the call was erased still holds the words: every note is sent again, without them. [L3]
	const noteSince = session.call.erased && session.call.seq > since ? 0 : since;
	for (const note of session.notes) if (note.seq > noteSince && maySeeNote(person, note)) view.notes.push(note);
}

/** Whoever was shut out of a session while away learns that they were, and nothing else of it. [N5] */
function addShutOut(view: ViewMessage, person: Person, session: SessionView, since: number) {
	for (const one of session.listenings.values())
		if (one.personId === person.id && one.seq > since) view.listenings.push(one);
}

/** What one change means to one watch; undefined if it is not this person's to see or not what they watch. */
function changed(
	person: Person,
	watch: Watch,
	{ seq, session, call, listening, note, notes = [], segments = [] }: SessionChange,
	at: number,
): ViewMessage | undefined {
	// Somebody who was just shut out still learns that they were.
	const own = listening?.personId === person.id && (watch.view !== 'session' || session.callId === watch.callId);
	if (!own && !isAbout(person, watch, session)) return undefined;
	const view = { ...empty(watch.watch, at, seq), full: false };
	if (own && listening.at === 'invited') {
		// Whoever comes in, or comes in again, has not seen what was there before.
		addSince(view, person, watch, session, 0);
		return view;
	}
	if (call) view.calls.push(call);
	if (listening) view.listenings.push(listening);
	for (const segment of segments) view.segments.push(segmentFor(person, segment));
	if (watch.view === 'session') for (const one of notes) if (maySeeNote(person, one)) view.notes.push(one);
	if (note) {
		if (watch.view !== 'session' || !maySeeNote(person, note)) return undefined;
		view.notes.push(note);
	}
	return view;
}
