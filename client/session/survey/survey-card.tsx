import { type ReactNode, useId, useRef, useState } from 'react';
import { useAsking } from '#client/session/asking.ts';
import { useLive } from '#client/session/live-page.tsx';
import { Fault } from '#client/session/presence.tsx';
import { HeldFocus } from '#client/session/survey/held-focus.tsx';
import { commandOf, type SurveyAct, surveyActs } from '#client/session/survey/survey-acts.ts';
import type { Shown } from '#client/session/survey/survey-shown.ts';
import { TimeLeft } from '#client/session/survey/time-left.tsx';
import { useSoon } from '#client/session/survey/use-soon.ts';
import { Icon, type IconName } from '#client/ui/icon.tsx';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { SegmentView } from '#shared/survey.ts';
import '#client/session/survey/survey.css';

interface CardNeeds {
	callId: string;
	segment: SegmentView | undefined;
	shown: Shown;
	/** What asking for a survey is called now, and how it is begun; agents only. */
	ask?: { word: string; first: boolean; does: () => Promise<unknown>; cancel?: (() => void) | undefined };
	/** Stands above what can be done. */
	children?: ReactNode;
}

/** A survey on the page of whoever can do something about it: how it stands, and each act with its key. */
export function SurveyCard({ callId, segment, shown, ask, children }: CardNeeds) {
	const { connection } = useLive();
	const id = useId();
	const held = useRef(false);
	const row = useRef<HTMLDivElement>(null);
	const asking = useAsking();
	const telling = useAsking();
	const [pressed, setPressed] = useState<SurveyAct>();
	/** Of which segment the honest sentence is on the page. */
	const [told, setTold] = useState<string>();
	const soon = useSoon(segment, connection.serverNow);
	const tone = shown.tone === 'live' && soon ? 'soon' : shown.tone;
	const isTold = segment !== undefined && told === segment.segmentId && shown.acts.includes('who');

	const press = (act: SurveyAct) => {
		if (act === 'who') return tell();
		setPressed(act);
		return asking.run(async () => {
			if (act === 'ask') await ask?.does();
			else if (segment) await connection.ask(callId, commandOf(act, segment.segmentId));
		});
	};
	/** Shown at once, for the customer is waiting; put on record each time it is. [C3] */
	const tell = () => {
		setTold(isTold ? undefined : segment?.segmentId);
		if (!isTold && segment) telling.run(() => connection.ask(callId, commandOf('who', segment.segmentId)));
	};
	useShortcuts(
		shown.acts.map((act) => ({ keys: [surveyActs[act].key], says: surveyActs[act].says, does: () => press(act) })),
	);
	/** The button that was pressed goes away with what it calls off. */
	const cancel = () => {
		row.current?.querySelector('button')?.focus();
		ask?.cancel?.();
	};
	const wordOf = (act: SurveyAct) => {
		if (asking.busy && pressed === act) return surveyActs[act].busy;
		if (act === 'who' && isTold) return 'Hide the sentence';
		if (act === 'takeBack' && segment?.taken?.by === 'phone') return 'The survey is over';
		return act === 'ask' && ask ? ask.word : surveyActs[act].word;
	};
	return (
		<section className={`card survey survey-card-${tone}${onAir.includes(tone) ? ' on-air' : ''}`} aria-labelledby={id}>
			<HeldFocus key={`${segment?.segmentId} ${segment?.at}`} held={held} className="survey-inside">
				<div className="survey-says">
					<h2 id={id}>
						<Icon name={iconOf[tone]} />
						<span>{shown.title}</span>
					</h2>
					{shown.acts.includes('yes') && segment?.asked && (
						<blockquote className="survey-wording" lang={segment.asked.script.language}>
							{segment.asked.wording}
						</blockquote>
					)}
					{shown.says.map((line) => (
						<p key={line}>{line}</p>
					))}
				</div>
				{tone === 'begins' && <Begins />}
				{(tone === 'live' || tone === 'soon') && segment && <TimeLeft segment={segment} now={connection.serverNow} />}
				{isTold && segment?.asked && (
					<blockquote className="survey-wording" lang={segment.asked.script.language}>
						{segment.asked.who}
					</blockquote>
				)}
				{children}
				{shown.acts.length > 0 && (
					<div ref={row} className={shown.acts.includes('yes') ? 'survey-acts survey-answers' : 'survey-acts'}>
						{shown.acts.map((act) => (
							<button
								key={act}
								type="button"
								className={classOf(act, ask?.first ?? false)}
								{...(act === 'who' ? { 'aria-expanded': isTold } : {})}
								onClick={() => press(act)}
							>
								{wordOf(act)}
								<kbd>{surveyActs[act].key.toUpperCase()}</kbd>
							</button>
						))}
						{ask?.cancel && (
							<button type="button" className="button plain" onClick={cancel}>
								Cancel
							</button>
						)}
					</div>
				)}
				{asking.fault && pressed && shown.acts.includes(pressed) && <Fault>{asking.fault}</Fault>}
				{telling.fault && isTold && <Fault>{telling.fault}</Fault>}
			</HeldFocus>
		</section>
	);
}

const onAir: readonly string[] = ['begins', 'live', 'soon'];

/** Calm, and without a number: how long the platform takes is not known. */
const Begins = () => (
	<span className="survey-begins" aria-hidden="true">
		<i />
		<i />
		<i />
	</span>
);

const classOf = (act: SurveyAct, askFirst: boolean) => {
	if (act === 'takeBack') return 'button large survey-take-back';
	if (act === 'yes') return 'button large first';
	if (act === 'no' || act === 'later') return 'button large';
	return act === 'ask' && askFirst ? 'button first' : 'button';
};

const iconOf: Record<Shown['tone'] | 'soon', IconName> = {
	none: 'line',
	wanted: 'survey',
	asked: 'survey',
	agreed: 'check',
	begins: 'microphone',
	live: 'microphone',
	soon: 'microphone',
	back: 'back',
	over: 'survey',
	unknown: 'lost',
};
