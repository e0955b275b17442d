import { Component, lazy, type ReactNode, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { Frame, Plain } from '#client/ui/frame.tsx';

// Each page is its own file on the wire: who is invited to listen does not load the board.
const Landing = lazy(() => import('#client/pages/landing/landing.tsx').then((page) => ({ default: page.Landing })));
const Enter = lazy(() => import('#client/pages/enter/enter.tsx').then((page) => ({ default: page.Enter })));
const SignInPage = lazy(() =>
	import('#client/pages/sign-in/sign-in-page.tsx').then((page) => ({ default: page.SignInPage })),
);
const WelcomePage = lazy(() =>
	import('#client/pages/sign-in/welcome-page.tsx').then((page) => ({ default: page.WelcomePage })),
);
const AgentPage = lazy(() =>
	import('#client/pages/agent/agent-page.tsx').then((page) => ({ default: page.AgentPage })),
);
const ListenPage = lazy(() =>
	import('#client/pages/listen/listen-page.tsx').then((page) => ({ default: page.ListenPage })),
);
const BoardPage = lazy(() =>
	import('#client/pages/board/board-page.tsx').then((page) => ({ default: page.BoardPage })),
);
const LinePage = lazy(() => import('#client/pages/line/line-page.tsx').then((page) => ({ default: page.LinePage })));
const SearchPage = lazy(() =>
	import('#client/pages/search/search-page.tsx').then((page) => ({ default: page.SearchPage })),
);
const RecordPage = lazy(() =>
	import('#client/pages/record/record-page.tsx').then((page) => ({ default: page.RecordPage })),
);
const ResultsPage = lazy(() =>
	import('#client/pages/results/results-page.tsx').then((page) => ({ default: page.ResultsPage })),
);
const SettingsPage = lazy(() =>
	import('#client/pages/settings/settings-page.tsx').then((page) => ({ default: page.SettingsPage })),
);

/** Every address of the site, in order. */
export const App = () => (
	<Faults>
		<Suspense fallback={null}>
			<Switch>
				<Route path="/" component={Landing} />
				<Route path="/enter/:secret">{({ secret }) => <Enter secret={secret} />}</Route>
				<Route path="/sign-in" component={SignInPage} />
				<Route path="/welcome/:secret">{({ secret }) => <WelcomePage secret={secret} />}</Route>
				<Route path="/agent" component={AgentPage} />
				<Route path="/listen/*?" component={ListenPage} />
				<Route path="/board/*?" component={BoardPage} />
				<Route path="/line/:secret">{({ secret }) => <LinePage secret={secret} />}</Route>
				<Route path="/notes" component={SearchPage} />
				<Route path="/record/:callId">{({ callId }) => <RecordPage key={callId} callId={callId} />}</Route>
				<Route path="/results" component={ResultsPage} />
				<Route path="/settings/*?" component={SettingsPage} />
				<Route>
					<Frame title="Not found" narrow>
						<Plain title="There is nothing at this address">
							<p className="soft">
								The link may be incomplete: links are long, and some programs break them. Copy it whole, or ask for a
								new one.
							</p>
						</Plain>
					</Frame>
				</Route>
			</Switch>
		</Suspense>
	</Faults>
);

/** A page that breaks says so instead of going blank. The call is not touched by it. */
class Faults extends Component<{ children: ReactNode }, { broken: boolean }> {
	override state = { broken: false };
	static getDerivedStateFromError() {
		return { broken: true };
	}
	override render() {
		if (!this.state.broken) return this.props.children;
		return (
			<Frame title="Stopped" narrow>
				<Plain title="This page has stopped working">
					<p className="soft">That is a fault in Ycord. The call goes on untouched; open the page again to go on.</p>
					<p>
						<button type="button" className="button first" onClick={() => location.reload()}>
							Open again
						</button>
					</p>
				</Plain>
			</Frame>
		);
	}
}
