import type { SurveyVoiceState } from '#client/audio/survey-voice.ts';
import type { IconName } from '#client/ui/icon.tsx';
import type { Question, SegmentView } from '#shared/survey.ts';

/** Where what is said into this device goes: nowhere, nowhere but the microphone is being tried, to the customer, to the customer as silence. */
export type VoiceHere = 'off' | 'check' | 'line' | 'muted';

/** Where what is said into this device goes. A line that reconnects may be heard again in a moment: it counts as heard. */
export function voiceHere({ microphone, line, muted }: SurveyVoiceState): VoiceHere {
	if (line?.at === 'live' || line?.at === 'lost') return muted ? 'muted' : 'line';
	return microphone === 'open' ? 'check' : 'off';
}

/** The same in words, always on the page: who can hear the person before it. [S1] [S2] */
export const voiceWords: Record<VoiceHere, { icon: IconName; title: string; text: string; brief: string }> = {
	off: {
		icon: 'ear',
		title: 'Silent listener',
		text: 'your microphone is off, you cannot be heard',
		brief: 'You cannot be heard',
	},
	check: {
		icon: 'microphone',
		title: 'Microphone check',
		text: 'it is connected to nothing, you cannot be heard',
		brief: 'You cannot be heard',
	},
	line: {
		icon: 'microphone',
		title: 'You are on the line',
		text: 'the customer hears you',
		brief: 'The customer hears you',
	},
	muted: {
		icon: 'silenced',
		title: 'On the line, muted',
		text: 'the customer does not hear you',
		brief: 'You are muted',
	},
};

/** The executive whose voice a listener hears beside the agent's; nobody hears their own. */
export function speakerOf(segment: SegmentView | undefined, meId: string): string | undefined {
	const taken = segment?.at === 'live' && segment.taken?.by === 'line' ? segment.taken : undefined;
	return taken && taken.executive.id !== meId ? taken.executive.name : undefined;
}

/** Whether this person holds the segment, or held it. */
export const isMine = (segment: SegmentView | undefined, meId: string) => segment?.taken?.executive.id === meId;

/** Whether answers may still be written down: on the line and after it, and never once consent was taken back. [C2] */
export const takesAnswers = ({ at, over, taken }: SegmentView) =>
	taken !== undefined && over?.how !== 'withdrawn' && ['live', 'finished', 'lost', 'returned', 'ended'].includes(at);

/** What the customer knows of who comes, from the one who comes. */
export function toldOfMe({ asked }: SegmentView): string {
	switch (asked?.identity) {
		case 'named':
			return `your name, ${asked.executive?.name ?? ''}`;
		case 'company':
			return 'that you are from the company: neither your name nor your role';
		default:
			return 'your role, not your name';
	}
}

/** What waits for whom, while nothing can be done here. */
export function waitingWords({ at }: SegmentView, agentName: string): { title: string; text: string } | undefined {
	switch (at) {
		case 'offered':
			return {
				title: `${agentName} has your question`,
				text: 'They ask the customer when it fits. You will see the answer here.',
			};
		case 'asked':
			return { title: 'The customer is being asked now', text: `${agentName} reads out the question. Listen along.` };
		case 'declined':
			return { title: 'The customer said no', text: 'A no is a no: nobody asks again in this call.' };
		case 'not-now':
			return { title: 'Not now', text: 'The customer would rather not at this moment. You may ask once more, later.' };
		default:
			return undefined;
	}
}

/** How the turn of the person before it ended. */
export function endedWords(segment: SegmentView, agentName: string): { title: string; text: string } {
	const back = backWords(segment, agentName);
	const off = segment.taken?.by === 'line' ? ' Your microphone is off.' : '';
	switch (segment.over?.how) {
		case 'executive':
			return { title: 'You have handed the customer back', text: `${back}${off}` };
		case 'taken-back':
			return { title: 'The customer was taken back', text: `The agent or a supervisor ended your turn. ${back}${off}` };
		case 'time-limit':
			return { title: 'The time is up', text: `${back}${off}` };
		case 'protected':
			return { title: 'Broken off: the call is protected', text: `Private details are being said. ${back}${off}` };
		case 'removed':
			return { title: 'A supervisor ended your listening', text: `${back}${off}` };
		case 'withdrawn':
			return {
				title: 'The customer does not want to go on',
				text: `They took their yes back, and nothing more is written down. ${back}${off}`,
			};
		case 'executive-lost':
			return { title: 'Your connection to the line was lost', text: `${back}${off}` };
		case 'agent-lost':
			return { title: `The connection of ${agentName} was lost`, text: `${back}${off}` };
		case 'gateway-lost':
			return { title: 'The phone system did not hold the line', text: `${back}${off}` };
		case 'call-ended':
			return { title: 'The call has ended', text: `The survey ended with it.${off}` };
		case undefined:
			return { title: 'The survey did not come about', text: 'The call ended first.' };
	}
}

function backWords({ at, returnedTo }: SegmentView, agentName: string): string {
	if (at === 'ended') return 'The call is over.';
	if (at !== 'returned') return `The customer is on the way back to ${agentName}.`;
	switch (returnedTo) {
		case 'queue':
			return 'The customer is in the queue.';
		case 'announcement':
			return 'The customer hears an announcement.';
		case 'hung-up':
			return 'The customer was hung up.';
		default:
			return `The customer is with ${agentName} again.`;
	}
}

/** One answer that a question takes: its value, what it is called, and its key. */
export interface AnswerKey {
	value: string;
	word: string;
	key: string;
}

/** Every answer that is one key: the digit itself, `x` for 10, `y` and `n`, or the place of a choice. */
export function answerKeys(question: Question): AnswerKey[] {
	switch (question.kind) {
		case 'scale-10':
			return Array.from({ length: 11 }, (_, value) => scaled(value));
		case 'scale-5':
			return [1, 2, 3, 4, 5].map(scaled);
		case 'yes-no':
			return [
				{ value: 'yes', word: 'Yes', key: 'y' },
				{ value: 'no', word: 'No', key: 'n' },
			];
		case 'choice':
			return (question.choices ?? []).map(({ id, text }, index) => ({ value: id, word: text, key: String(index + 1) }));
		case 'open':
			return [];
	}
}
const scaled = (value: number): AnswerKey => ({
	value: String(value),
	word: String(value),
	key: value === 10 ? 'x' : String(value),
});

/** An answer as it is read back. */
export const answerWord = (question: Question, value: string): string =>
	answerKeys(question).find((one) => one.value === value)?.word ?? value;

/** Which keys answer, in one line under the question. */
export function keysWords(question: Question): string {
	switch (question.kind) {
		case 'scale-10':
			return 'Keys 0 to 9, and X for 10.';
		case 'scale-5':
			return 'Keys 1 to 5.';
		case 'yes-no':
			return 'Keys Y and N.';
		case 'choice':
			return `Keys 1 to ${question.choices?.length ?? 0}.`;
		case 'open':
			return 'T to type; Enter puts it on record.';
	}
}

/** What to do where there is no microphone. */
export const microphoneHelp: Record<'denied' | 'missing' | 'busy' | 'unsupported', string> = {
	denied: 'The sign for it stands beside the address, or in the browser’s settings for this site.',
	missing: 'If it is wireless, see that it is switched on and connected.',
	busy: 'A video meeting in another window often does.',
	unsupported: 'Ask whoever runs Ycord here for its https address.',
};
