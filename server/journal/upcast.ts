import type { SessionEvent } from '#server/domain/session.ts';

/** An event as it was written, by this version of Ycord or an older one. */
export type Written = Record<string, unknown>;

/** One step in the life of a type of event: from the shape it had to the shape that came next. Must not change what it is given. */
export type Step = (before: Written) => Written;

/**
 * Every type of event there is, with the steps that led from its first shape to today's. An event is written with the
 * version of its type: 1, and one more for each step. A shape that changes adds a step here and leaves those before it
 * alone, since journals that hold the old shape are never rewritten.
 */
const steps = {
	'call-started': [],
	'call-held': [],
	'call-resumed': [],
	'call-lost': [],
	'call-restored': [],
	'call-protected': [],
	'call-unprotected': [],
	'call-ended': [],
	'call-erased': [],
	invited: [],
	'invitation-withdrawn': [],
	'invitation-declined': [],
	'invitation-accepted': [],
	'listener-removed': [],
	joined: [],
	'listening-started': [],
	'listening-stopped': [],
	'sound-refused': [],
	'note-written': [],
	'note-edited': [],
	'note-deleted': [],
	'note-widened': [],
	'note-heard': [],
	'note-linked': [],
	'survey-offered': [],
	'survey-asked': [],
	'consent-recorded': [],
	'consent-withdrawn': [],
	'line-taken': [],
	'survey-live': [],
	'survey-finished': [],
	'line-lost': [],
	'customer-returned': [],
	'question-answered': [],
	'identity-told': [],
} satisfies Record<SessionEvent['type'], Step[]>;

/** How events of every age become events of today. */
export interface Upcasting {
	/** The version that events of this type are written with today; throws for a type that is not in the table. */
	versionOf(type: string): number;
	/** Today's shape of what was written; throws, naming type and version, for what this version of Ycord does not know. */
	upcast(type: string, version: number, written: Written): SessionEvent;
}

/** Made from a table so that tests can bring one with a past. */
export function upcasting(table: Readonly<Record<string, readonly Step[]>>): Upcasting {
	const stepsOf = (type: string): readonly Step[] => {
		const known = Object.hasOwn(table, type) ? table[type] : undefined;
		if (known) return known;
		throw new Error(
			`There is no event of the type “${type}” in this version of Ycord; a newer one may have written it.`,
		);
	};
	const versionOf = (type: string) => stepsOf(type).length + 1;
	return {
		versionOf,
		upcast(type, version, written) {
			const newest = versionOf(type);
			if (!Number.isInteger(version) || version < 1 || version > newest)
				throw new Error(
					`An event “${type}” was written with version ${version}; this version of Ycord knows 1 to ${newest}.`,
				);
			const today = stepsOf(type)
				.slice(version - 1)
				.reduce((before, step) => step(before), written);
			return today as unknown as SessionEvent;
		},
	};
}

/** Every type of event there is today. */
export const eventTypes: readonly string[] = Object.keys(steps);

/** For the events of sessions, which are all there are today. */
export const { versionOf, upcast } = upcasting(steps);
