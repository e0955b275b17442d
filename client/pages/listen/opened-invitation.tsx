import { useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { openInvitation, RestRefused } from '#client/rest/rest.ts';
import { linkFaultWords } from '#client/session/asking.ts';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame, Plain } from '#client/ui/frame.tsx';
import { once } from '#client/ui/once.ts';
import { usePromise } from '#client/ui/use-promise.ts';

const openOnce = once(openInvitation);

/** An invitation link: trades its secret for a seat, and leaves no trace of it in the address or the history. */
export function OpenedInvitation({ secret }: { secret: string }) {
	const [, go] = useLocation();
	const answer = usePromise(openOnce(secret));
	useTabTitle(() => 'Invitation');
	const seat = answer.at === 'there' ? answer.value : undefined;
	useEffect(() => {
		if (seat) go(`/listen/at/${seat.callId}/${seat.listeningId}`, { replace: true });
	}, [seat, go]);
	if (answer.at !== 'refused')
		return (
			<Frame title="Invitation" narrow>
				<Plain title="Opening your invitation…">
					<p className="soft">This takes a moment.</p>
				</Plain>
			</Frame>
		);
	const { error } = answer;
	const mayRetry = error instanceof RestRefused && error.retry;
	return (
		<Frame title="Invitation" narrow>
			<Plain title={mayRetry ? 'This did not work yet' : 'This invitation cannot be opened'}>
				<p className="soft">{linkFaultWords(error)}</p>
				<p className="row">
					{mayRetry && (
						<button type="button" className="button first" onClick={() => location.reload()}>
							Try again
						</button>
					)}
					<Link href="/listen" className="button">
						See all my invitations
					</Link>
				</p>
			</Plain>
		</Frame>
	);
}
