import { asks } from '#client/live/asks.ts';
import { tabClock } from '#client/live/clock.ts';
import { lastingSocket, type SocketNeeds } from '#client/live/lasting-socket.ts';
import type { LinkState } from '#client/live/link.ts';
import { socketUrl } from '#client/live/socket.ts';
import { type Store, store } from '#client/live/store.ts';
import { type TalkSeen, talkSeen } from '#client/live/talk.ts';
import { type ViewState, views, type WatchedView } from '#client/live/views.ts';
import { writingTold } from '#client/live/writing.ts';
import type { SessionCommand } from '#shared/call.ts';
import type { AskResult, liveVersion, ToClient } from '#shared/live.ts';
import type { Lane } from '#shared/note.ts';
import type { Person, Role } from '#shared/people.ts';

export { AskRefused } from '#client/live/ask-refused.ts';
export type { ViewState, WatchedView, Writer } from '#client/live/views.ts';

/** A live connection: in a tab one for each role, in a program as many as it likes. */
export interface Connection {
	link: Store<LinkState>;
	/** Who the server says this is; kept while the link is lost. */
	me: Store<{ person: Person; demo: boolean } | undefined>;
	/** Ms since 1970 by the server's clock. */
	serverNow(): number;
	/** The same store for the same view. The first subscriber opens it, the last one leaving closes it after a grace. */
	watch(view: WatchedView): Store<ViewState>;
	/**
	 * Asks for a change. Resolves after the commit [N1]; rejects with `AskRefused`, also (`connection.lost`) when the link
	 * is lost before the answer: then it is not known whether it was done. Notes go through `noteQueue`, which sends again.
	 */
	ask(callId: string, command: SessionCommand): Promise<AskResult>;
	/**
	 * Tells those who may see the lane that a note is being written: call it with `on` at each key, and once without when it
	 * was sent or given up. Nothing of the note is told, and of a private one nothing at all. [W11]
	 */
	writing(callId: string, lane: Lane, on: boolean): void;
	/** Who talks on the calls that are on screen. [W14] */
	talk: TalkSeen;
	close(): void;
}

export interface ConnectionNeeds extends SocketNeeds {
	role: Role;
	url?: string;
}

/** Only the type comes from the schemas' file: its value would bring the whole schema library into the tab. */
const version: typeof liveVersion = 1;

/** Connects, greets, and from then on keeps the views that are looked at up to date. */
export function openConnection({ role, url = socketUrl(`/live?as=${role}`), ...needs }: ConnectionNeeds): Connection {
	const me = store<{ person: Person; demo: boolean } | undefined>(undefined);
	const clock = needs.clock ?? tabClock;
	const received = (message: ToClient) => {
		switch (message.type) {
			case 'welcome':
				if (message.version !== version) return socket.close('version');
				if (JSON.stringify(me.get()?.person) !== JSON.stringify(message.person))
					me.set({ person: message.person, demo: message.demo });
				socket.greeted(message.serverMs, message.heartbeatMs);
				talks.greeted();
				return watched.greeted(message.journal);
			case 'view':
				return watched.received(message);
			case 'writing':
				return watched.writing(message);
			case 'talk':
				return talks.told(message);
			case 'done':
				return asked.done(message.id, message.result);
			case 'refused':
				if (message.id !== undefined) asked.refused(message.id, message.refusal);
				if (message.watch !== undefined) watched.refused(message.watch, message.refusal);
				return;
			// A type this tab does not know comes from a newer server: it can do without it.
		}
	};
	const socket = lastingSocket(
		{
			url,
			opened: () => socket.send({ type: 'hello', version }),
			text: (message) => received(message as ToClient),
			lost() {
				asked.lost();
				told.lost();
				talks.lost();
			},
		},
		needs,
	);
	const open = (message: object) => socket.state.get().at === 'open' && socket.send(message);
	const asked = asks(open, clock);
	const told = writingTold(open, clock.now);
	const talks = talkSeen(open);
	const watched = views(open, clock, socket.serverClock.now);
	return {
		link: socket.state,
		me,
		serverNow: socket.serverClock.now,
		watch: watched.watch,
		ask: asked.ask,
		writing: told.writing,
		talk: talks.seen,
		close() {
			socket.close();
			watched.close();
		},
	};
}
