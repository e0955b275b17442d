import { broke, leftMs, soonMs } from '#client/session/survey/segment-now.ts';
import type { IconName } from '#client/ui/icon.tsx';
import { clockText } from '#client/ui/times.ts';
import type { SegmentView } from '#shared/survey.ts';

/** What a segment's state looks like; the word beside it says the same. */
export type SurveyTone = 'wanted' | 'asked' | 'agreed' | 'begins' | 'live' | 'soon' | 'back' | 'over';

/** A segment's state as a small mark. */
export interface Chip {
	tone: SurveyTone;
	icon: IconName;
	word: string;
}

/** The state in few words, the same for everybody who sees the session. Asked anew as time passes. */
export function chipOf(segment: SegmentView, nowMs: number): Chip {
	switch (segment.at) {
		case 'offered':
			return { tone: 'wanted', icon: 'survey', word: 'Survey: to be asked' };
		case 'asked':
			return { tone: 'asked', icon: 'survey', word: 'Survey: asked' };
		case 'agreed':
			return { tone: 'agreed', icon: 'check', word: 'Survey: agreed' };
		case 'declined':
			return { tone: 'over', icon: 'cross', word: 'Survey: declined' };
		case 'not-now':
			return { tone: 'over', icon: 'survey', word: 'Survey: not now' };
		case 'ready':
			return { tone: 'begins', icon: 'microphone', word: 'Survey about to begin' };
		case 'live':
			return onAir(segment, nowMs);
		case 'withdrawn':
			if (!segment.taken) return { tone: 'over', icon: 'cross', word: 'Survey: withdrawn' };
			return back;
		case 'finished':
		case 'lost':
			return back;
		case 'returned':
			return { tone: 'over', ...cameBack(segment) };
		case 'ended':
			return { tone: 'over', icon: 'ended', word: 'Survey: over with the call' };
	}
}

const back: Chip = { tone: 'back', icon: 'back', word: 'Survey over: coming back' };

function onAir(segment: SegmentView, nowMs: number): Chip {
	const left = leftMs(segment, nowMs);
	const isPhone = segment.taken?.by === 'phone';
	const word = isPhone ? 'Survey by phone' : 'Survey live';
	const icon = isPhone ? 'line' : 'microphone';
	if (left === undefined)
		return { tone: 'live', icon, word: `${word} · ${clockText(nowMs - (segment.live?.atMs ?? nowMs))}` };
	return { tone: left <= soonMs ? 'soon' : 'live', icon, word: `${word} · ${countdown(left)} left` };
}

function cameBack({ over }: SegmentView): Pick<Chip, 'icon' | 'word'> {
	if (over?.how === 'withdrawn') return { icon: 'cross', word: 'Survey: withdrawn' };
	if (broke(over?.how)) return { icon: 'notice', word: 'Survey: broken off' };
	return { icon: 'check', word: 'Survey: done' };
}

/** What is left, `4:07`: the whole limit at first, and zero only when it is over. */
export const countdown = (ms: number) => clockText(Math.ceil(ms / 1000) * 1000);
