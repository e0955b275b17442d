import { Route, Switch, useRoute } from 'wouter';
import { Lobby } from '#client/pages/listen/lobby.tsx';
import { OpenedInvitation } from '#client/pages/listen/opened-invitation.tsx';
import { SeatPage } from '#client/pages/listen/seat-page.tsx';
import { LivePage } from '#client/session/live-page.tsx';

/** The executive's pages: the door that an invitation link opens, and, on one connection, the lobby and a seat at a call. */
export function ListenPage() {
	const [byLink, invitation] = useRoute('/listen/:secret');
	if (byLink) return <OpenedInvitation secret={invitation.secret} />;
	return (
		<LivePage as="executive" title="Listening">
			<Switch>
				<Route path="/listen/at/:callId/:listeningId">
					{(seat) => <SeatPage key={seat.listeningId} callId={seat.callId} listeningId={seat.listeningId} />}
				</Route>
				<Route>
					<Lobby />
				</Route>
			</Switch>
		</LivePage>
	);
}
