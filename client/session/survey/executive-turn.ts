import { useCallback, useEffect, useRef, useState } from 'react';
import { type SurveyVoice, type SurveyVoiceState, surveyVoice } from '#client/audio/survey-voice.ts';
import { tabClock } from '#client/live/clock.ts';
import { useStore } from '#client/live/use-store.ts';
import { type Asking, freshId, useAsking } from '#client/session/asking.ts';
import { useLive } from '#client/session/live-page.tsx';
import { isMine, type VoiceHere, voiceHere } from '#client/session/survey/executive-words.ts';
import { segmentNow } from '#client/session/survey/segment-now.ts';
import type { CallView } from '#shared/call.ts';
import type { SegmentView } from '#shared/survey.ts';

/** Three, two, one: so long both sides see what is about to happen. */
export const countdownMs = 3000;

/** An executive's turn with the customer, from the wish to the hand-back: what stands, and what can be done. */
export interface ExecutiveTurn {
	segment: SegmentView | undefined;
	/** Whether this person holds the segment, or held it last. */
	mine: boolean;
	voice: SurveyVoice;
	hears: SurveyVoiceState;
	/** Where what is said here goes, for every place that says so. */
	here: VoiceHere;
	/** When the countdown is at zero, by this tab's clock. */
	liveAtMs: number | undefined;
	asking: Asking;
	offer(): void;
	/** Opens the survey socket when the countdown is over: nothing is heard before. */
	takeLine(): void;
	takeByPhone(): void;
	/** Hands the customer back. Silent from the press of the key on, whatever the server answers. [C2] */
	finish(): void;
	tellIdentity(): void;
}

export function useExecutiveTurn(call: CallView, segments: readonly SegmentView[]): ExecutiveTurn {
	const { connection, me } = useLive();
	const { callId } = call;
	const segment = segmentNow(segments, callId);
	const segmentId = segment?.segmentId ?? '';
	const mine = isMine(segment, me.id);
	const [voice] = useState(surveyVoice);
	const hears = useStore(voice.state);
	const asking = useAsking();
	const [liveAtMs, setLiveAtMs] = useState<number>();
	/** Stops the countdown, whatever it waits for. */
	const giveUp = useRef(() => {});

	const release = useCallback(() => {
		giveUp.current();
		giveUp.current = () => {};
		setLiveAtMs(undefined);
		voice.stop();
	}, [voice]);
	useEffect(() => release, [release]);
	// What ends a turn ends it here too: the microphone is open only on the way to the line, and on it.
	const mayBeOpen =
		segment?.at === 'agreed' ||
		(mine && segment?.taken?.by === 'line' && isOnTheWay(segment)) ||
		liveAtMs !== undefined;
	const isGone = segment !== undefined && segment.at !== 'agreed' && !isOnTheWay(segment);
	useEffect(() => {
		if (!mayBeOpen || isGone) release();
	}, [mayBeOpen, isGone, release]);

	const ask = (command: Parameters<typeof connection.ask>[1]) => connection.ask(callId, command);
	const takePath = async () => {
		const { surveyPath } = await ask({ type: 'take-line', segmentId, by: 'line' });
		return surveyPath ?? '';
	};
	return {
		segment,
		mine,
		voice,
		hears,
		here: voiceHere(hears),
		liveAtMs,
		asking,
		offer: () => void asking.run(() => ask({ type: 'offer-survey', segmentId: freshId() })),
		takeLine() {
			void asking.run(async () => {
				const counted = Promise.withResolvers<boolean>();
				const stop = tabClock.after(countdownMs, () => counted.resolve(true));
				giveUp.current = () => {
					stop();
					counted.resolve(false);
				};
				setLiveAtMs(tabClock.now() + countdownMs);
				try {
					const path = await takePath();
					if (await counted.promise) voice.take({ path, again: takePath });
				} finally {
					giveUp.current();
					setLiveAtMs(undefined);
				}
			});
		},
		takeByPhone() {
			voice.stop();
			void asking.run(() => ask({ type: 'take-line', segmentId, by: 'phone' }));
		},
		finish() {
			release();
			// Past `asking`: a take that is under way must not hold up its end.
			ask({ type: 'finish-survey', segmentId }).catch((error) => asking.run(() => Promise.reject(error)));
		},
		tellIdentity: () => void asking.run(() => ask({ type: 'tell-identity', segmentId })),
	};
}

const isOnTheWay = ({ at }: SegmentView) => at === 'ready' || at === 'live';
