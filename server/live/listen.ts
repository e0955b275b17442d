import type { WebSocket } from 'ws';
import type { Ask } from '#server/ask.ts';
import type { Hub } from '#server/audio/hub.ts';
import { outbox } from '#server/audio/outbox.ts';
import type { ListeningCommand, StopReason } from '#server/domain/listening.ts';
import { hangUp } from '#server/live/connection.ts';
import { tokenBucket } from '#server/live/token-bucket.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import type { Disclosure } from '#shared/call.ts';
import type { CloseReason } from '#shared/close-codes.ts';
import { heartbeatMs, type ToListener } from '#shared/live.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** What the listening door needs. */
export interface ListenNeeds {
	ask: Ask;
	hub: Hub;
	sessions: Sessions;
	now: () => number;
	maxListeners: number;
	/** The least that a customer must have been told before anybody hears. [C1] */
	required: Disclosure;
	/** Something could not be recorded; ids only. */
	failed: (listeningId: string, error: unknown) => void;
	refused: (error: unknown) => void;
}

/** The door of all listening connections of this process. */
export interface ListenDoor {
	open(socket: WebSocket, person: Person, listeningId: string): void;
	/** Called now and then: hangs up on listeners that have been silent for three heartbeats. */
	look(nowMs: number): void;
	/** Hangs up on everybody and resolves when the last listening's end is on record. */
	close(reason: CloseReason): Promise<void>;
}

/** Clients ping; nothing else comes in. More than this is not a listener. */
const pingsPerSecond = 5;
const pingBurst = 20;

interface Listener {
	/** Ends the hearing at once and hangs up; the end goes on record. */
	end(why: StopReason, reason: CloseReason, detail?: string): void;
	/** Resolves when all that this connection has to record is on record. */
	settled: Promise<unknown>;
	heardAtMs: number;
}

/**
 * Sound out, and no way in: what a listener sends is read as a ping or ends the connection. [S1] A listening is on record
 * before the first sample leaves and until the last one has. [C1] [L1]
 */
export function listenDoor(needs: ListenNeeds): ListenDoor {
	const { ask, hub, sessions, now, maxListeners, required, failed, refused } = needs;
	const listeners = new Map<string, Listener>();
	const endings = new Set<Promise<unknown>>();

	const stopWatching = sessions.onChange(({ session, call, listening }) => {
		if (listening?.at === 'removed') listeners.get(listening.listeningId)?.end('removed', 'removed');
		if (call?.at === 'ended')
			for (const id of session.listenings.keys()) listeners.get(id)?.end('call-ended', 'callEnded');
	});

	function find(person: Person, listeningId: string) {
		for (const session of sessions.all()) {
			const view = session.listenings.get(listeningId);
			if (view) return view.personId === person.id ? session.callId : undefined;
		}
		return undefined;
	}

	function open(socket: WebSocket, person: Person, listeningId: string) {
		const callId = find(person, listeningId);
		if (!callId) return hangUp(socket, 'unknown');
		const before = listeners.get(listeningId);
		if (!before && listeners.size >= maxListeners) {
			refused(new Refusal('listening.full'));
			return hangUp(socket, 'full');
		}
		before?.end('replaced', 'replaced');

		const say = (message: ToListener) => {
			if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
		};
		const out = outbox(socket, (droppedMessages, droppedMs) => say({ type: 'behind', droppedMessages, droppedMs }));
		const pings = tokenBucket(pingsPerSecond, pingBurst, now);
		let leaveHub = () => {};
		let at: 'starting' | 'hearing' | 'ended' = 'starting';

		const ours = (command: ListeningCommand) => ask.house(person.id, callId, { of: 'listening', listeningId, command });
		const record = (command: ListeningCommand) => {
			const work = ours(command).catch((error) => failed(listeningId, error));
			listener.settled = Promise.all([listener.settled, work]);
			endings.add(work);
			void work.then(() => endings.delete(work));
		};
		const stopped = (why: StopReason) =>
			record({
				type: 'stop-listening',
				reason: why,
				audibleMs: Math.round(out.sentMs),
				lostMs: Math.round(out.lostMs),
			});
		/** The last sample has left; what was heard goes on record. */
		const finish = (why: StopReason) => {
			if (at === 'ended') return;
			const heard = at === 'hearing';
			at = 'ended';
			leaveHub();
			out.clear();
			if (listeners.get(listeningId) === listener) listeners.delete(listeningId);
			if (heard) stopped(why);
		};

		const listener: Listener = {
			heardAtMs: now(),
			settled: Promise.resolve(),
			end(why, reason, detail) {
				finish(why);
				hangUp(socket, reason, detail);
			},
		};
		listeners.set(listeningId, listener);

		socket.on('message', (data: Buffer, isBinary: boolean) => {
			if (at === 'ended') return;
			listener.heardAtMs = now();
			if (isBinary) {
				if (at === 'hearing') record({ type: 'refuse-sound', bytes: data.length });
				return listener.end('sound-refused', 'soundRefused');
			}
			if (!pings.take()) return listener.end('left', 'tooMany');
			const ping = readPing(data);
			if (ping === undefined) return listener.end('left', 'malformed', 'a listener may only ping');
			say({ type: 'pong', at: ping, serverMs: now() });
		});
		socket.on('error', () => {
			// What broke is told by the close that follows.
		});
		socket.on('close', (code: number) => finish(code === 1000 || code === 1001 ? 'left' : 'connection-lost'));

		// Whoever sat here before (this page, before its reload) is off the record first.
		listener.settled = (before?.settled ?? Promise.resolve())
			.then(() => ours({ type: 'start-listening', required }))
			.then(
				() => {
					if (at === 'ended') return stopped('left');
					at = 'hearing';
					say({ type: 'listening', listeningId, callId, serverMs: now() });
					leaveHub = hub.listen(callId, out);
				},
				(error) => {
					refused(error);
					listener.end('left', hangUpFor(error));
				},
			);
	}

	return {
		open,
		look(nowMs) {
			for (const listener of listeners.values())
				if (nowMs - listener.heardAtMs > heartbeatMs * 3) listener.end('connection-lost', 'silent');
		},
		async close(reason) {
			stopWatching();
			for (const listener of listeners.values()) listener.end('server-stopped', reason);
			await Promise.all(endings);
		},
	};
}

function readPing(data: Buffer): number | undefined {
	try {
		const message = JSON.parse(data.toString('utf8')) as { type?: unknown; at?: unknown };
		return message?.type === 'ping' && typeof message.at === 'number' ? message.at : undefined;
	} catch {
		return undefined;
	}
}

/** The hang-up that stands for a refusal to start listening. */
function hangUpFor(error: unknown): CloseReason {
	if (!(error instanceof Refusal)) return 'full';
	switch (error.code) {
		case 'call.ended':
			return 'callEnded';
		case 'listening.removed':
			return 'removed';
		case 'listening.unknown':
		case 'call.unknown':
			return 'unknown';
		case 'journal.conflict':
			return 'full';
		default:
			return 'forbidden';
	}
}
