import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noteQueues } from '#client/live/note-queues.ts';
import type { ToServer } from '#shared/live.ts';
import type { NoteView } from '#shared/note.ts';
import { dialledConnection } from '#tests/support/dialled-connection.ts';
import { ada } from '#tests/support/live-server.ts';
import { type NoteDisk, noteDisk } from '#tests/support/note-store.ts';
import { seedFor } from '#tests/support/seed.ts';
import type { SocketPair } from '#tests/support/socket-pair.ts';

/** A server as the protocol has it, whose record is a list. */
function listServer() {
	const notes: NoteView[] = [];
	const links = new Set<{ pair: SocketPair; watches: Map<string, number> }>();
	const view = (from: number, watch: string, full = false) => {
		const rows = { calls: [], listenings: [], notes: notes.filter((note) => note.seq > from) };
		return { type: 'view', watch, from, seq: notes.length, full, ...rows };
	};
	const server = {
		notes,
		/** So many of the next notes are refused for a reason that passes. */
		refuses: 0,
		write(noteId: string, text: string, authorId: string) {
			if (notes.some((note) => note.noteId === noteId)) return;
			const seq = notes.length + 1;
			notes.push({ noteId, text, authorId, seq, place: seq } as NoteView);
			for (const { pair, watches } of links)
				for (const [watch, at] of watches) {
					pair.server.send(view(at, watch));
					watches.set(watch, seq);
				}
		},
		serve(pair: SocketPair) {
			const link = { pair, watches: new Map<string, number>() };
			links.add(link);
			pair.server.on('close', () => links.delete(link));
			pair.server.on('message', (data: Buffer) => {
				const message = JSON.parse(String(data)) as ToServer;
				switch (message.type) {
					case 'hello': {
						const more = { person: ada, demo: false, journal: 'j1', serverMs: 0, heartbeatMs: 10_000 };
						return pair.server.send({ type: 'welcome', version: 1, ...more });
					}
					case 'watch': {
						const full = message.after === undefined || message.journal !== 'j1';
						pair.server.send(view(full ? 0 : (message.after ?? 0), message.watch, full));
						return link.watches.set(message.watch, notes.length);
					}
					case 'ask': {
						const { id, command } = message;
						if (command.type !== 'write-note') return;
						if (server.refuses > 0) {
							server.refuses--;
							const refusal = { code: 'journal.conflict', message: 'Somebody else was first.', retry: true };
							return pair.server.send({ type: 'refused', id, refusal });
						}
						server.write(command.noteId, command.text, ada.id);
						return pair.server.send({ type: 'done', id, seq: notes.length });
					}
					case 'ping':
						return pair.server.send({ type: 'pong', at: message.at, serverMs: 0 });
				}
			});
		},
	};
	return server;
}

/** A tab that looks at the session, on a disk that may hold what an earlier one left. */
function tab(server: ReturnType<typeof listServer>, disk: NoteDisk) {
	const { clock, dialler, connection } = dialledConnection();
	const queues = noteQueues(connection, { clock, noteStore: disk.tab() });
	const { queue } = queues.take('test-1');
	const session = connection.watch({ view: 'session', callId: 'test-1' });
	let open: SocketPair | undefined;
	return {
		clock,
		queues,
		write: (text: string) => queue.write({ kind: 'pinhole', lane: 'team', text, anchorMs: 0 }),
		isGreeted: () => connection.me.get() !== undefined,
		seen: () => session.get().notes.map(({ text }) => text),
		pair: dialler.latest,
		/** The network is there: a socket that was dialled opens. */
		connect() {
			// Longer than any back-off at half its bound, shorter than a greeting may take.
			if (connection.link.get().at === 'waiting') clock.advance(6_000);
			const latest = dialler.latest();
			if (connection.link.get().at !== 'connecting' || latest === open) return;
			open = latest;
			server.serve(latest);
			latest.open();
		},
		leave() {
			queues.stop();
			connection.close();
		},
	};
}
/** Lets what was promised come through. */
const settle = () => new Promise<void>((done) => setImmediate(done));

const steps = [
	'write',
	'write',
	'write',
	'write',
	'up',
	'up',
	'down',
	'down',
	'cut',
	'connect',
	'wait',
	'reload',
	'refuse',
	'lose',
	'twice',
	'other',
] as const;

test('[N2] [N3] [N5] over links that break anywhere and views that are lost or come twice, with reloads at any moment: each note once, in its author’s order, and the screen shows the record', async () => {
	const trouble = fc.array(fc.constantFrom(...steps), { minLength: 5, maxLength: 80, size: 'max' });
	await fc.assert(
		fc.asyncProperty(trouble, async (todo) => {
			const server = listServer();
			const disk = noteDisk();
			const written: string[] = [];
			let here = tab(server, disk);
			here.connect();
			here.pair().flush();
			let refusals = 0;
			const isView = (message: string | Uint8Array) => String(message).includes('"type":"view"');
			for (const step of todo) {
				const pair = here.pair();
				switch (step) {
					case 'write':
						// A page shows the field once it knows whose it is.
						if (!here.isGreeted()) break;
						written.push(`${written.length}`);
						here.write(`${written.length - 1}`);
						break;
					case 'up':
						pair.deliverToServer(1);
						break;
					case 'down':
						pair.deliverToBrowser(1);
						break;
					case 'cut':
						pair.cut();
						break;
					case 'connect':
						here.connect();
						break;
					case 'wait':
						here.clock.advance(2_100);
						break;
					case 'reload':
						here.leave();
						pair.cut();
						here = tab(server, disk);
						here.connect();
						break;
					case 'refuse':
						// Fewer than it takes for a note to be passed over.
						if (refusals++ < 3) server.refuses++;
						break;
					case 'lose': {
						const lost = pair.toBrowser.findIndex(isView);
						if (lost >= 0) pair.toBrowser.splice(lost, 1);
						break;
					}
					case 'twice': {
						const view = pair.toBrowser.find(isView);
						if (view !== undefined) pair.toBrowser.push(view);
						break;
					}
					case 'other':
						server.write(`other-${server.notes.length}`, `other ${server.notes.length}`, 'bo');
				}
				await settle();
			}
			for (let round = 0; round < 300 && (round < 3 || disk.notes.size > 0); round++) {
				if (round < 2) here.pair().cut();
				here.connect();
				here.clock.advance(2_100);
				here.pair().flush();
				await settle();
				here.pair().flush();
			}
			expect(server.notes.filter((note) => note.authorId === ada.id).map(({ text }) => text)).toEqual(written);
			expect(here.seen()).toEqual(server.notes.map(({ text }) => text));
			expect([disk.notes.size, here.queues.unsafe.get()]).toEqual([0, { count: 0, kept: true }]);
			here.leave();
			expect(here.clock.alarms).toBe(0);
		}),
		{ numRuns: 300, seed: seedFor('no note is lost [N2] [N3] [N5]') },
	);
});
