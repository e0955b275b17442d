import { PartBar } from '#client/pages/results/charts.tsx';
import { percentWords, stepsOf } from '#client/pages/results/result-words.ts';
import type { SurveyCounts, SurveyResults } from '#shared/survey-results.ts';

/** How many calls came how far: each bar is a part of the first, each share one of the step before. */
export function Funnel({ counts }: { counts: SurveyCounts }) {
	const steps = stepsOf(counts);
	const whole = Math.max(1, steps[0]?.count ?? 0);
	return (
		<figure className="card padded funnel" aria-labelledby="funnel">
			<h2 id="funnel">From call to answers</h2>
			<ol className="funnel-steps">
				{steps.map(({ word, count, of, lost }) => (
					<li key={word} className="funnel-step">
						<p className="funnel-word">
							<b className="numerals">{count}</b> {word.toLowerCase()}
							{of && (
								<span className="faint numerals">
									{' '}
									{percentWords(count, of.count)} of {of.word}
								</span>
							)}
						</p>
						<PartBar part={count / whole} />
						{lost.length > 0 && <p className="funnel-lost faint">less {lost.join(' · ')}</p>}
					</li>
				))}
			</ol>
			<p className="faint funnel-meaning">
				{counts.possible === undefined ? (
					<>
						Calls in which nobody was asked have no script and no identity: they are counted only while neither is
						chosen above.
					</>
				) : (
					<>
						<b>Possible</b>: an executive listened, or the customer was asked. <b>Not asked</b>: an executive listened,
						and the customer was not asked. A call counts once, by how far it came.
					</>
				)}
			</p>
		</figure>
	);
}

const columns: { word: string; of: keyof SurveyCounts }[] = [
	{ word: 'Possible', of: 'possible' },
	{ word: 'Not asked', of: 'notAsked' },
	{ word: 'Asked', of: 'asked' },
	{ word: 'Declined', of: 'declined' },
	{ word: 'Not now', of: 'notNow' },
	{ word: 'Agreed', of: 'agreed' },
	{ word: 'Held', of: 'held' },
	{ word: 'Complete', of: 'complete' },
	{ word: 'Partial', of: 'partial' },
];

/** The same counts for each queue, or each agent. */
export function CountsTable({ by, results }: { by: 'queue' | 'agent'; results: SurveyResults }) {
	const rows =
		by === 'queue'
			? results.byQueue.map(({ queue, counts }) => ({ key: queue, name: queue, aside: '', counts }))
			: results.byAgent.map(({ agentId, agentName, queue, counts }) => ({
					key: `${queue} ${agentId}`,
					name: agentName,
					aside: queue,
					counts,
				}));
	const shown = columns.filter(({ of }) => results.counts[of] !== undefined);
	const word = by === 'queue' ? 'Queue' : 'Agent';
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reached by keys.
		<section className="card counts" aria-labelledby={`by-${by}`} tabIndex={0}>
			<table className="figures-table">
				<caption id={`by-${by}`}>By {by}</caption>
				<thead>
					<tr>
						<th scope="col">{word}</th>
						{shown.map(({ word }) => (
							<th key={word} scope="col">
								{word}
							</th>
						))}
					</tr>
				</thead>
				<tbody className="numerals">
					{rows.map(({ key, name, aside, counts }) => (
						<tr key={key}>
							<th scope="row">
								{name} {aside && <span className="faint">{aside}</span>}
							</th>
							{shown.map(({ word, of }) => (
								<td key={word}>{counts[of]}</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}
