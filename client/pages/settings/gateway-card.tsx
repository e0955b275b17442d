import { useId } from 'react';
import { Link } from 'wouter';
import { abilityWords, agoWords, contactWords, stateWords } from '#client/pages/settings/gateway-words.ts';
import { TestCall } from '#client/pages/settings/test-call.tsx';
import { CopyLine } from '#client/ui/copy-line.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { timeToSecond } from '#client/ui/times.ts';
import type { GatewayView } from '#shared/gateways.ts';

interface GatewayCardNeeds {
	gateway: GatewayView;
	/** When the server started, and what its clock says now. */
	since: string;
	now: string;
	/** A test call is over: the door may have something to tell. */
	tested: () => void;
}

/** One gateway that is set up: how it stands, what to give to the platform, what came of it, and a test. */
export function GatewayCard({ gateway, since, now, tested }: GatewayCardNeeds) {
	const id = useId();
	const { title, state, callsNow, addresses, settings, abilities, guide, refusedCounts } = gateway;
	const { word, tone, icon } = stateWords[state];
	return (
		<article className="card padded gateway" aria-labelledby={id}>
			<header className="gateway-head">
				<h2 id={id}>{title}</h2>
				<p className={`gateway-state ${tone}`} role="status">
					<Icon name={icon} />
					<span>{word}</span>
				</p>
			</header>
			<p className="soft">
				{callsNow > 0 && (
					<>
						<b className="numerals">{callsNow === 1 ? '1 call' : `${callsNow} calls`}</b> right now.{' '}
					</>
				)}
				{contactWords(gateway, since, now)}
			</p>
			{refusedCounts.length > 0 && <Refused gateway={gateway} now={now} />}
			<section className="gateway-part">
				<h3>Give this to the platform</h3>
				{addresses.map(({ what, address }) => (
					<CopyLine key={what} label={what} text={address} />
				))}
				<p className="faint">
					{guide.path ? <a href={guide.path}>The guide</a> : <>The guide, docs/{guide.file},</>} says where each goes,
					field by field.
				</p>
			</section>
			<div className="gateway-sides">
				<section className="gateway-part">
					<h3>Settings</h3>
					<ul className="gateway-settings">
						{settings.map(({ name, isSet }) => (
							<li key={name}>
								{isSet ? <Icon name="check" /> : <span className="icon" />}
								<code>{name}</code>
								<span className="faint">{isSet ? 'set' : 'not set'}</span>
							</li>
						))}
					</ul>
				</section>
				<section className="gateway-part">
					<h3>Its calls</h3>
					<ul className="gateway-abilities soft">
						{abilityWords(abilities).map((one) => (
							<li key={one}>{one}</li>
						))}
					</ul>
				</section>
			</div>
			<TestCall gateway={gateway} tested={tested} />
		</article>
	);
}

/** What was turned away, by reason, and what to do about each. */
function Refused({ gateway, now }: { gateway: GatewayView; now: string }) {
	const { refused, refusedCounts } = gateway;
	return (
		<section className="gateway-refused">
			<h3>Turned away</h3>
			<ul>
				{refusedCounts.map(({ why, says, todo, count }) => {
					const last = refused.find((one) => one.why === why);
					const isAgent = why === 'call.unknown-agent' || why === 'unknownAgent';
					return (
						<li key={why}>
							<p>
								<b>{says}</b>{' '}
								<span className="faint numerals">
									{count === 1 ? 'once' : `${count} times`}
									{last && `, last ${agoWords(last.at, now)}`}
								</span>
							</p>
							<p className="soft">
								{todo} {isAgent && <Link href="/settings/gateways/agents">Agents</Link>}
							</p>
						</li>
					);
				})}
			</ul>
			<details>
				<summary>{refused.length === 1 ? 'The last one' : `The last ${refused.length}`}</summary>
				<ol className="faint">
					{refused.map(({ says, at }, place) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: several may come in one millisecond, and nothing is kept in a row.
						<li key={`${at} ${place}`}>
							<time className="numerals" dateTime={at}>
								{timeToSecond(Date.parse(at))}
							</time>{' '}
							{says}
						</li>
					))}
				</ol>
			</details>
		</section>
	);
}
