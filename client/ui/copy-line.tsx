import { useEffect, useId, useRef, useState } from 'react';
import { announce } from '#client/ui/announce.tsx';
import { Icon } from '#client/ui/icon.tsx';

/** A page of ours by its path, or any text as it is. */
type CopyLineNeeds = { label: string; note?: string } & ({ path: string } | { text: string });

/** An address to hand on: it can be read, selected, and copied with one press. */
export function CopyLine({ label, note, ...given }: CopyLineNeeds) {
	const id = useId();
	const field = useRef<HTMLInputElement>(null);
	const [copied, setCopied] = useState(false);
	const address = 'text' in given ? given.text : new URL(given.path, location.origin).href;
	useEffect(() => {
		if (!copied) return;
		const back = setTimeout(() => setCopied(false), 2500);
		return () => clearTimeout(back);
	}, [copied]);
	async function copy() {
		try {
			await navigator.clipboard.writeText(address);
			setCopied(true);
			announce(`${label} copied`);
		} catch {
			// Without the clipboard (an insecure address, a refusal) the text is selected, ready for the keyboard's own copy.
			field.current?.select();
			announce('Selected; copy it with the keyboard');
		}
	}
	return (
		<div className="field copy-line">
			<label htmlFor={id}>{label}</label>
			<div className="copy-row">
				<input
					ref={field}
					id={id}
					className="input"
					readOnly
					value={address}
					onFocus={(event) => event.target.select()}
					aria-describedby={note ? `${id}-note` : undefined}
				/>
				<button type="button" className="button" onClick={copy}>
					<Icon name={copied ? 'check' : 'copy'} />
					{copied ? 'Copied' : 'Copy'}
				</button>
			</div>
			{note && (
				<p id={`${id}-note`} className="faint">
					{note}
				</p>
			)}
		</div>
	);
}
