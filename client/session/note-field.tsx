import { type KeyboardEvent, type RefObject, useId, useState } from 'react';
import {
	completed,
	markAt,
	personSuggestions,
	type Suggestion,
	tagSuggestions,
	tagsUsed,
} from '#client/session/note-suggestions.ts';
import { useSessionNotes } from '#client/session/session-notes.tsx';
import { stepped } from '#client/ui/pick-list.ts';
import '#client/session/composer.css';
import '#client/ui/pick.css';

// shared/note.ts has the same number; importing it as a value would bring the schema library into the tab.
const maxLength = 2000;

interface NoteFieldNeeds {
	label: string;
	field: RefObject<HTMLTextAreaElement | null>;
	text: string;
	change: (text: string) => void;
	send: () => void;
	/** Esc, with no suggestions open. */
	leave: () => void;
	/** ↑ while the field is empty. */
	before?: () => void;
	prompt?: string | undefined;
	describedBy?: string;
	rows?: number;
}

/**
 * Where the words of a note are typed. Enter sends, Shift+Enter breaks the line; after `#` and `@` it suggests. A tag is taken
 * only by choosing one (Tab, or ↓ and Enter), so that Enter never puts in another than was typed; a person is, for nobody
 * types ids by heart.
 */
export function NoteField(needs: NoteFieldNeeds) {
	const { label, field, text, change, send, leave, before, prompt, describedBy, rows = 2 } = needs;
	const here = useSessionNotes();
	const id = useId();
	const [caret, setCaret] = useState<number>();
	const [chosen, setChosen] = useState<number>();
	const mark = caret === undefined ? undefined : markAt(text, caret);
	const found: Suggestion[] = !mark
		? []
		: mark.sign === '#'
			? tagSuggestions(tagsUsed(here.notes()), mark.typed)
			: personSuggestions(here.people, here.me.id, mark.typed);
	const isOpen = mark !== undefined && found.length > 0;
	const active = isOpen ? (chosen ?? (mark.sign === '@' && mark.typed !== '' ? 0 : undefined)) : undefined;
	const close = () => {
		setCaret(undefined);
		setChosen(undefined);
	};
	const take = (one: Suggestion | undefined) => {
		const place = field.current;
		if (!one || !mark || !place) return;
		const next = completed(text, mark, one.word);
		change(next.text);
		close();
		// After React has put the text in, which would set the caret behind it.
		requestAnimationFrame(() => place.setSelectionRange(next.caret, next.caret));
	};
	const suggestionKey = (event: KeyboardEvent): boolean => {
		if (!isOpen) return false;
		if (event.key === 'ArrowDown') setChosen(stepped(active, 1, found.length));
		else if (event.key === 'ArrowUp') setChosen(stepped(active, -1, found.length));
		else if (event.key === 'Escape') close();
		else if (event.key === 'Tab' && !event.shiftKey) take(found[active ?? 0]);
		else if (event.key === 'Enter' && !event.shiftKey && active !== undefined) take(found[active]);
		else return false;
		return true;
	};
	const keyed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
		if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
		if (suggestionKey(event)) return event.preventDefault();
		if (event.key === 'Enter' && !event.shiftKey) send();
		else if (event.key === 'Escape') leave();
		else if (event.key === 'ArrowUp' && text === '' && before) before();
		else return;
		event.preventDefault();
	};
	return (
		<div className="note-field">
			<label className="unseen" htmlFor={id}>
				{label}
			</label>
			<textarea
				id={id}
				ref={field}
				className="input composer-text"
				rows={rows}
				maxLength={maxLength}
				placeholder={prompt}
				value={text}
				onChange={(event) => {
					change(event.target.value);
					setCaret(event.target.selectionStart);
					setChosen(undefined);
				}}
				onSelect={(event) => caret !== undefined && setCaret(event.currentTarget.selectionStart)}
				onKeyDown={keyed}
				onBlur={close}
				aria-autocomplete="list"
				aria-controls={isOpen ? `${id}-list` : undefined}
				aria-activedescendant={active === undefined ? undefined : `${id}-${active}`}
				aria-describedby={describedBy}
			/>
			{isOpen && (
				<div id={`${id}-list`} role="listbox" aria-label={mark.sign === '#' ? 'Tags' : 'People'} className="pick-list">
					{found.map((one, index) => (
						// biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field, which names the active option.
						// biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys.
						<div
							key={one.word}
							id={`${id}-${index}`}
							role="option"
							aria-selected={index === active}
							data-active={index === active}
							className="pick-option"
							// The field keeps the focus, so that its blur does not close the list under the pointer.
							onPointerDown={(event) => event.preventDefault()}
							onClick={() => take(one)}
						>
							<b>{one.name}</b>
							<span className="faint">
								{one.aside}
								{index === (active ?? 0) && <span className="key">Tab</span>}
							</span>
						</div>
					))}
				</div>
			)}
			<p role="status" className="unseen">
				{isOpen ? `${found.length} ${mark.sign === '#' ? 'tags' : 'people'}; down arrow to choose` : ''}
			</p>
		</div>
	);
}
