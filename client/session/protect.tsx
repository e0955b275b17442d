import { useAsking } from '#client/session/asking.ts';
import { useLive } from '#client/session/live-page.tsx';
import { Fault } from '#client/session/presence.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { CallView } from '#shared/call.ts';
import '#client/session/protect.css';

/**
 * Turns protection on and off, with the button or `p`. It says "protected" only once that is on record: until then
 * somebody may still hear. [P1] [P2]
 */
export function Protect({ call }: { call: CallView }) {
	const { connection } = useLive();
	const asking = useAsking();
	const on = call.protected;
	const does = () => asking.run(() => connection.ask(call.callId, { type: on ? 'unprotect-call' : 'protect-call' }));
	useShortcuts([{ keys: ['p'], says: on ? 'End the protected segment' : 'Protect: nobody hears the next part', does }]);
	return (
		<div className="stack protect aside">
			<button type="button" className={on ? 'button large protect-on' : 'button large'} onClick={does}>
				<Icon name="protected" />
				{asking.busy ? (on ? 'Ending…' : 'Protecting…') : on ? 'End protection' : 'Protect this part'}
				<kbd>P</kbd>
			</button>
			{asking.fault ? (
				<Fault>{asking.fault}</Fault>
			) : (
				<p className="faint">
					{on
						? 'Listeners hear again when you end it.'
						: 'For card numbers and other private details: all listeners hear silence.'}
				</p>
			)}
		</div>
	);
}

/** While it is on, nobody can miss it. */
export const ProtectedBanner = ({ children }: { children: string }) => (
	<div className="protected-banner">
		<Icon name="protected" />
		<strong>{children}</strong>
	</div>
);
