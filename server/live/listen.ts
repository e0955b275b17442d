import type { Duplex } from 'node:stream';
import { Compile } from 'typebox/compile';
import type { WebSocket } from 'ws';
import type { Ask } from '#server/ask.ts';
import type { Hearing, Hub } from '#server/audio/hub.ts';
import { outbox } from '#server/audio/outbox.ts';
import { framedSoundOver } from '#server/audio/sound-socket.ts';
import type { ListeningCommand, StopReason } from '#server/domain/listening.ts';
import { hangUp } from '#server/hang-up.ts';
import { tokenBucket } from '#server/live/token-bucket.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import type { Disclosure } from '#shared/call.ts';
import type { CloseReason } from '#shared/close-codes.ts';
import { FromListener, heartbeatMs, type ToListener } from '#shared/live.ts';
import type { Person } from '#shared/people.ts';
import { Refusal, refusalAnswer } from '#shared/refusals.ts';

/** What the listening door needs. */
export interface ListenNeeds {
	ask: Ask;
	hub: Hub;
	sessions: Sessions;
	now: () => number;
	maxListeners: number;
	/** Whether this process can carry one more beside so many, and the word that they were let in. [B2] */
	room: { hasRoom(listeners: number): boolean; letIn(): void };
	/** The least that a customer must have been told before anybody hears. [C1] */
	required: Disclosure;
	/** Something could not be recorded; ids only. */
	failed: (listeningId: string, error: unknown) => void;
	refused: (error: unknown) => void;
}

/** The door of all listening connections of this process. */
export interface ListenDoor {
	/**
	 * `wire` is the connection that the WebSocket stands on: sound is written to it as it is. `follow` calls what it is given
	 * when the person is not signed in any more, and gives back what stops that.
	 */
	open(socket: WebSocket, wire: Duplex, person: Person, listeningId: string, follow: Follow): void;
	/** Called now and then: hangs up on listeners that have been silent for three heartbeats, and records what is owed. */
	look(nowMs: number): void;
	/** Hangs up on everybody and resolves when the last listening's end is on record. */
	close(reason: CloseReason): Promise<void>;
}

/** Clients ping, and choose the form of the sound; nothing else comes in. More than this is not a listener. */
const messagesPerSecond = 5;
const messageBurst = 20;
/** How long the place of somebody whose connection was lost is kept. */
const keptPlaceMs = 60_000;
/** Bytes of text and sound that a socket may hold: whoever takes nothing at all any more is hung up on. [B1] */
const maxWaitingBytes = 65_536;

type Follow = (signedOut: () => void) => () => void;

interface Listener {
	callId: string;
	/** Ends the hearing at once and hangs up; the end goes on record. */
	end(why: StopReason, reason: CloseReason, detail?: string): void;
	/** Resolves when all that this connection has to record is on record. */
	settled: Promise<unknown>;
	heardAtMs: number;
}

/**
 * Sound out, and no way in: what a listener sends is read as a ping or as a choice of form, or ends the connection. [S1] A listening is on record
 * before the first sample leaves and until the last one has. [C1] [L1]
 */
export function listenDoor(needs: ListenNeeds): ListenDoor {
	const { ask, hub, sessions, now, maxListeners, room, required, failed, refused } = needs;
	const listeners = new Map<string, Listener>();
	/** What is being put on record; `close` waits for it. */
	const unsettled = new Set<Promise<unknown>>();
	const settle = (work: Promise<unknown>) => {
		unsettled.add(work);
		void work.then(() => unsettled.delete(work));
	};
	/**
	 * Ends of hearing that are not on record yet. What the journal will not take just now is tried again at each look, and
	 * before the same listening begins again: so at most one a listening. [L1]
	 */
	const owed = new Map<string, () => Promise<void>>();

	/** Who was lost just now: their place is kept for a while, so that a lost connection does not cost the seat. */
	const lostAtMs = new Map<string, number>();
	const mayListen = (listeningId: string) =>
		lostAtMs.has(listeningId) ||
		(listeners.size + lostAtMs.size < maxListeners && room.hasRoom(listeners.size + lostAtMs.size));

	const stopWatching = sessions.onChange(({ session, call, listening }) => {
		const end = (id: string, why: StopReason, reason: CloseReason) => {
			const listener = listeners.get(id);
			// Ids are made by clients: one that stands in another call too must not reach this one.
			if (listener?.callId === session.callId) listener.end(why, reason);
		};
		if (listening?.at === 'removed') end(listening.listeningId, 'removed', 'removed');
		if (call?.at === 'ended') for (const id of session.listenings.keys()) end(id, 'call-ended', 'callEnded');
	});

	function find(person: Person, listeningId: string) {
		for (const session of sessions.all())
			if (session.listenings.get(listeningId)?.personId === person.id) return session.callId;
		return undefined;
	}

	function open(socket: WebSocket, wire: Duplex, person: Person, listeningId: string, follow: Follow) {
		const callId = find(person, listeningId);
		if (!callId) return hangUp(socket, 'unknown');
		const before = listeners.get(listeningId);
		if (!before && !mayListen(listeningId)) {
			refused(new Refusal('listening.full'));
			return hangUp(socket, 'full');
		}
		if (!before) room.letIn();
		lostAtMs.delete(listeningId);
		before?.end('replaced', 'replaced');

		const say = (message: ToListener) => {
			if (socket.readyState !== socket.OPEN) return;
			if (socket.bufferedAmount > maxWaitingBytes) return listener.end('connection-lost', 'tooSlow');
			socket.send(JSON.stringify(message));
		};
		const out = outbox(framedSoundOver(socket, wire), (droppedMessages, droppedMs) =>
			say({ type: 'behind', droppedMessages, droppedMs }),
		);
		const messages = tokenBucket(messagesPerSecond, messageBurst, now);
		let hearing: Hearing | undefined;
		let at: 'starting' | 'hearing' | 'ended' = 'starting';
		let endedBy: StopReason = 'left';

		const ours = (command: ListeningCommand) => ask.house(person.id, callId, { of: 'listening', listeningId, command });
		const record = (command: ListeningCommand) => {
			const work = ours(command).catch((error) => failed(listeningId, error));
			listener.settled = Promise.all([listener.settled, work]);
			settle(work);
		};
		const stopped = () => {
			const [audibleMs, lostMs] = [Math.round(out.sentMs), Math.round(out.lostMs)];
			let underWay: Promise<void> | undefined;
			const attempt = () => {
				underWay ??= ours({ type: 'stop-listening', reason: endedBy, audibleMs, lostMs }).then(
					() => void owed.delete(listeningId),
					(error) => {
						underWay = undefined;
						failed(listeningId, error);
						if (!refusalAnswer(error).retry) owed.delete(listeningId);
					},
				);
				return underWay;
			};
			owed.set(listeningId, attempt);
			const work = attempt();
			listener.settled = Promise.all([listener.settled, work]);
			settle(work);
		};
		/** The last sample has left; what was heard goes on record. */
		const finish = (why: StopReason, mayComeBack = why === 'connection-lost') => {
			if (at === 'ended') return;
			const heard = at === 'hearing';
			at = 'ended';
			endedBy = why;
			hearing?.stop();
			out.clear();
			if (listeners.get(listeningId) === listener) {
				listeners.delete(listeningId);
				if (heard && mayComeBack) lostAtMs.set(listeningId, now());
			}
			if (heard) stopped();
		};

		const listener: Listener = {
			callId,
			heardAtMs: now(),
			settled: Promise.resolve(),
			end(why, reason, detail) {
				finish(why);
				hangUp(socket, reason, detail);
			},
		};
		listeners.set(listeningId, listener);
		socket.on(
			'close',
			follow(() => listener.end('left', 'signInNeeded')),
		);

		const receive = (data: Buffer, isBinary: boolean) => {
			if (isBinary) {
				record({ type: 'refuse-sound', bytes: data.length });
				return listener.end('sound-refused', 'soundRefused');
			}
			if (!messages.take()) return listener.end('left', 'tooMany');
			const message = readMessage(data);
			if (!message) return listener.end('left', 'malformed', 'a listener may only ping and choose the sound');
			if (message.type === 'ping') return say({ type: 'pong', at: message.at, serverMs: now() });
			// Before hearing begins there is nothing to choose from: it begins as `both`.
			hearing?.choose(message.sound);
		};
		const isOver = () => at === 'ended';
		const begin = async () => {
			try {
				await owed.get(listeningId)?.();
				if (owed.has(listeningId)) throw new Refusal('journal.unavailable');
				// Gone, or replaced by the next one, before its turn: then there is nothing to record.
				if (isOver()) return;
				await ours({ type: 'start-listening', required });
			} catch (error) {
				refused(error);
				return listener.end('left', hangUpFor(error));
			}
			if (isOver()) return stopped();
			at = 'hearing';
			say({ type: 'listening', listeningId, callId, serverMs: now(), sound: 'both' });
			hearing = hub.listen(callId, out);
		};

		socket.on('message', (data: Buffer, isBinary: boolean) => {
			if (isOver()) return;
			listener.heardAtMs = now();
			// What a message handler throws reaches nobody's error handler: it must not get out.
			try {
				receive(data, isBinary);
			} catch (error) {
				failed(listeningId, error);
				listener.end('connection-lost', 'failed');
			}
		});
		socket.on('error', () => {
			// What broke is told by the close that follows.
		});
		// A page that is loaded anew says 1001 when it goes.
		socket.on('close', (code: number) =>
			finish(code === 1000 || code === 1001 ? 'left' : 'connection-lost', code !== 1000),
		);

		// Whoever sat here before (this page, before its reload) is off the record first.
		listener.settled = (before?.settled ?? Promise.resolve()).then(begin);
		settle(listener.settled);
	}

	return {
		open,
		look(nowMs) {
			for (const listener of listeners.values())
				if (nowMs - listener.heardAtMs > heartbeatMs * 3) listener.end('connection-lost', 'silent');
			for (const attempt of owed.values()) settle(attempt());
			for (const [listeningId, atMs] of lostAtMs) if (nowMs - atMs > keptPlaceMs) lostAtMs.delete(listeningId);
		},
		async close(reason) {
			stopWatching();
			for (const listener of listeners.values()) listener.end('server-stopped', reason);
			while (unsettled.size > 0) await Promise.all(unsettled);
			await Promise.all([...owed.values()].map((attempt) => attempt()));
		},
	};
}

const schema = Compile(FromListener);

function readMessage(data: Buffer): FromListener | undefined {
	try {
		const message: unknown = JSON.parse(data.toString('utf8'));
		return schema.Check(message) ? message : undefined;
	} catch {
		return undefined;
	}
}

/** The hang-up that stands for a refusal to start listening. */
function hangUpFor(error: unknown): CloseReason {
	const { code, retry } = refusalAnswer(error);
	switch (code) {
		case 'call.ended':
			return 'callEnded';
		case 'listening.removed':
			return 'removed';
		case 'listening.unknown':
		case 'call.unknown':
			return 'unknown';
		default:
			return retry ? 'failed' : 'forbidden';
	}
}
