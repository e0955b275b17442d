import { Dialog } from '#client/ui/dialog.tsx';
import type { Shortcut } from '#client/ui/shortcuts.ts';
import { switchSingleKeys, useSingleKeys } from '#client/ui/use-shortcuts.ts';

const named: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc' };

/** What `?` shows: every key of the page, and the switch that turns single keys off. */
export function ShortcutList({ shortcuts, onClose }: { shortcuts: readonly Shortcut[]; onClose: () => void }) {
	const on = useSingleKeys();
	return (
		<Dialog title="Keyboard" onClose={onClose}>
			<dl className="keys">
				{shortcuts.map((one) => (
					<div key={one.says} className="heading-row">
						<dt>{one.says}</dt>
						<dd className="row">
							{one.keys.map((key) => (
								<kbd key={key}>{named[key] ?? key.toUpperCase()}</kbd>
							))}
						</dd>
					</div>
				))}
			</dl>
			<label className="switch">
				<input type="checkbox" checked={on} onChange={(event) => switchSingleKeys(event.target.checked)} />
				<span>
					Single keys work
					<span className="faint">Only while you are not typing in a field. Remembered in this browser.</span>
				</span>
			</label>
		</Dialog>
	);
}
