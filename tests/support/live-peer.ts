import { v7 as uuidV7 } from 'uuid';
import { WebSocket } from 'ws';
import { decodeSound, type SoundMessage } from '#shared/audio.ts';
import type { CallView, ListeningView, SessionCommand } from '#shared/call.ts';
import { ToClient, ToListener, type ViewMessage } from '#shared/live.ts';
import type { NoteView } from '#shared/note.ts';
import type { Role } from '#shared/people.ts';
import { saidByServer } from '#tests/support/said-by-server.ts';

const mustFitClient = saidByServer(ToClient.anyOf);
const mustFitListener = saidByServer(ToListener.anyOf);

/** Where to connect and as whom: an address like http://127.0.0.1:1234, a cookie header and the role it stands for. */
export interface Seat {
	address: string;
	cookie: string;
	role: Role;
}

const open = ({ address, cookie, role }: Seat, path: string, headers: Record<string, string> = {}) =>
	new WebSocket(`${address.replace(/^http/, 'ws')}${path}?as=${role}`, { headers: { cookie, ...headers } });

/** Things that have come, and a promise of one that fits, whether it has come already or is still to come. */
export function arrivals<T>() {
	const all: T[] = [];
	let waiting: { fits: (one: T) => boolean; resolve: (one: T) => void; reject: (error: Error) => void }[] = [];
	let broken: Error | undefined;
	return {
		all,
		/** Nothing that follows can be trusted: whoever waits, or will, is told so. */
		fail(error: Error) {
			broken ??= error;
			for (const { reject } of waiting) reject(error);
			waiting = [];
		},
		add(one: T) {
			all.push(one);
			waiting = waiting.filter(({ fits, resolve }) => {
				if (!fits(one)) return true;
				resolve(one);
				return false;
			});
		},
		/** The first that fits, past or future. The test's own time limit ends a wait for what never comes. */
		when<S extends T>(fits: ((one: T) => one is S) | ((one: T) => boolean)): Promise<S> {
			const past = all.find(fits as (one: T) => boolean);
			if (past !== undefined) return Promise.resolve(past as S);
			if (broken) return Promise.reject(broken);
			return new Promise((resolve, reject) => {
				waiting.push({ fits: fits as (one: T) => boolean, resolve: resolve as (one: T) => void, reject });
			});
		},
	};
}

/** Takes a text message, if it fits; what does not fit fails whoever waits for one, and the test run. */
export function taken<T>(
	data: unknown,
	told: ReturnType<typeof arrivals<T>>,
	mustFit: (message: unknown) => void,
): void {
	const message = JSON.parse(String(data));
	try {
		mustFit(message);
	} catch (error) {
		told.fail(error as Error);
		throw error;
	}
	told.add(message as T);
}

/** A plain client of the live socket: speaks the protocol of shared/PROTOCOL.md and remembers what it was told. */
export async function livePeer(seat: Seat, headers?: Record<string, string>) {
	const socket = open(seat, '/live', headers);
	const told = arrivals<ToClient>();
	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
	});
	socket.on('message', (data) => taken(data, told, mustFitClient));
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
	const say = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
	const views = () => told.all.filter((one): one is ViewMessage => one.type === 'view');

	return {
		socket,
		told,
		closed,
		say,
		views,
		async hello() {
			say({ type: 'hello', version: 1 });
			return told.when((one): one is Extract<ToClient, { type: 'welcome' }> => one.type === 'welcome');
		},
		/** Starts a watch and gives back its first view. */
		async watch(watch: Record<string, unknown>): Promise<ViewMessage> {
			const welcome = told.all.find((one) => one.type === 'welcome');
			say({ type: 'watch', ...(welcome && 'after' in watch && { journal: welcome.journal }), ...watch });
			const first = await told.when(
				(one) => (one.type === 'view' || one.type === 'refused') && one.watch === watch.watch,
			);
			if (first.type !== 'view') throw new Error(JSON.stringify(first));
			return first;
		},
		async ask(callId: string, command: SessionCommand) {
			const id = uuidV7();
			say({ type: 'ask', id, callId, command });
			return told.when((one): one is Extract<ToClient, { type: 'done' | 'refused' }> => 'id' in one && one.id === id);
		},
		note: (fits: (note: NoteView) => boolean) =>
			told
				.when((one): one is ViewMessage => one.type === 'view' && one.notes.some(fits))
				.then((view) => view.notes.find(fits) as NoteView),
		listening: (fits: (listening: ListeningView) => boolean) =>
			told
				.when((one): one is ViewMessage => one.type === 'view' && one.listenings.some(fits))
				.then((view) => view.listenings.find(fits) as ListeningView),
		call: (fits: (call: CallView) => boolean) =>
			told
				.when((one): one is ViewMessage => one.type === 'view' && one.calls.some(fits))
				.then((view) => view.calls.find(fits) as CallView),
		close: () => socket.close(1000),
		kill: () => socket.terminate(),
	};
}
export type LivePeer = Awaited<ReturnType<typeof livePeer>>;

/** A plain listener: hears, and can misbehave. */
export async function listenPeer(seat: Seat, listeningId: string) {
	const socket = open(seat, `/sound/${listeningId}`);
	const heard = arrivals<SoundMessage>();
	const told = arrivals<ToListener>();
	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
	});
	socket.on('message', (data: Buffer, isBinary) => {
		if (!isBinary) return taken(data, told, mustFitListener);
		const sound = decodeSound(new Uint8Array(data));
		if (typeof sound === 'string') throw new Error(`not a sound message: ${sound}`);
		heard.add(sound);
	});
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
	return {
		socket,
		heard,
		told,
		closed,
		/** Resolves when the server says that this listening is on record. */
		begun: () => told.when((one) => one.type === 'listening'),
		pong: () => told.when((one) => one.type === 'pong'),
		leave: () => socket.close(1000),
		kill: () => socket.terminate(),
	};
}
