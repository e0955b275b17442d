import { type KeyboardEvent, type Ref, useId, useState } from 'react';
import { Icon } from '#client/ui/icon.tsx';
import { matching, type Pickable, stepped } from '#client/ui/pick-list.ts';
import '#client/ui/pick.css';

interface PickNeeds<T extends Pickable> {
	label: string;
	prompt: string;
	all: readonly T[];
	picked: T | undefined;
	pick: (one: T | undefined) => void;
	/** What is said when nothing fits. */
	nothing: string;
	field?: Ref<HTMLInputElement>;
}

/**
 * A field that finds while one types (WAI-ARIA 1.2, combobox with list autocomplete). Written here because the one in
 * React Aria hides the rest of the page from screen readers, with what can be focused in it, while its list is open.
 */
export function Pick<T extends Pickable>({ label, prompt, all, picked, pick, nothing, field }: PickNeeds<T>) {
	const id = useId();
	const [typed, setTyped] = useState('');
	const [open, setOpen] = useState(false);
	const [active, setActive] = useState<number>();
	const found = picked ? [...all] : matching(all, typed);
	const optionId = (index: number) => `${id}-${index}`;
	const close = () => {
		setOpen(false);
		setActive(undefined);
	};
	const choose = (one: T | undefined) => {
		pick(one);
		setTyped('');
		close();
	};
	const move = (to: number | undefined) => {
		setOpen(true);
		setActive(to);
		if (to !== undefined) document.getElementById(optionId(to))?.scrollIntoView({ block: 'nearest' });
	};
	const keyed = (event: KeyboardEvent) => {
		const one = open && active !== undefined ? found[active] : undefined;
		if (event.key === 'ArrowDown') move(stepped(active, 1, found.length));
		else if (event.key === 'ArrowUp') move(stepped(active, -1, found.length));
		else if (event.key === 'Enter' && one) choose(one);
		else if (event.key === 'Escape' && open) close();
		else if (event.key === 'Escape' && (typed || picked)) choose(undefined);
		else return;
		event.preventDefault();
	};
	return (
		<div className="pick">
			<label htmlFor={id} className="unseen">
				{label}
			</label>
			<input
				ref={field}
				id={id}
				className="input"
				role="combobox"
				aria-autocomplete="list"
				aria-expanded={open}
				aria-controls={`${id}-list`}
				aria-activedescendant={open && active !== undefined && active < found.length ? optionId(active) : undefined}
				autoComplete="off"
				placeholder={prompt}
				value={picked ? picked.name : typed}
				onChange={(event) => {
					pick(undefined);
					setTyped(event.target.value);
					setOpen(true);
					setActive(event.target.value.trim() ? 0 : undefined);
				}}
				onClick={() => setOpen(true)}
				onKeyDown={keyed}
				onBlur={close}
			/>
			<Icon name="down" />
			<div
				id={`${id}-list`}
				role="listbox"
				aria-label={label}
				className="pick-list"
				hidden={!open || found.length === 0}
			>
				{found.map((one, index) => (
					// biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field, which names the active option.
					// biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys.
					<div
						key={one.id}
						id={optionId(index)}
						role="option"
						aria-selected={one.id === picked?.id}
						data-active={index === active}
						className="pick-option"
						// The field keeps the focus, so that its blur does not close the list under the pointer.
						onPointerDown={(event) => event.preventDefault()}
						onClick={() => choose(one)}
					>
						<b>{one.name}</b>
						<span className="faint">{one.aside}</span>
					</div>
				))}
			</div>
			<p role="status" className={open && found.length === 0 ? 'pick-list pick-nothing' : 'unseen'}>
				{open && found.length === 0 ? nothing : ''}
			</p>
		</div>
	);
}
