import { type FormEvent, useId, useRef, useState } from 'react';
import type { Asking } from '#client/session/asking.ts';
import type { Person } from '#shared/people.ts';

interface ChoosePersonNeeds {
	label: string;
	agents: readonly Person[];
	asking: Asking;
	choose: (personId: string) => void;
}

/** Who a name means, for one that calls came for. */
export function ChoosePerson({ label, agents, asking, choose }: ChoosePersonNeeds) {
	const id = useId();
	const [personId, setPersonId] = useState('');
	return (
		<div className="row agents-choose">
			<label htmlFor={id} className="unseen">
				{label}
			</label>
			<select id={id} className="input" value={personId} onChange={(event) => setPersonId(event.target.value)}>
				<option value="">Who is this?</option>
				<People agents={agents} />
			</select>
			<button
				type="button"
				className="button"
				aria-disabled={asking.busy || !personId}
				onClick={() => personId && choose(personId)}
			>
				Map
			</button>
		</div>
	);
}

const People = ({ agents }: { agents: readonly Person[] }) =>
	agents.map(({ id, name, team }) => (
		<option key={id} value={id}>
			{name} · {team}
		</option>
	));

interface AddAgentNeeds {
	gateways: readonly { name: string; title: string; on: boolean }[];
	agents: readonly Person[];
	asking: Asking;
	map: (gateway: string, name: string, personId: string) => void;
}

/** A line that is written before the first call comes. */
export function AddAgent({ gateways: all, agents, asking, map }: AddAgentNeeds) {
	const [gateway, setGateway] = useState(all.find(({ on }) => on)?.name ?? all[0]?.name ?? '');
	const [name, setName] = useState('');
	const [personId, setPersonId] = useState('');
	const field = useRef<HTMLInputElement>(null);
	const id = useId();
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (asking.busy || !name.trim() || !personId) return;
		map(gateway, name.trim(), personId);
		setName('');
		field.current?.focus();
	};
	return (
		<form className="agents-add" onSubmit={submit}>
			<div className="field">
				<label htmlFor={`${id}-gateway`}>Gateway</label>
				<select
					id={`${id}-gateway`}
					className="input"
					value={gateway}
					onChange={(event) => setGateway(event.target.value)}
				>
					{all.map((one) => (
						<option key={one.name} value={one.name}>
							{one.title}
						</option>
					))}
				</select>
			</div>
			<div className="field">
				<label htmlFor={`${id}-name`}>Name there</label>
				<input
					ref={field}
					id={`${id}-name`}
					className="input"
					value={name}
					maxLength={200}
					autoComplete="off"
					required
					onChange={(event) => setName(event.target.value)}
				/>
			</div>
			<div className="field">
				<label htmlFor={`${id}-person`}>Person here</label>
				<select
					id={`${id}-person`}
					className="input"
					value={personId}
					required
					onChange={(event) => setPersonId(event.target.value)}
				>
					<option value="">Choose…</option>
					<People agents={agents} />
				</select>
			</div>
			<button type="submit" className="button first" aria-disabled={asking.busy}>
				Add
			</button>
		</form>
	);
}
