import type { WebSocket } from 'ws';
import { type Connection, openConnection } from '#client/live/connection.ts';
import { noNoteStore } from '#client/live/note-store.ts';
import { type NoteQueue, noteQueue } from '#client/live/notes.ts';
import { asking } from '#server/ask.ts';
import type { SessionEvent } from '#server/domain/session.ts';
import { eventJournal } from '#server/journal/events.ts';
import { type LiveConnection, liveConnection } from '#server/live/connection.ts';
import { watching } from '#server/live/watch.ts';
import { writers } from '#server/live/writers.ts';
import { projector } from '#server/projections/projector.ts';
import { sessions } from '#server/projections/sessions.ts';
import { heartbeatMs, liveVersion } from '#shared/live.ts';
import type { Lane, NoteKind, NoteView } from '#shared/note.ts';
import type { Person } from '#shared/people.ts';
import { handClock } from '#tests/support/clock.ts';
import { callStarted } from '#tests/support/given.ts';
import { handJournal } from '#tests/support/hand-journal.ts';
import { dialled, type SocketPair } from '#tests/support/socket-pair.ts';

export const callId = 'test-1';
const ann: Person = { id: 'ann', name: 'Ann', role: 'agent', team: 'Orders' };
const eve: Person = { id: 'eve', name: 'Eve', role: 'executive', team: 'Leadership' };
const sue: Person = { id: 'sue', name: 'Sue', role: 'supervisor', team: 'Orders' };
/** Who sits at which tab; the executive has two. */
export const tabPeople: readonly Person[] = [ann, eve, eve, sue];

/** What may happen next. Where a number points at something, it is taken modulo how many there are. */
export type Step =
	| { type: 'write'; tab: number; lane: Lane; kind: NoteKind; answers?: number }
	| { type: 'edit' | 'delete'; tab: number; note: number }
	| { type: 'widen'; tab: number; note: number; lane: Lane }
	| { type: 'hear'; tab: number; note: number; heard: boolean }
	/** The message at place `at` of a link's queue, so 0 is the oldest: delivered, lost, or delivered and there once more. */
	| { type: 'deliver' | 'lose' | 'repeat'; tab: number; way: 'up' | 'down'; at: number }
	/** Everything that is under way on a link arrives, in order. */
	| { type: 'flow'; tab: number }
	| { type: 'cut'; tab: number }
	| { type: 'wait'; ms: number }
	| { type: 'disk'; how: 'keeps' | 'fails' | 'unsure' };

/** One tab: the client's own code, on a link that the test makes as bad as it likes. */
export interface Tab {
	person: Person;
	connection: Connection;
	queue: NoteQueue;
	/** What stands on its screen. */
	notes(): readonly NoteView[];
	/** What was written in it, in order. */
	written: { noteId: string; text: string }[];
}

/** A server and some tabs in this process, over links on which nothing arrives by itself, under a clock turned by hand. */
export interface World {
	tabs: readonly Tab[];
	/** Does one thing and lets everything that follows from it come through. */
	step(step: Step): Promise<void>;
	/** All links become good, the disk too, and time passes until nothing waits any more or nothing changes. */
	heal(): Promise<void>;
	/** What is on record, past the code under test. */
	recorded(): { by: string; event: SessionEvent }[];
	/** How often a tab asked for its view, and how often it had to: once a connection. */
	asked(): { views: number; connections: number };
	/** Errors of ours while messages were handled. */
	failures: unknown[];
	close(): Promise<void>;
}

/** Promises come through; only then the next thing happens, so that a run can be had again. */
const settled = () => new Promise<void>((done) => setImmediate(done));

/** How long the healed world may need: longer than anything waits for an answer. */
const healSteps = 150;
const healStepMs = 500;

export async function badLinks(): Promise<World> {
	const clock = handClock();
	const engine = handJournal();
	const journal = eventJournal(engine);
	const views = sessions({ read: journal.read });
	const failures: unknown[] = [];
	const ask = asking({
		journal,
		findPerson: (id) => tabPeople.find((one) => one.id === id),
		now: clock.now,
		newSecret: () => ({ secret: '', hash: '' }),
		recorded: () => {},
		shut: () => () => {},
		asked() {
			throw new Error('no survey here');
		},
	});
	const following = projector(journal, 0, views.fold);
	following.broken.catch((error) => failures.push(error));
	const writing = writers();
	const served = new Set<LiveConnection>();
	const stopLooking = clock.every(heartbeatMs, () => {
		for (const one of served) one.look(clock.now());
	});

	/** What the live door does with a socket. */
	function serve(pair: SocketPair, person: Person) {
		const connection = liveConnection({
			socket: pair.server as unknown as WebSocket,
			now: clock.now,
			welcome: () => ({
				type: 'welcome',
				version: liveVersion,
				person,
				demo: false,
				journal: journal.id,
				serverMs: clock.now(),
				heartbeatMs,
			}),
			greeted: (say) =>
				watching({
					ask,
					sessions: views,
					writers: writing,
					journalId: journal.id,
					person,
					say,
					talk: { look() {}, tell() {} },
					full: () => false,
					refused: () => {},
				}),
			refused: () => {},
			failed: (error) => failures.push(error),
		});
		served.add(connection);
		pair.server.on('close', () => served.delete(connection));
	}

	let made = 0;
	const newId = () => `01900000-0000-7000-8000-${String(++made).padStart(12, '0')}`;
	const links = tabPeople.map((person, place) => {
		const dialler = dialled();
		const connection = openConnection({
			role: person.role,
			url: 'ws://test/live',
			openSocket: dialler.openSocket,
			clock,
			random: () => (place + 1) / 8,
			whenBack: () => () => {},
		});
		return { person, dialler, connection, watchLost: false };
	});
	const tabs = links.map(({ person, connection }): Tab => {
		const queue = noteQueue(connection, callId, { noteStore: noNoteStore, clock, newId });
		queue.look();
		queue.begin([]);
		const view = connection.watch({ view: 'session', callId });
		view.subscribe(() => {});
		return { person, connection, queue, notes: () => view.get().notes, written: [] };
	});
	const opened = new Set<SocketPair>();
	const at = <T>(all: readonly T[], place: number): T | undefined => all[place % all.length];

	/** The server takes the connection, if it has not yet. */
	function answered(link: (typeof links)[number]): SocketPair {
		const pair = link.dialler.latest();
		if (opened.has(pair)) return pair;
		opened.add(pair);
		link.watchLost = false;
		serve(pair, link.person);
		pair.open();
		return pair;
	}
	/** A socket begins with its greeting; a link that loses or doubles that is no link. */
	const isGreeting = (message: unknown) => /^\{"type":"(hello|welcome)"/.test(String(message));

	function mistreat(link: (typeof links)[number], { type, way, at: place }: Extract<Step, { way: string }>) {
		const pair = answered(link);
		const messages = way === 'up' ? pair.toServer : pair.toBrowser;
		if (messages.length === 0) return;
		const index = messages.some(isGreeting) ? 0 : place % messages.length;
		const [message] = messages.splice(index, 1);
		if (message === undefined) return;
		if (type === 'lose' && !isGreeting(message)) {
			if (way === 'up' && String(message).startsWith('{"type":"watch"')) link.watchLost = true;
			return;
		}
		messages.unshift(message);
		if (way === 'up') pair.deliverToServer(1);
		else pair.deliverToBrowser(1);
		if (type === 'repeat' && !isGreeting(message)) messages.push(message);
	}

	function change(tab: Tab, step: Extract<Step, { note: number }>) {
		const note = at(tab.notes(), step.note);
		if (!note) return;
		const { noteId } = note;
		const asked = {
			edit: () => ({ type: 'edit-note', noteId, kind: note.kind, text: `${note.text}, better` }) as const,
			delete: () => ({ type: 'delete-note', noteId }) as const,
			widen: () => ({ type: 'widen-note', noteId, lane: 'lane' in step ? step.lane : 'team' }) as const,
			hear: () => ({ type: 'hear-note', noteId, heard: 'heard' in step && step.heard }) as const,
		};
		// What is refused, or not answered, is the asker's to ask again; here nobody does.
		tab.connection.ask(callId, asked[step.type]()).catch(() => {});
	}

	function write(tab: Tab, { lane, kind, answers }: Extract<Step, { type: 'write' }>) {
		const open = lane === 'leadership' && tab.person.role === 'agent' ? 'team' : lane;
		const parent = answers === undefined ? undefined : at(tab.notes(), answers);
		const replyTo = parent && parent.replyTo === undefined ? { replyTo: parent.noteId } : {};
		const text = `${tab.person.id} ${made + 1}`;
		if (tab.queue.write({ kind, lane: open, text, anchorMs: 0, ...replyTo }))
			tab.written.push({ noteId: `01900000-0000-7000-8000-${String(made).padStart(12, '0')}`, text });
	}

	async function step(step: Step) {
		const tab = 'tab' in step ? (at(tabs, step.tab) as Tab) : undefined;
		const link = 'tab' in step ? at(links, step.tab) : undefined;
		if (step.type === 'disk') engine.turn(step.how);
		else if (step.type === 'wait') clock.advance(step.ms);
		else if (!tab || !link) throw new Error('nobody does this');
		else if (step.type === 'write') write(tab, step);
		else if (step.type === 'flow') answered(link).flush();
		else if (step.type === 'cut') link.dialler.latest().cut();
		else if ('way' in step) mistreat(link, step);
		else change(tab, step);
		await settled();
	}

	const waits = () =>
		tabs.some(({ queue }) => queue.pending.get().some((one) => one.at !== 'refused')) ||
		links.some(({ connection }) => connection.link.get().at !== 'open') ||
		engine.waiting > 0;

	async function calm() {
		for (const link of links) answered(link).flush();
		engine.turn('keeps');
		await settled();
		for (const link of links) answered(link).flush();
		await settled();
	}

	// A call of ann's with eve invited is on record before anything else happens.
	const listener = { id: eve.id, name: eve.name, role: 'executive' as const };
	if (callStarted.type !== 'call-started') throw new Error('a call begins with call-started');
	const facts = { ...callStarted.facts, agentId: ann.id, agentName: ann.name };
	const invited = { type: 'invited' as const, listener, secretHash: '', expiresAtMs: clock.now() + 3_600_000 };
	const beginning = [
		{ ...callStarted, facts },
		{ ...invited, listeningId: newId() },
	];
	const begun = journal.append(
		callId,
		0,
		beginning.map((event) => ({ event, by: 'gateway:test', atMs: clock.now() })),
	);
	await settled();
	engine.turn('keeps');
	await begun;
	await settled();

	return {
		tabs,
		step,
		failures,
		async heal() {
			// Who asked for a view and never got it learns of that only when the link is given up.
			for (const link of links) if (link.watchLost) link.dialler.latest().cut();
			for (let steps = 0; steps < healSteps && (waits() || steps < 4); steps++) {
				await calm();
				clock.advance(healStepMs);
				await settled();
			}
			await calm();
		},
		asked: () => ({
			views: links
				.flatMap(({ dialler }) => dialler.pairs)
				.flatMap(({ server }) => server.received as { type: string }[])
				.filter(({ type }) => type === 'watch').length,
			connections: opened.size,
		}),
		recorded: () =>
			engine.records.map(({ by, event: { type, body } }) => ({ by, event: { ...JSON.parse(body), type } })),
		async close() {
			stopLooking();
			for (const { connection } of links) connection.close();
			await following.stop();
			await journal.close();
		},
	};
}
