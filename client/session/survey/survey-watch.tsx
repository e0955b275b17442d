import { useStore } from '#client/live/use-store.ts';
import type { ViewState } from '#client/live/views.ts';
import { listeningNow } from '#client/session/listeners.ts';
import { useLive } from '#client/session/live-page.tsx';
import { segmentNow } from '#client/session/survey/segment-now.ts';
import { SurveyCard } from '#client/session/survey/survey-card.tsx';
import { surveyShown } from '#client/session/survey/survey-shown.ts';
import type { CallView } from '#shared/call.ts';

/** The supervisor's part of a survey: to see how it stands, and to take the customer back. Nothing where there is none. */
export function SurveyWatch({ call, view }: { call: CallView; view: ViewState }) {
	const { connection, me } = useLive();
	const segment = segmentNow(view.segments, call.callId);
	const known = useStore(connection.link).at === 'open';
	const executives = listeningNow(view.listenings, call.callId)
		.filter((one) => one.personRole === 'executive')
		.map((one) => one.personName);
	const shown = surveyShown({ segment, call, role: me.role, meId: me.id, executives, known });
	return shown ? <SurveyCard callId={call.callId} segment={segment} shown={shown} /> : null;
}
