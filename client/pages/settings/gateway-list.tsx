import { Link } from 'wouter';
import { GatewayCard } from '#client/pages/settings/gateway-card.tsx';
import { NotShown, Stale } from '#client/pages/settings/not-shown.tsx';
import { usePolled } from '#client/pages/settings/use-polled.ts';
import { gateways } from '#client/rest/rest.ts';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { useArrival } from '#client/ui/use-arrival.ts';

/** What happens at a door is seen here within so long. */
const everyMs = 3000;

/** Every gateway, those that are set up first. */
export function GatewayList() {
	useArrival();
	useTabTitle(() => 'Gateways');
	const { value, error, again } = usePolled(gateways, everyMs);
	if (!value) return error === undefined ? <p className="soft">Looking…</p> : <NotShown error={error} again={again} />;
	const { gateways: all, addressProblem } = value;
	const [on, off] = [all.filter((one) => one.on), all.filter((one) => !one.on)];
	return (
		<div className="stack settings">
			<header>
				<h1>Gateways</h1>
				<p className="soft settings-lead">
					How calls come in from your phone platform. Switch one on with its setting, give the platform the address,
					make a test call, then a real one: it shows up here. <Link href="/settings/gateways/agents">Agents</Link> says
					who is who.
				</p>
			</header>
			{error !== undefined && <Stale error={error} />}
			{addressProblem && on.length > 0 && (
				<p className="settings-notice">
					<Icon name="notice" />
					<span>{addressProblem}</span>
				</p>
			)}
			{on.map((one) => (
				<GatewayCard key={one.name} gateway={one} since={value.since} now={value.now} tested={again} />
			))}
			{off.length > 0 && (
				<section className="card padded gateways-off" aria-labelledby="gateways-off">
					<h2 id="gateways-off">{on.length === 0 ? 'No platform is set up yet. Choose yours:' : 'Not set up'}</h2>
					<ul>
						{off.map(({ name, title, settings, guide }) => (
							<li key={name}>
								<b>{title}</b>
								<span className="soft">
									Set <code>{settings.find(({ isSet }) => !isSet)?.name}</code> and start Ycord again.{' '}
									{guide.path ? <a href={guide.path}>How, step by step</a> : <>How: docs/{guide.file}</>}
								</span>
							</li>
						))}
					</ul>
				</section>
			)}
		</div>
	);
}
