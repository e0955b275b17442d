import type { SessionEvent } from '#server/domain/session.ts';

/** Where in an event something lies, from the outside in. */
type Path = readonly string[];

/**
 * What is personal in each type of event: what people wrote, and what names a customer. It is sealed with the call's
 * key; erasing the call destroys the key, and the rest of the event still reads. [L3]
 */
const paths: Partial<Record<SessionEvent['type'], readonly Path[]>> = {
	'call-started': [
		['facts', 'label'],
		['facts', 'about'],
	],
	'note-written': [['text']],
	'note-edited': [['text']],
	'question-answered': [['value']],
};

type Written = Record<string, unknown>;
/** What was taken out, with where it was, so that it goes back there whatever later versions call the place. */
export type Personal = [path: Path, value: unknown][];

/** An event in two parts: what may lie open, with nothing where something personal was, and what must be sealed. */
export function apart(event: SessionEvent): { open: Written; personal: Personal } {
	const personal: Personal = [];
	let open = event as unknown as Written;
	for (const path of paths[event.type] ?? []) {
		const value = path.reduce<unknown>((within, name) => (within as Written | undefined)?.[name], open);
		if (value === undefined) continue;
		personal.push([path, value]);
		open = replaced(open, path, typeof value === 'string' ? '' : undefined);
	}
	return { open, personal };
}

/** The event as it was before it was taken apart. */
export const together = (open: Written, personal: Personal): Written =>
	personal.reduce((event, [path, value]) => replaced(event, path, value), open);

function replaced(within: Written, [name, ...inner]: Path, value: unknown): Written {
	if (name === undefined) return within;
	return { ...within, [name]: inner.length === 0 ? value : replaced(within[name] as Written, inner, value) };
}
