import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Icon } from '#client/ui/icon.tsx';

/** A modal: the browser's own, which keeps focus inside, closes on Esc and gives focus back. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
	const dialog = useRef<HTMLDialogElement>(null);
	const heading = useId();
	useEffect(() => {
		dialog.current?.showModal();
	}, []);
	const shown = useRef(title);
	useEffect(() => {
		// Another content in the same dialog: what had the focus is gone, so the dialog is read out anew.
		if (shown.current !== title) dialog.current?.focus();
		shown.current = title;
	}, [title]);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the click is the one outside; its key is Esc, which the element has.
		<dialog
			ref={dialog}
			className="dialog"
			tabIndex={-1}
			aria-labelledby={heading}
			onClose={onClose}
			onClick={(event) => event.target === dialog.current && dialog.current.close()}
		>
			<div className="dialog-inside stack">
				<div className="heading-row">
					<h2 id={heading} className="dialog-title">
						{title}
					</h2>
					<button
						type="button"
						className="button plain small"
						aria-label="Close"
						onClick={() => dialog.current?.close()}
					>
						<Icon name="cross" />
					</button>
				</div>
				{children}
			</div>
		</dialog>
	);
}
