import { useEffect, useRef } from 'react';
import { useStore } from '#client/live/use-store.ts';
import { useLive } from '#client/session/live-page.tsx';
import { isUnderWay } from '#client/session/survey/segment-now.ts';
import { type Chip, chipOf } from '#client/session/survey/survey-chip.ts';
import { surveyShown } from '#client/session/survey/survey-shown.ts';
import { customerIsWith } from '#client/session/survey/survey-words.ts';
import { useSoon } from '#client/session/survey/use-soon.ts';
import { announce } from '#client/ui/announce.tsx';
import { Ticking } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { CallView } from '#shared/call.ts';
import type { SegmentView } from '#shared/survey.ts';
import '#client/session/survey/survey.css';

interface MarkNeeds {
	segment: SegmentView;
	now: () => number;
}

/** A segment's state as icon, words and colour, with the time that is left; nothing while the connection is lost. */
export function SurveyMark({ segment, now }: MarkNeeds) {
	const known = useStore(useLive().connection.link).at === 'open';
	useSoon(segment, now);
	const { tone, icon }: Chip = chipOf(segment, now());
	if (!known && tone !== 'over') return null;
	return (
		<span className={`state survey-${tone}`}>
			<Icon name={icon} />
			<Ticking text={() => chipOf(segment, now()).word} />
		</span>
	);
}

/**
 * Who has the customer, where that is not plain; and on the agent's page, always. Where a card beside it says the same, only
 * on a small screen, where the card scrolls away.
 */
export function WhoSpeaks({ segment }: { segment: SegmentView | undefined }) {
	const { connection, me } = useLive();
	const known = useStore(connection.link).at === 'open';
	const isMine = segment?.at === 'live' && segment.taken?.executive.id === me.id;
	const words = customerIsWith(segment, me.role);
	if (!known || !words || isMine) return null;
	return (
		<span className={me.role === 'executive' ? 'who-speaks' : 'who-speaks with-card'}>
			<Icon name={segment?.at === 'live' ? 'microphone' : 'line'} />
			{words}
		</span>
	);
}

/** Says, once each, how a survey goes and that its time runs out. Whoever holds the line is told by their own page. */
export function useSurveyTold(segment: SegmentView | undefined, now: () => number, call: CallView, known: boolean) {
	const { me } = useLive();
	const title = surveyShown({ segment, call, role: me.role, meId: me.id, executives: [], known: true })?.title;
	const isMine = segment?.taken?.executive.id === me.id;
	useSoon(segment, now, () => announce('One minute left for the survey.'));
	const state = segment && !isMine ? `${segment.segmentId} ${segment.at}` : undefined;
	const isNews = segment !== undefined && isUnderWay(segment);
	const before = useRef<string>(undefined);
	const says = useRef(title);
	says.current = title;
	useEffect(() => {
		if (!known || before.current === state) return;
		// What was over before this page was opened is no news.
		if (says.current && (before.current !== undefined || isNews)) announce(says.current);
		before.current = state;
	}, [state, known, isNews]);
}
