import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { stepped } from '#client/ui/pick-list.ts';
import '#client/ui/menu.css';

export interface MenuItem {
	word: string;
	does: () => void;
	/** Takes something away. */
	warns?: boolean;
}

interface MenuNeeds {
	/** What the button is called. */
	label: string;
	children: ReactNode;
	items: readonly MenuItem[];
	tabIndex?: number;
}

const gapPx = 4;

/**
 * A button with a menu (WAI-ARIA APG, menu button): ↑ ↓ Home End and first letters move, Enter chooses, Esc and Tab leave.
 * The menu is in the browser's top layer, where nothing cuts it off; a press elsewhere or scrolling closes it.
 */
export function Menu({ label, children, items, tabIndex }: MenuNeeds) {
	const [open, setOpen] = useState(false);
	const [active, setActive] = useState(0);
	const id = useId();
	const button = useRef<HTMLButtonElement>(null);
	const list = useRef<HTMLDivElement>(null);
	const close = (back = true) => {
		setOpen(false);
		if (back) button.current?.focus({ preventScroll: true });
	};
	const openAt = (place: number) => {
		setActive(place);
		setOpen(true);
	};
	useLayoutEffect(() => {
		const popup = list.current;
		const from = button.current?.getBoundingClientRect();
		if (!open || !popup || !from) return;
		popup.showPopover();
		const { width, height } = popup.getBoundingClientRect();
		const below = from.bottom + gapPx;
		popup.style.top = `${below + height > innerHeight ? Math.max(gapPx, from.top - gapPx - height) : below}px`;
		popup.style.left = `${Math.max(gapPx, Math.min(from.right - width, innerWidth - width - gapPx))}px`;
		// Not by the last of a scrolling that brought the button here.
		const scrolled = () => {
			if (Math.abs((button.current?.getBoundingClientRect().top ?? 0) - from.top) > gapPx) setOpen(false);
		};
		addEventListener('scroll', scrolled, { passive: true });
		return () => removeEventListener('scroll', scrolled);
	}, [open]);
	useEffect(() => {
		if (open) (list.current?.children[active] as HTMLElement | undefined)?.focus({ preventScroll: true });
	}, [open, active]);
	const move = (to: number | undefined) => to !== undefined && setActive(to);
	const keyed = (event: KeyboardEvent) => {
		const { key } = event;
		if (key === 'ArrowDown') move(stepped(active, 1, items.length));
		else if (key === 'ArrowUp') move(stepped(active, -1, items.length));
		else if (key === 'Home') move(0);
		else if (key === 'End') move(items.length - 1);
		else if (key === 'Escape') close();
		else if (key === 'Tab') return close();
		else if (key.length === 1 && key !== ' ') {
			const after = [...items.keys()].map((step) => (active + 1 + step) % items.length);
			move(after.find((place) => items[place]?.word.toLowerCase().startsWith(key.toLowerCase())));
		} else return;
		event.preventDefault();
		event.stopPropagation();
	};
	return (
		<>
			<button
				ref={button}
				type="button"
				className="button plain small menu-button"
				aria-label={label}
				aria-haspopup="menu"
				aria-expanded={open}
				aria-controls={open ? id : undefined}
				tabIndex={tabIndex}
				onClick={() => (open ? close() : openAt(0))}
				onKeyDown={(event) => {
					if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
					event.preventDefault();
					event.stopPropagation();
					openAt(event.key === 'ArrowDown' ? 0 : items.length - 1);
				}}
			>
				{children}
			</button>
			{open && (
				<div
					ref={list}
					id={id}
					role="menu"
					aria-label={label}
					popover="manual"
					className="menu"
					onKeyDown={keyed}
					onBlur={(event) => {
						const to = event.relatedTarget;
						if (to !== button.current && !list.current?.contains(to)) close(false);
					}}
				>
					{items.map((item, index) => (
						<button
							key={item.word}
							type="button"
							role="menuitem"
							tabIndex={index === active ? 0 : -1}
							className={item.warns ? 'menu-item warn' : 'menu-item'}
							onPointerEnter={() => setActive(index)}
							onClick={() => {
								close();
								item.does();
							}}
						>
							{item.word}
						</button>
					))}
				</div>
			)}
		</>
	);
}
