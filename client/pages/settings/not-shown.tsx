import { Link } from 'wouter';
import { RestRefused } from '#client/rest/rest.ts';
import { faultWords } from '#client/session/asking.ts';
import { Plain } from '#client/ui/frame.tsx';
import { Icon } from '#client/ui/icon.tsx';

/** Why there is nothing to see, in words. */
export function NotShown({ error, again }: { error: unknown; again: () => void }) {
	const code = error instanceof RestRefused ? error.code : undefined;
	if (code === 'access.sign-in')
		return (
			<Plain title="Sign in first" icon={<Icon name="onlyMe" />}>
				<p className="soft">
					These settings are for administrators, and nobody is signed in as one in this browser. Sign in, open your own
					link again, or let whoever runs Ycord make one: <code>ycord link</code> and the id of a person with the role
					administrator.
				</p>
				<p>
					<Link href="/sign-in" className="button first">
						Sign in
					</Link>
				</p>
			</Plain>
		);
	const isOffline = code === 'connection.lost';
	return (
		<Plain
			title={isOffline ? 'No connection' : 'This cannot be shown'}
			icon={<Icon name={isOffline ? 'lost' : 'notice'} />}
		>
			<p className="soft">
				{isOffline ? 'Ycord cannot be reached right now. This page goes on trying.' : faultWords(error)}
			</p>
			<p>
				<button type="button" className="button first" onClick={again}>
					Try again
				</button>
			</p>
		</Plain>
	);
}

/** What is shown is the last that was known. */
export const Stale = ({ error }: { error: unknown }) => (
	<p className="settings-stale" role="status">
		<Icon name="lost" />
		<span>What stands here may be old: {faultWords(error)}</span>
	</p>
);
