import { Link, Route, Switch, useLocation } from 'wouter';
import { Agents } from '#client/pages/settings/agents.tsx';
import { GatewayList } from '#client/pages/settings/gateway-list.tsx';
import { SignOut } from '#client/session/sign-out.tsx';
import { Frame } from '#client/ui/frame.tsx';
import '#client/pages/settings/settings.css';

const pages = [
	{ href: '/settings/gateways', word: 'Gateways' },
	{ href: '/settings/gateways/agents', word: 'Agents' },
] as const;

/** The administrator's pages: how phone platforms are connected, and whom they mean. */
export function SettingsPage() {
	const [path] = useLocation();
	return (
		<Frame title="Settings" who="as administrator" out={<SignOut as="administrator" />} keys>
			<nav className="settings-nav" aria-label="Settings">
				{pages.map(({ href, word }) => (
					<Link key={href} href={href} aria-current={path === href ? 'page' : undefined}>
						{word}
					</Link>
				))}
			</nav>
			<Switch>
				<Route path="/settings/gateways/agents" component={Agents} />
				<Route component={GatewayList} />
			</Switch>
		</Frame>
	);
}
