import { useEffect, useId, useState } from 'react';
import { useStore } from '#client/live/use-store.ts';
import type { ViewState } from '#client/live/views.ts';
import { freshId } from '#client/session/asking.ts';
import { listeningNow } from '#client/session/listeners.ts';
import { useLive } from '#client/session/live-page.tsx';
import { Fault } from '#client/session/presence.tsx';
import { ScriptChoices } from '#client/session/survey/script-choice.tsx';
import {
	lastAskedWith,
	likeliest,
	rememberAskedWith,
	type ScriptChoice,
	scriptsToAsk,
} from '#client/session/survey/scripts.ts';
import { segmentNow } from '#client/session/survey/segment-now.ts';
import { SurveyCard } from '#client/session/survey/survey-card.tsx';
import { surveyShown } from '#client/session/survey/survey-shown.ts';
import { useSurveyChoices } from '#client/session/survey/use-survey-choices.ts';
import type { CallView } from '#shared/call.ts';

/** The agent's part of a survey: to ask for it, read it out, record the answer, and take the customer back. */
export function SurveyPanel({ call, view }: { call: CallView; view: ViewState }) {
	const { connection, me } = useLive();
	const id = useId();
	const { callId } = call;
	const segment = segmentNow(view.segments, callId);
	const known = useStore(connection.link).at === 'open';
	const { choices, fault, again } = useSurveyChoices(callId);
	const [opened, setOpened] = useState(false);
	const [picked, setPicked] = useState<ScriptChoice>();
	const toAsk = choices && scriptsToAsk(choices.scripts);
	const chosen = picked ?? (toAsk && likeliest(toAsk, lastAskedWith(), navigator.languages));
	const executives = listeningNow(view.listenings, callId)
		.filter((one) => one.personRole === 'executive')
		.map((one) => one.personName);
	const shown = surveyShown({
		segment,
		call,
		role: 'agent',
		meId: me.id,
		executives,
		microphone: choices?.agent,
		known,
	});
	const mayAsk = shown?.acts.includes('ask') ?? false;
	useEffect(() => {
		if (!mayAsk) setOpened(false);
	}, [mayAsk]);
	if (!shown) return null;
	const isOffered = segment?.at === 'offered';
	const choosing = mayAsk && (isOffered || opened);
	const ask = async () => {
		// One choice is none: the words are on the page with the first press.
		if (!chosen || (!choosing && toAsk?.length !== 1)) return setOpened(true);
		const segmentId = isOffered ? segment.segmentId : freshId();
		if (!isOffered) await connection.ask(callId, { type: 'offer-survey', segmentId });
		const { scriptId, language } = chosen;
		await connection.ask(callId, { type: 'ask-survey', segmentId, scriptId, language });
		rememberAskedWith(chosen);
	};
	const word = choosing ? 'Show the words' : segment ? 'Ask again' : 'Ask for a survey';
	return (
		<SurveyCard
			callId={callId}
			segment={segment}
			shown={shown}
			ask={{ word, first: choosing, does: ask, cancel: choosing && !isOffered ? () => setOpened(false) : undefined }}
		>
			{choosing && toAsk && chosen && toAsk.length > 1 && (
				<ScriptChoices id={id} choices={toAsk} chosen={chosen} choose={setPicked} />
			)}
			{choosing && !toAsk && !fault && <p className="faint">Looking up what may be asked…</p>}
			{choosing && fault && (
				<div className="row">
					<Fault>{fault}</Fault>
					<button type="button" className="button small" onClick={again}>
						Try again
					</button>
				</div>
			)}
		</SurveyCard>
	);
}
