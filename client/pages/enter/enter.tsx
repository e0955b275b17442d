import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { RestRefused, signIn } from '#client/rest/rest.ts';
import { homeOf } from '#client/rest/ways.ts';
import { linkFaultWords } from '#client/session/asking.ts';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame, Plain } from '#client/ui/frame.tsx';
import { once } from '#client/ui/once.ts';
import { usePromise } from '#client/ui/use-promise.ts';

const signInOnce = once(signIn);

/** A sign-in link: trades its secret for a cookie, and leaves no trace of it in the address or the history. */
export function Enter({ secret }: { secret: string }) {
	const [, go] = useLocation();
	const answer = usePromise(signInOnce(secret));
	useTabTitle(() => 'Signing in');
	const role = answer.at === 'there' ? answer.value.person.role : undefined;
	useEffect(() => {
		if (role) go(homeOf[role].href, { replace: true });
	}, [role, go]);
	if (answer.at !== 'refused')
		return (
			<Frame title="Sign in" narrow>
				<Plain title="Signing in…">
					<p className="soft">This takes a moment.</p>
				</Plain>
			</Frame>
		);
	const { error } = answer;
	const mayRetry = error instanceof RestRefused && error.retry;
	return (
		<Frame title="Sign in" narrow>
			<Plain title={mayRetry ? 'This did not work yet' : 'This link does not sign in'}>
				<p className="soft">{linkFaultWords(error)}</p>
				{mayRetry ? (
					<p>
						<button type="button" className="button first" onClick={() => location.reload()}>
							Try again
						</button>
					</p>
				) : (
					<p className="soft">
						Links are long, and some programs break them: copy the whole link. In the demo, start Ycord again to get new
						ones.
					</p>
				)}
			</Plain>
		</Frame>
	);
}
