import { useMemo, useState } from 'react';
import { Link, useSearch } from 'wouter';
import { RecordShown } from '#client/pages/record/record-shown.tsx';
import { RestRefused, sessionRecord } from '#client/rest/rest.ts';
import { homeOf, inSomeRole, roleIn } from '#client/rest/ways.ts';
import { viewFaultWords } from '#client/session/asking.ts';
import { SignOut } from '#client/session/sign-out.tsx';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame, Plain } from '#client/ui/frame.tsx';
import { Icon, type IconName } from '#client/ui/icon.tsx';
import { usePromise } from '#client/ui/use-promise.ts';
import type { Role } from '#shared/people.ts';
import '#client/pages/record/record.css';
import '#client/pages/record/record-print.css';

/** A session as a record: what it was, its timeline, and its notes; to read, to print and to take away. */
export function RecordPage({ callId }: { callId: string }) {
	const as = roleIn(useSearch());
	const [turn, setTurn] = useState(0);
	const asked = useMemo(() => {
		const record = inSomeRole(as, (role) => sessionRecord(callId, role));
		// Whoever asked looks at it a moment later, when the page is built; until then nobody has missed it.
		record.catch(() => {});
		return { turn, record };
	}, [callId, as, turn]);
	const answer = usePromise(asked.record);
	const again = () => setTurn(turn + 1);
	if (answer.at === 'there') return <RecordShown record={answer.value.answer} as={answer.value.as} again={again} />;
	return (
		<Frame title="Record" who={as && `as ${as}`} out={as && <SignOut as={as} />} narrow>
			{answer.at === 'refused' ? <NoRecord error={answer.error} as={as} again={again} /> : <Opening />}
		</Frame>
	);
}

function Opening() {
	useTabTitle(() => 'Record');
	return (
		<Plain title="Opening the record…">
			<p className="soft">This takes a moment.</p>
		</Plain>
	);
}

function NoRecord({ error, as, again }: { error: unknown; as: Role | undefined; again: () => void }) {
	useTabTitle(() => 'Record');
	const { icon, title, text, mayRetry } = refusedWords(error);
	const home = homeOf[as ?? 'executive'];
	return (
		<Plain title={title} icon={<Icon name={icon} />}>
			<p className="soft">{text}</p>
			<p className="row">
				{mayRetry && (
					<button type="button" className="button first" onClick={again}>
						Try again
					</button>
				)}
				<Link href={as ? home.href : '/'} className="button">
					{as ? home.word : 'Go to the start page'}
				</Link>
			</p>
		</Plain>
	);
}

/** Why there is no record to read, in words for people. */
function refusedWords(error: unknown): { icon: IconName; title: string; text: string; mayRetry: boolean } {
	const refusal = error instanceof RestRefused ? error : undefined;
	switch (refusal?.code) {
		case 'access.sign-in':
			return {
				icon: 'onlyMe',
				title: 'Sign in first',
				text: 'Nobody is signed in here. Sign in from the start page, or open your own link again; then this address opens.',
				mayRetry: false,
			};
		case 'call.erased':
			return {
				icon: 'notice',
				title: 'This record was erased',
				text: 'What was personal in this call has been destroyed, its notes with it. Nobody can read it any more.',
				mayRetry: false,
			};
		case 'connection.lost':
			return {
				icon: 'lost',
				title: 'No connection',
				text: 'Ycord cannot be reached right now. The record is safe there.',
				mayRetry: true,
			};
		default:
			return {
				icon: 'notice',
				title: 'There is no record here',
				text: refusal ? viewFaultWords(refusal) : 'Something went wrong. Try again.',
				mayRetry: refusal?.retry ?? true,
			};
	}
}
