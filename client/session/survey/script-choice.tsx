import { languageName, type ScriptChoice } from '#client/session/survey/scripts.ts';

interface ChoiceNeeds {
	/** Names this group of choices in the page. */
	id: string;
	choices: readonly (ScriptChoice & { title: string })[];
	chosen: ScriptChoice;
	choose: (choice: ScriptChoice) => void;
}

/** Which survey, and in which language: each only where there is more than one. */
export function ScriptChoices({ id, choices, chosen, choose }: ChoiceNeeds) {
	const surveys = [...new Map(choices.map((one) => [one.scriptId, one])).keys()];
	const inLanguages = choices.filter((one) => one.scriptId === chosen.scriptId);
	const take = (scriptId: string) => {
		const there = choices.filter((one) => one.scriptId === scriptId);
		const first = there.find((one) => one.language === chosen.language) ?? there[0];
		if (first) choose(first);
	};
	const titleOf = (scriptId: string) =>
		choices.find((one) => one.scriptId === scriptId && one.language === chosen.language)?.title ??
		choices.find((one) => one.scriptId === scriptId)?.title;
	return (
		<>
			{surveys.length > 1 && (
				<select
					className="input"
					aria-label="Which survey"
					value={chosen.scriptId}
					onChange={(event) => take(event.target.value)}
				>
					{surveys.map((scriptId) => (
						<option key={scriptId} value={scriptId}>
							{titleOf(scriptId)}
						</option>
					))}
				</select>
			)}
			{inLanguages.length > 1 && (
				<fieldset className="segments">
					<legend className="unseen">Language</legend>
					{inLanguages.map((one) => (
						<label key={one.language} className="segment">
							<input
								type="radio"
								name={`${id}-language`}
								checked={one.language === chosen.language}
								onChange={() => choose(one)}
							/>
							{languageName(one.language)}
						</label>
					))}
				</fieldset>
			)}
		</>
	);
}
