import { signOut } from '#client/rest/rest.ts';
import { useAsking } from '#client/session/asking.ts';
import { announce } from '#client/ui/announce.tsx';
import { Icon } from '#client/ui/icon.tsx';
import type { Role } from '#shared/people.ts';

/** Signs this browser out in one role: every tab of it is hung up on. */
export function SignOut({ as }: { as: Role }) {
	const asking = useAsking();
	const leave = () =>
		asking.run(async () => {
			try {
				const answer = await signOut(as);
				location.assign(answer?.onwards ?? '/sign-in');
			} catch {
				announce('You are still signed in: Ycord cannot be reached. Try again.');
			}
		});
	return (
		<button
			type="button"
			className="button plain small sign-out"
			title="Sign out"
			aria-disabled={asking.busy}
			onClick={leave}
		>
			<Icon name="out" />
			<span className="unseen">Sign out</span>
		</button>
	);
}
