import { useId } from 'react';
import { type Narrowed, periods } from '#client/pages/results/narrowed.ts';
import type { SurveyResults } from '#shared/survey-results.ts';
import { identityWords } from '#shared/survey-told.ts';

interface FiltersNeeds {
	narrowed: Narrowed;
	/** Undefined until the first answer says what there is. */
	choices: SurveyResults['choices'] | undefined;
	rehearsal: boolean;
	change: (part: Partial<Narrowed>) => void;
}

/** What results are narrowed down to. Everything takes effect at once. */
export function Filters({ narrowed, choices, rehearsal, change }: FiltersNeeds) {
	const { queue, agent, script, version, identity, days, from, until } = narrowed;
	const versions = choices?.scripts.find(({ id }) => id === script)?.versions ?? [];
	const agents = (choices?.agents ?? []).filter((one) => queue === '' || one.queue === queue);
	const isOwn = days === '' && (from !== '' || until !== '');
	return (
		<search className="results-filters">
			<Choice label="Queue" value={queue} pick={(queue) => change({ queue, agent: '' })} every="All queues">
				{(choices?.queues ?? []).map((one) => ({ value: one, word: one }))}
			</Choice>
			<Choice label="Agent" value={agent} pick={(agent) => change({ agent })} every="All agents">
				{agents.map(({ id, name }) => ({ value: id, word: name }))}
			</Choice>
			<Choice
				label="Script"
				value={script}
				pick={(script) => change({ script, version: version === 'all' ? 'all' : '' })}
				every="All scripts"
			>
				{(choices?.scripts ?? []).map(({ id, title }) => ({ value: id, word: title }))}
			</Choice>
			<Choice label="Version" value={version} pick={(version) => change({ version })} every="Each by itself">
				{[
					{ value: 'all', word: 'All together' },
					...versions.map((one) => ({ value: String(one), word: `Version ${one}` })),
				]}
			</Choice>
			<Choice label="Told who comes" value={identity} pick={(identity) => change({ identity })} every="Any way">
				{Object.entries(identityWords).map(([value, word]) => ({ value, word }))}
			</Choice>
			<Choice
				label="Calls of"
				value={isOwn ? 'own' : days}
				pick={(days) =>
					change(days === 'own' ? { days: '', from: dayAgo(30), until: dayAgo(0) } : { days, from: '', until: '' })
				}
				every="All time"
			>
				{[...periods.map(({ days, word }) => ({ value: days, word })), { value: 'own', word: 'From – until' }]}
			</Choice>
			{isOwn && (
				<>
					<Day label="From" value={from} pick={(from) => change({ from })} />
					<Day label="Until" value={until} pick={(until) => change({ until })} />
				</>
			)}
			<label className="results-rehearsal">
				<input
					type="checkbox"
					checked={rehearsal}
					onChange={(event) => change({ rehearsal: event.target.checked ? 'yes' : 'no' })}
				/>
				With rehearsals
			</label>
		</search>
	);
}

interface ChoiceNeeds {
	label: string;
	value: string;
	every: string;
	children: readonly { value: string; word: string }[];
	pick: (value: string) => void;
}

function Choice({ label, value, every, children, pick }: ChoiceNeeds) {
	const id = useId();
	// What an address asks for and nobody knows of is still said.
	const isKnown = value === '' || children.some((one) => one.value === value);
	return (
		<div className="field">
			<label htmlFor={id}>{label}</label>
			<select id={id} className="input" value={value} onChange={(event) => pick(event.target.value)}>
				<option value="">{every}</option>
				{children.map(({ value, word }) => (
					<option key={value} value={value}>
						{word}
					</option>
				))}
				{!isKnown && <option value={value}>{value}</option>}
			</select>
		</div>
	);
}

function Day({ label, value, pick }: { label: string; value: string; pick: (value: string) => void }) {
	const id = useId();
	return (
		<div className="field">
			<label htmlFor={id}>{label}</label>
			<input id={id} type="date" className="input" value={value} onChange={(event) => pick(event.target.value)} />
		</div>
	);
}

/** A day of the reader's calendar, so many days ago. */
function dayAgo(days: number): string {
	const date = new Date();
	date.setDate(date.getDate() - days);
	const two = (part: number) => String(part).padStart(2, '0');
	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
