import { useEffect, useRef, useState } from 'react';
import { people } from '#client/rest/rest.ts';
import { faultWords, freshId, useAsking } from '#client/session/asking.ts';
import { invitationWords, notListening } from '#client/session/listeners.ts';
import { useLive } from '#client/session/live-page.tsx';
import { Fault, PersonRow } from '#client/session/presence.tsx';
import { announce } from '#client/ui/announce.tsx';
import { CopyLine } from '#client/ui/copy-line.tsx';
import { Pick } from '#client/ui/pick.tsx';
import type { Pickable } from '#client/ui/pick-list.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { CallView, ListeningView } from '#shared/call.ts';

// A link is shown once and only its hash is kept: what was made on this page stays until the page goes.
const madeHere = new Map<string, string>();

/** Invites an executive by name: pick, press, send the link; then shows what became of it. */
export function Invite({ call, listenings }: { call: CallView; listenings: readonly ListeningView[] }) {
	const { connection } = useLive();
	const asking = useAsking();
	const [picked, setPicked] = useState<Pickable>();
	const field = useRef<HTMLInputElement>(null);
	const executives = useExecutives();
	useShortcuts([{ keys: ['i'], says: 'Invite somebody', does: () => field.current?.focus() }]);
	const invite = () =>
		asking.run(async () => {
			if (!picked) return field.current?.focus();
			const listeningId = freshId();
			const result = await connection.ask(call.callId, { type: 'invite', listeningId, executiveId: picked.id });
			if (result.invitationPath) madeHere.set(listeningId, result.invitationPath);
			setPicked(undefined);
			announce('Invited. Copy the link and send it.');
		});
	return (
		<section className="card padded stack" aria-labelledby="invite-title">
			<h2 id="invite-title">Invite</h2>
			<form
				className="invite-row"
				onSubmit={(event) => {
					event.preventDefault();
					invite();
				}}
			>
				<Pick
					field={field}
					label="Executive"
					prompt="Who should hear this?"
					nothing="Nobody by that name."
					all={executives.found}
					picked={picked}
					pick={setPicked}
				/>
				<button type="submit" className="button first" disabled={asking.busy}>
					{asking.busy ? 'Inviting…' : 'Invite'}
				</button>
			</form>
			{executives.fault && <Fault>{executives.fault}</Fault>}
			{asking.fault && <Fault>{asking.fault}</Fault>}
			<Invitations call={call} listenings={listenings} withdrawn={() => field.current?.focus()} />
		</section>
	);
}

function useExecutives() {
	const [found, setFound] = useState<Pickable[]>([]);
	const [fault, setFault] = useState<string>();
	useEffect(() => {
		people('executive').then(
			(answer) => setFound(answer.people.map(({ id, name, team }) => ({ id, name, aside: team }))),
			(error: unknown) => setFault(`The list of executives could not be read. ${faultWords(error)}`),
		);
	}, []);
	return { found, fault };
}

interface InvitationsNeeds {
	call: CallView;
	listenings: readonly ListeningView[];
	/** The button that was pressed goes away: where the focus goes is for the whole card to say. */
	withdrawn: () => void;
}

function Invitations({ call, listenings, withdrawn }: InvitationsNeeds) {
	const asked = notListening(listenings, call.callId).filter((one) => one.personRole === 'executive');
	if (asked.length === 0) return null;
	return (
		<ul className="people invitations">
			{asked.map((one) => (
				<Invitation key={one.listeningId} listening={one} withdrawn={withdrawn} />
			))}
		</ul>
	);
}

function Invitation({ listening, withdrawn }: { listening: ListeningView } & Pick<InvitationsNeeds, 'withdrawn'>) {
	const { connection } = useLive();
	const asking = useAsking();
	const { listeningId, callId, at, personName } = listening;
	const path = madeHere.get(listeningId);
	const withdraw = () =>
		asking.run(async () => {
			await connection.ask(callId, { type: 'withdraw-invitation', listeningId });
			withdrawn();
		});
	return (
		<>
			<PersonRow name={personName} under={invitationWords[at]} away>
				{(at === 'invited' || at === 'admitted') && (
					<button type="button" className="button plain small" onClick={withdraw} disabled={asking.busy}>
						{asking.busy ? 'Withdrawing…' : 'Withdraw'}
						<span className="unseen"> the invitation of {personName}</span>
					</button>
				)}
			</PersonRow>
			{(asking.fault || (path && at === 'invited')) && (
				<li className="invitation-more">
					{asking.fault && <Fault>{asking.fault}</Fault>}
					{path && at === 'invited' && (
						<CopyLine label={`Link for ${personName}`} path={path} note="Works once. Send it to nobody else." />
					)}
				</li>
			)}
		</>
	);
}
