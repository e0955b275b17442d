import { useEffect, useId, useRef, useState } from 'react';
import { openLine } from '#client/rest/rest.ts';
import { useAsking } from '#client/session/asking.ts';
import { Fault } from '#client/session/presence.tsx';
import { CopyLine } from '#client/ui/copy-line.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import type { LineOpened } from '#shared/rest.ts';

/** Opens a browser line: two links, one for each end. They are shown here and nowhere else. */
export function OpenLine({ onClose }: { onClose: () => void }) {
	const id = useId();
	const asking = useAsking();
	const field = useRef<HTMLInputElement>(null);
	useEffect(() => field.current?.focus(), []);
	const [label, setLabel] = useState('');
	const [line, setLine] = useState<LineOpened>();
	if (line)
		return (
			<Dialog title="The line is open" onClose={onClose}>
				<p className="soft">The call begins when both ends have joined. It then appears on this page.</p>
				<CopyLine
					label="For the customer"
					path={line.customerPath}
					note="The customer needs a browser and a microphone. They are told that the call may be listened to."
				/>
				<CopyLine label="Your own end" path={line.agentPath} />
				<p>
					<a className="button first" href={line.agentPath} target="_blank" rel="noopener">
						Open your end in a new tab
					</a>
				</p>
			</Dialog>
		);
	return (
		<Dialog title="Open a browser line" onClose={onClose}>
			<form
				className="stack"
				onSubmit={(event) => {
					event.preventDefault();
					asking.run(async () => setLine(await openLine(label.trim())));
				}}
			>
				<div className="field">
					<label htmlFor={id}>What is the call about?</label>
					<input
						ref={field}
						id={id}
						className="input"
						required
						maxLength={60}
						pattern=".*\S.*"
						value={label}
						onChange={(event) => setLabel(event.target.value)}
						aria-describedby={`${id}-note`}
					/>
					<p id={`${id}-note`} className="faint">
						Everybody on the call's pages sees it. Leave out names and whole phone numbers.
					</p>
				</div>
				{asking.fault && <Fault>{asking.fault}</Fault>}
				<p>
					<button type="submit" className="button first" disabled={asking.busy}>
						{asking.busy ? 'Opening…' : 'Open the line'}
					</button>
				</p>
			</form>
		</Dialog>
	);
}
