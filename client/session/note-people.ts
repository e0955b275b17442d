import type { CallView, ListeningView } from '#shared/call.ts';
import type { Lane, NoteView } from '#shared/note.ts';
import type { Person, Role } from '#shared/people.ts';

/** Somebody of a session, as notes name them. */
export interface SessionPerson {
	id: string;
	name: string;
	role: Role;
	/** Hears the call at this moment. */
	listening: boolean;
	/** Was shut out, or the invitation was taken back: sees no notes any more. */
	out: boolean;
}

/** Groups that can be called, as who may see their lane: [N4]. */
export const groups = {
	team: { name: 'Team', aside: 'Everyone in this call' },
	leadership: { name: 'Leadership', aside: 'Executives and supervisors' },
} as const;
const isGroup = (word: string): word is keyof typeof groups => word in groups;

/** Everyone this tab knows of in a session: the agent, who was invited or listens, and who wrote. Nobody twice. */
export function sessionPeople(
	call: Pick<CallView, 'agentId' | 'agentName'>,
	listenings: readonly ListeningView[],
	notes: readonly NoteView[],
): SessionPerson[] {
	const agent = { id: call.agentId, name: call.agentName, role: 'agent' as const, listening: false, out: false };
	const people = new Map<string, SessionPerson>([[agent.id, agent]]);
	for (const one of listenings.toSorted((a, b) => a.sinceMs - b.sinceMs)) {
		const before = people.get(one.personId);
		if (before?.listening) continue;
		const out = one.at === 'removed' || one.at === 'withdrawn';
		const { personId: id, personName: name, personRole: role } = one;
		people.set(id, { id, name, role, listening: one.at === 'listening', out });
	}
	for (const { authorId: id, authorName: name, authorRole: role } of notes)
		if (!people.has(id)) people.set(id, { id, name, role, listening: false, out: false });
	return [...people.values()];
}

/** Whether a note of somebody else in this lane is shown to this person. [N4] */
export const maySee = ({ role, out }: Pick<SessionPerson, 'role' | 'out'>, lane: Lane) =>
	!out && (lane === 'team' || (lane === 'leadership' && role !== 'agent'));

/** Whether somebody else's note calls me: by my id, or as one of a group. */
export function callsMe(note: Pick<NoteView, 'mentions' | 'authorId'>, me: Pick<Person, 'id' | 'role'>): boolean {
	if (note.authorId === me.id) return false;
	return note.mentions.some((word) => word === me.id || (isGroup(word) && maySee({ role: me.role, out: false }, word)));
}

/** How a called one is shown; nothing for a word that names nobody here. */
export const nameOfCalled = (word: string, people: ReadonlyMap<string, string>): string | undefined =>
	isGroup(word) ? groups[word].name : people.get(word);

/** Says before sending that somebody called cannot see the chosen lane; nothing when all can. [N4] */
export function cannotSee(
	mentions: readonly string[],
	lane: Lane,
	people: readonly SessionPerson[],
	myId: string,
): string | undefined {
	const others = people.filter(({ id }) => id !== myId);
	const left = new Set<string>();
	for (const word of mentions) {
		const called = isGroup(word)
			? others.filter((one) => maySee(one, word))
			: others.filter(({ id }) => id.toLowerCase() === word);
		for (const one of called) if (!maySee(one, lane)) left.add(one.name);
		// Whom a group holds is not all known here; that a private note reaches none of them is.
		if (isGroup(word) && lane === 'private') left.add(groups[word].name);
	}
	if (left.size === 0) return undefined;
	const who = listed([...left]);
	return lane === 'team' ? `${who} cannot see notes of this call any more.` : `${who} cannot see a ${lane} note.`;
}

/** Names as one says them: `Ann`, `Ann and Bo`, `Ann, Bo and Cy`. */
export const listed = (names: readonly string[]): string =>
	names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
