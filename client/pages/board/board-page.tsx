import { Route, Switch } from 'wouter';
import { Board } from '#client/pages/board/board.tsx';
import { OneSession } from '#client/pages/board/one-session.tsx';
import { LivePage } from '#client/session/live-page.tsx';

/** The supervisor's pages, on one connection: the board of all active sessions, and one of them opened. */
export const BoardPage = () => (
	<LivePage as="supervisor" title="Board">
		<Switch>
			<Route path="/board/:callId">{({ callId }) => <OneSession key={callId} callId={callId} />}</Route>
			<Route>
				<Board />
			</Route>
		</Switch>
	</LivePage>
);
