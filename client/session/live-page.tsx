import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { type Connection, openConnection } from '#client/live/connection.ts';
import { type NoteQueues, noteQueues } from '#client/live/note-queues.ts';
import { useStore } from '#client/live/use-store.ts';
import { homeOf, searchPath } from '#client/rest/ways.ts';
import { tabNoteStore } from '#client/session/drafts.ts';
import { LinkBanner } from '#client/session/link-banner.tsx';
import { SignOut } from '#client/session/sign-out.tsx';
import { UnsafeCount } from '#client/session/unsafe-count.tsx';
import { Frame, Plain } from '#client/ui/frame.tsx';
import { useArrival } from '#client/ui/use-arrival.ts';
import type { CallRole, Person } from '#shared/people.ts';

/** A page that is connected, and the person it is connected as. */
export interface Live {
	connection: Connection;
	queues: NoteQueues;
	me: Person;
}

const LiveContext = createContext<Live | undefined>(undefined);

/** The connection of the page around. */
export function useLive(): Live {
	const live = useContext(LiveContext);
	if (!live) throw new Error('useLive stands outside a LivePage');
	return live;
}

interface LivePageNeeds {
	/** Whose page it is: one browser can be signed in once for each role. */
	as: CallRole;
	title: string;
	children: ReactNode;
}

/** A page with a live connection of one role: opened with the page, closed with it, its state in words when it is not open. */
export function LivePage({ as, ...rest }: LivePageNeeds) {
	const [open, setOpen] = useState<Omit<Live, 'me'>>();
	useEffect(() => {
		const connection = openConnection({ role: as });
		const queues = noteQueues(connection, { noteStore: tabNoteStore });
		setOpen({ connection, queues });
		return () => {
			queues.stop();
			connection.close();
		};
	}, [as]);
	return open ? <Connected as={as} {...open} {...rest} /> : null;
}

function Connected({ as, connection, queues, title, children }: LivePageNeeds & Omit<Live, 'me'>) {
	useArrival();
	const [path] = useLocation();
	const me = useStore(connection.me);
	const link = useStore(connection.link);
	const frame = {
		title,
		who: me?.person.name,
		demo: me?.demo,
		keys: me !== undefined,
		// Where a call may be open, its sound and its notes stay: what is looked up opens beside it.
		search: me && { href: searchPath(as), apart: as === 'agent' || path !== homeOf[as].href },
		aside: <UnsafeCount unsafe={queues.unsafe} />,
		out: me && <SignOut as={as} />,
		banner: <LinkBanner link={link} now={connection.serverNow} />,
	};
	if (me)
		return (
			<LiveContext value={{ connection, queues, me: me.person }}>
				<Frame {...frame}>{children}</Frame>
			</LiveContext>
		);
	return (
		<Frame {...frame}>
			{link.at === 'closed' ? <NotIn as={as} reason={link.reason} text={link.text} /> : <Opening />}
		</Frame>
	);
}

function Opening() {
	return (
		<Plain title="Connecting…">
			<p className="soft">This takes a moment.</p>
		</Plain>
	);
}

function NotIn({ as, reason, text }: { as: CallRole; reason: string; text: string }) {
	if (reason === 'signInNeeded' || reason === 'forbidden')
		return (
			<Plain title="Sign in first">
				<p className="soft">
					This page is for {whose[as]}, and nobody is signed in as one in this browser. Sign in, open your own link
					again, or ask for a new one.
				</p>
				<p className="row">
					<Link href="/sign-in" className="button first">
						Sign in
					</Link>
					<Link href="/" className="button">
						Go to the start page
					</Link>
				</p>
			</Plain>
		);
	return (
		<Plain title="This page cannot connect">
			<p className="soft">The server said: {text}.</p>
			<p>
				<button type="button" className="button first" onClick={() => location.reload()}>
					Try again
				</button>
			</p>
		</Plain>
	);
}

const whose: Record<CallRole, string> = { agent: 'agents', executive: 'executives', supervisor: 'supervisors' };

/** A view that the server does not show to this person. */
export const ViewRefused = ({ text }: { text: string }) => (
	<Plain title="This page is not yours to see">
		<p className="soft">{text}</p>
	</Plain>
);
