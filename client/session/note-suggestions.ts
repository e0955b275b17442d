import { groups, type SessionPerson } from '#client/session/note-people.ts';
import { matching } from '#client/ui/pick-list.ts';
import type { NoteView } from '#shared/note.ts';

/** A mark that is being typed: its sign, what is typed of it, and where it stands in the text. */
export interface OpenMark {
	sign: '#' | '@';
	typed: string;
	from: number;
	to: number;
}

/** Something that could stand in place of the mark. */
export interface Suggestion {
	/** What is put in, without the sign. */
	word: string;
	name: string;
	aside: string;
}

const most = 6;
const begun = /(?<![\p{L}\p{N}_#@&/])([#@])([\p{L}\p{N}_-]{0,40})$/u;
const goesOn = /^[\p{L}\p{N}_-]*/u;

/** The mark the caret stands in, if it stands in one. */
export function markAt(text: string, caret: number): OpenMark | undefined {
	const match = begun.exec(text.slice(0, caret));
	if (!match) return undefined;
	const rest = goesOn.exec(text.slice(caret))?.[0].length ?? 0;
	return { sign: match[1] as '#' | '@', typed: match[2] ?? '', from: match.index, to: caret + rest };
}

/** The tags of a session, those used most first, with how often. */
export function tagsUsed(notes: readonly NoteView[]): [tag: string, times: number][] {
	const times = new Map<string, number>();
	for (const note of notes) for (const tag of note.tags) times.set(tag, (times.get(tag) ?? 0) + 1);
	return [...times].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

/** Tags that begin like what was typed; not the very one that stands there already. */
export function tagSuggestions(used: readonly [string, number][], typed: string): Suggestion[] {
	const start = typed.normalize('NFC').toLowerCase();
	return used
		.filter(([tag]) => tag.startsWith(start) && tag !== start)
		.slice(0, most)
		.map(([tag, times]) => ({ word: tag, name: `#${tag}`, aside: times === 1 ? 'once' : `${times} times` }));
}

const roleWord = {
	agent: 'Agent',
	executive: 'Executive',
	supervisor: 'Supervisor',
	administrator: 'Administrator',
} as const;

/** The groups and people that what was typed may mean: the agent and those who listen before those who left; never me. */
export function personSuggestions(people: readonly SessionPerson[], myId: string, typed: string): Suggestion[] {
	const rank = (one: SessionPerson) => (one.role === 'agent' || one.listening ? 0 : 1);
	const persons = people
		.filter(({ id, out }) => id !== myId && !out)
		.toSorted((a, b) => rank(a) - rank(b))
		.map(({ id, name, role }) => ({ id, name, aside: `${roleWord[role]} · @${id}` }));
	const named = Object.entries(groups).map(([id, { name, aside }]) => ({ id, name, aside: `${aside} · @${id}` }));
	const start = typed.toLowerCase();
	return [...persons, ...named]
		.filter((one) => one.id.startsWith(start) || matching([one], typed.replaceAll('-', ' ')).length > 0)
		.filter((one) => one.id !== start)
		.slice(0, most)
		.map(({ id, name, aside }) => ({ word: id, name, aside }));
}

/** The text with the suggestion in place of the mark, a space behind it, and the caret behind that. */
export function completed(text: string, { sign, from, to }: OpenMark, word: string): { text: string; caret: number } {
	const after = text.slice(to);
	const begin = `${text.slice(0, from)}${sign}${word} `;
	return { text: begin + after.replace(/^ /, ''), caret: begin.length };
}
