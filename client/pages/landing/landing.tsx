import { Link } from 'wouter';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame } from '#client/ui/frame.tsx';
import { Icon, type IconName } from '#client/ui/icon.tsx';
import '#client/pages/landing/landing.css';

const doors: { href: string; icon: IconName; title: string; text: string }[] = [
	{ href: '/agent', icon: 'line', title: 'Agent', text: 'Your call, who listens to it, and their notes.' },
	{
		href: '/listen',
		icon: 'headphones',
		title: 'Executive',
		text: 'Calls you are invited to. Silent: you cannot be heard.',
	},
	{ href: '/board', icon: 'live', title: 'Supervisor', text: 'Every call of your team, and who listens to whom.' },
	{
		href: '/results',
		icon: 'results',
		title: 'Survey results',
		text: 'What customers answered, for executives and supervisors.',
	},
	{
		href: '/settings/gateways',
		icon: 'line',
		title: 'Administrator',
		text: 'The phone platforms: what to give to each, what came of it, a test call.',
	},
];

/** What Ycord is, in two lines, and where to go from here. */
export function Landing() {
	useTabTitle(() => 'Sit in on a live call');
	return (
		<Frame title="Sit in on a live call" narrow>
			<div className="landing stack">
				<h1>Hear your customers while they talk.</h1>
				<p className="lead">
					An agent invites you, you open a link, and this tab plays both sides of the live call. You listen in silence,
					take notes together, and the agent always knows that you are there.
				</p>
				<ul className="doors card">
					{doors.map((door) => (
						<li key={door.href}>
							<Link href={door.href} className="door">
								<Icon name={door.icon} />
								<span>
									<b>{door.title}</b>
									<span className="soft">{door.text}</span>
								</span>
							</Link>
						</li>
					))}
				</ul>
				<p className="soft">
					Executives get in by the link of whoever invites them; everybody else by a link from whoever runs Ycord here,
					or by name and password: <Link href="/sign-in">sign in</Link>. Trying the demo? The terminal that started
					Ycord shows a link for each role.
				</p>
			</div>
		</Frame>
	);
}
