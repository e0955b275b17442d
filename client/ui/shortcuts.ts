/** One key that does something while nobody is typing. */
export interface Shortcut {
	/** The key as `KeyboardEvent.key` names it; letters in lower case. */
	keys: readonly string[];
	/** What it does, for the list behind `?`. */
	says: string;
	does: () => void;
	/** The key was let go of after so long; `undefined` if that could not be seen, as when the window lost the keyboard. */
	until?: (heldMs: number | undefined) => void;
}

/** The part of a keyboard event that decides. */
export interface KeyPress {
	key: string;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
	shiftKey: boolean;
	repeat: boolean;
	isComposing: boolean;
	defaultPrevented: boolean;
}

/** The part of the focused element that decides. */
export interface Focused {
	tagName: string;
	type?: string;
	isContentEditable?: boolean;
	role?: string | null;
}

const buttonLike = ['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit'];
const typedInto = ['textbox', 'searchbox', 'combobox', 'listbox', 'option', 'menu', 'menuitem', 'spinbutton'];

/** Whether keys belong to the focused element: a field, or a list that jumps to the letter typed. */
export function takesKeys(element: Focused | null): boolean {
	if (!element) return false;
	const tag = element.tagName.toLowerCase();
	if (tag === 'textarea' || tag === 'select' || element.isContentEditable) return true;
	if (tag === 'input') return !buttonLike.includes(element.type ?? 'text');
	return typedInto.includes(element.role ?? '');
}

/** One list of several, those that come first first: a key that is taken already is not offered twice. */
export function withoutTaken(shortcuts: readonly Shortcut[]): Shortcut[] {
	const taken = new Set<string>();
	return shortcuts.flatMap((one) => {
		const keys = one.keys.filter((key) => !taken.has(key));
		for (const key of keys) taken.add(key);
		return keys.length > 0 ? [{ ...one, keys }] : [];
	});
}

/** The last key that went into a field: into which, and when. */
export interface LastTyped {
	field: { isConnected: boolean };
	atMs: number;
}

/** Whoever types looks up only after a while: how long keys still belong to a field that was taken away under them. */
const typesOnMs = 1500;

/** Whether a key still belongs to a field that is no longer there, such as the notes of a call that gave way to the next. */
export const typesOn = (last: LastTyped | undefined, nowMs: number) =>
	last !== undefined && !last.field.isConnected && nowMs - last.atMs < typesOnMs;

/** The shortcut that a key press means, if it means one. WCAG 2.1.4: single keys can be switched off. */
export function shortcutFor(
	press: KeyPress,
	focused: Focused | null,
	shortcuts: readonly Shortcut[],
	on: boolean,
): Shortcut | undefined {
	if (!on || press.ctrlKey || press.metaKey || press.altKey || press.repeat) return undefined;
	if (press.isComposing || press.defaultPrevented || takesKeys(focused)) return undefined;
	const isLetter = /^\p{L}$/u.test(press.key);
	if (isLetter && press.shiftKey) return undefined;
	const key = isLetter ? press.key.toLowerCase() : press.key;
	return shortcuts.find((one) => one.keys.includes(key));
}
