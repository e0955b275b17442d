import { createHash } from 'node:crypto';
import type { SessionDecision } from '#server/domain/session.ts';
import type { NoteCommand } from '#shared/note.ts';
import type { Person, Role } from '#shared/people.ts';

/** Somebody of each role, as the domain knows them. */
export const somebody = (role: Role, id: string = role): Person => ({ id, name: `A ${role}`, role, team: 'Orders' });

/** A UUIDv7 that a word stands for, the same each time. */
export function noteIdOf(word: string): string {
	const hex = createHash('sha256').update(word).digest('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The decision to take a note command of somebody. */
export const asked = (author: Person, command: NoteCommand): SessionDecision => ({ of: 'note', command, author });

/** An executive writes to the team. */
export const noteStarted = (word: string, text: string): SessionDecision =>
	asked(somebody('executive', 'eve'), {
		type: 'write-note',
		noteId: noteIdOf(word),
		kind: 'observation',
		lane: 'team',
		text,
		anchorMs: 0,
	});
