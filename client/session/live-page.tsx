import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { type Connection, openConnection } from '#client/live/connection.ts';
import { useStore } from '#client/live/use-store.ts';
import { LinkBanner } from '#client/session/link-banner.tsx';
import { Frame, Plain } from '#client/ui/frame.tsx';
import type { Person, Role } from '#shared/people.ts';

/** A page that is connected, and the person it is connected as. */
export interface Live {
	connection: Connection;
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
	as: Role;
	title: string;
	children: ReactNode;
}

/** A page with a live connection of one role: opened with the page, closed with it, its state in words when it is not open. */
export function LivePage({ as, ...rest }: LivePageNeeds) {
	const [connection, setConnection] = useState<Connection>();
	useEffect(() => {
		const opened = openConnection({ role: as });
		setConnection(opened);
		return () => opened.close();
	}, [as]);
	return connection ? <Connected connection={connection} {...rest} /> : null;
}

function Connected({ connection, title, children }: Omit<LivePageNeeds, 'as'> & { connection: Connection }) {
	const me = useStore(connection.me);
	const link = useStore(connection.link);
	const frame = {
		title,
		who: me?.person.name,
		demo: me?.demo,
		keys: me !== undefined,
		banner: <LinkBanner link={link} now={connection.serverNow} />,
	};
	if (me)
		return (
			<LiveContext value={{ connection, me: me.person }}>
				<Frame {...frame}>{children}</Frame>
			</LiveContext>
		);
	return (
		<Frame {...frame}>{link.at === 'closed' ? <NotIn reason={link.reason} text={link.text} /> : <Opening />}</Frame>
	);
}

function Opening() {
	return (
		<Plain title="Connecting…">
			<p className="soft">This takes a moment.</p>
		</Plain>
	);
}

function NotIn({ reason, text }: { reason: string; text: string }) {
	if (reason === 'signInNeeded' || reason === 'forbidden')
		return (
			<Plain title="Sign in first">
				<p className="soft">
					This page belongs to somebody who is signed in. Open your sign-in link again, or ask for a new one.
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

/** A view that the server does not show to this person. */
export const ViewRefused = ({ text }: { text: string }) => (
	<Plain title="This page is not yours to see">
		<p className="soft">{text}</p>
	</Plain>
);
