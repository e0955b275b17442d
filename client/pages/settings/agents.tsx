import { AddAgent, ChoosePerson } from '#client/pages/settings/agent-forms.tsx';
import { agoWords } from '#client/pages/settings/gateway-words.ts';
import { NotShown, Stale } from '#client/pages/settings/not-shown.tsx';
import { usePolled } from '#client/pages/settings/use-polled.ts';
import { agentMapping, gateways, mapAgent, unmapAgent } from '#client/rest/rest.ts';
import { useAsking } from '#client/session/asking.ts';
import { announce } from '#client/ui/announce.tsx';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { dayOf } from '#client/ui/times.ts';
import { useArrival } from '#client/ui/use-arrival.ts';
import type { AgentMapping } from '#shared/gateways.ts';

const everyMs = 3000;
const both = async () => {
	const [mapping, { gateways: all, now }] = await Promise.all([agentMapping(), gateways()]);
	return { mapping, all, now };
};

/** Whom platforms mean: a platform's name for an agent, and the person here. Without one, calls are refused. [C0] */
export function Agents() {
	useArrival();
	useTabTitle(() => 'Agents of platforms');
	const { value, error, again, set } = usePolled(both, everyMs);
	const asking = useAsking();
	if (!value) return error === undefined ? <p className="soft">Looking…</p> : <NotShown error={error} again={again} />;
	const { mapping, all, now } = value;
	const titleOf = (name: string) => all.find((one) => one.name === name)?.title ?? name;
	/** Does it, and shows what the server made of it at once. */
	const change = (work: () => Promise<AgentMapping>, said: string) =>
		asking.run(async () => {
			set({ ...value, mapping: await work() });
			announce(said);
		});
	const map = (gateway: string, name: string, personId: string) =>
		change(() => mapAgent({ gateway, name, personId }), `${name} is mapped`);
	return (
		<div className="stack settings">
			<header>
				<h1>Agents</h1>
				<p className="soft settings-lead">
					A platform names the agent of a call in its own way: an extension, a login, an address. Say here who that is.
					A name that is a person’s id in Ycord needs no line. A call whose agent nobody is gets refused, because the
					agent must always see who listens.
				</p>
			</header>
			{error !== undefined && <Stale error={error} />}
			{asking.fault && (
				<p className="gateway-fault" role="alert">
					{asking.fault}
				</p>
			)}
			{mapping.unknown.length > 0 && (
				<section className="card padded agents-unknown" aria-labelledby="agents-unknown">
					<h2 id="agents-unknown">Calls came for somebody nobody is mapped to</h2>
					<ul>
						{mapping.unknown.map(({ gateway, name, calls, last }) => (
							<li key={`${gateway} ${name}`}>
								<p>
									<b className="agents-name">{name}</b>{' '}
									<span className="faint">
										{titleOf(gateway)}, {calls === 1 ? 'one call' : `${calls} calls`}, last {agoWords(last, now)}
									</span>
								</p>
								<ChoosePerson
									label={`Who is ${name}?`}
									agents={mapping.agents}
									asking={asking}
									choose={(personId) => map(gateway, name, personId)}
								/>
							</li>
						))}
					</ul>
				</section>
			)}
			<section className="card padded" aria-labelledby="agents-mapped">
				<h2 id="agents-mapped">Mapped</h2>
				{mapping.mapped.length === 0 ? (
					<p className="soft">Nobody yet. Where the platform names agents by their ids in Ycord, nobody has to be.</p>
				) : (
					<table className="agents-table">
						<thead>
							<tr>
								<th scope="col">Gateway</th>
								<th scope="col">Name there</th>
								<th scope="col">Person here</th>
								<th scope="col">Since</th>
								<th scope="col">
									<span className="unseen">Take away</span>
								</th>
							</tr>
						</thead>
						<tbody>
							{mapping.mapped.map(({ gateway, name, personId, personName, by, at }) => (
								<tr key={`${gateway} ${name}`}>
									<td data-head="Gateway">{titleOf(gateway)}</td>
									<td data-head="Name there" className="agents-name">
										{name}
									</td>
									<td data-head="Person here">
										{personName ?? (
											<span className="agents-gone">
												<Icon name="notice" /> {personId} is no agent here: calls are refused
											</span>
										)}
									</td>
									<td data-head="Since" className="faint">
										{dayOf(Date.parse(at))}, by {by}
									</td>
									<td>
										<button
											type="button"
											className="button plain small"
											aria-disabled={asking.busy}
											onClick={() => change(() => unmapAgent({ gateway, name }), `${name} is mapped to nobody`)}
										>
											<Icon name="cross" />
											<span className="unseen">Take away {name}</span>
										</button>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				)}
				<AddAgent gateways={all} agents={mapping.agents} asking={asking} map={map} />
			</section>
		</div>
	);
}
