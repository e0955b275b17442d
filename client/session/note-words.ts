import type { PendingNote } from '#client/live/notes.ts';
import type { Lane, NoteKind } from '#shared/note.ts';
import type { Role } from '#shared/people.ts';

/** The kinds of note in the order of their number keys, each with its letter. */
export const kindsInOrder = [
	{ kind: 'observation', word: 'Observation', key: 'o', asks: 'What did you notice?' },
	{ kind: 'pinhole', word: 'Pinhole', key: 'p', asks: 'What goes wrong again and again?' },
	{ kind: 'suggestion', word: 'Suggestion', key: 's', asks: 'What should change?' },
	{ kind: 'praise', word: 'Praise', key: 'r', asks: 'What was done well?' },
	{ kind: 'question', word: 'Question', key: 'q', asks: 'What do you want to know?' },
	{ kind: 'commitment', word: 'Commitment', key: 'c', asks: 'What do you promise, and by when?' },
] as const satisfies readonly { kind: NoteKind; word: string; key: string; asks: string }[];

/** What the empty field asks for. */
export const kindAsks = (kind: NoteKind) => kindsInOrder.find((one) => one.kind === kind)?.asks;

export const kindWord = (kind: NoteKind) => kindsInOrder.find((one) => one.kind === kind)?.word ?? kind;

/** Who will see a note, in words beside the choice. [N4] */
export const laneWords: Record<Lane, { word: string; icon: 'onlyMe' | 'leadership' | 'team'; who: string }> = {
	private: { word: 'Only me', icon: 'onlyMe', who: 'Nobody else sees it.' },
	leadership: { word: 'Leadership', icon: 'leadership', who: 'Executives and supervisors of this call see it.' },
	team: { word: 'Team', icon: 'team', who: 'The agent sees it too.' },
};

/** The lanes a role may write to, and the one that is chosen before anybody chooses. */
export function lanesOf(role: Role): { lanes: readonly Lane[]; first: Lane } {
	return role === 'agent'
		? { lanes: ['private', 'team'], first: 'team' }
		: { lanes: ['private', 'leadership', 'team'], first: 'team' };
}

/** The lanes an answer may have: no wider than what it answers; the widest first in mind. [N4] */
export function answerLanes(role: Role, parent: Lane): { lanes: readonly Lane[]; first: Lane } {
	const lanes = lanesOf(role).lanes.filter((lane) => width(lane) <= width(parent));
	return { lanes, first: lanes.at(-1) ?? 'private' };
}

/** The lanes a note of mine can be widened to. [N4] */
export const widerLanes = (role: Role, lane: Lane, parent: Lane = 'team'): readonly Lane[] =>
	answerLanes(role, parent).lanes.filter((one) => width(one) > width(lane));

const width = (lane: Lane) => ['private', 'leadership', 'team'].indexOf(lane);

/** Whether a note is safe yet, in words. [N5] */
export function safetyWords({ at, kept, message = '' }: Safety, online: boolean): string {
	if (at === 'saving') return 'Saving…';
	if (online) return `${kept ? 'Kept on this device' : 'Only in this tab'}. ${message}`.trimEnd();
	return kept
		? 'Kept on this device until the connection is back'
		: 'Only in this tab: this browser keeps nothing on its disk';
}
type Safety = Pick<PendingNote, 'at' | 'kept' | 'message'>;

export const laneWho = (lane: Lane, role: Role) =>
	lane === 'team' && role === 'agent' ? 'Everyone who listens to this call sees it.' : laneWords[lane].who;
