import { useEffect, useRef, useState } from 'react';
import { joinLine, type Line } from '#client/audio/line.ts';
import { OnLine } from '#client/pages/line/on-line.tsx';
import { lineEnd, RestRefused } from '#client/rest/rest.ts';
import { linkFaultWords, useAsking } from '#client/session/asking.ts';
import { Fault } from '#client/session/presence.tsx';
import { useTabTitle } from '#client/ui/clock.tsx';
import { Frame, Plain } from '#client/ui/frame.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { once } from '#client/ui/once.ts';
import { usePromise } from '#client/ui/use-promise.ts';
import type { LineEnd } from '#shared/rest.ts';
import '#client/pages/line/line.css';

const endOnce = once(lineEnd);

/** One end of a browser line: who one will talk to and who may listen, then the microphone, then the call. */
export function LinePage({ secret }: { secret: string }) {
	const answer = usePromise(endOnce(secret));
	return (
		<Frame title="Browser line" keys={answer.at === 'there'} home={false} narrow>
			{answer.at === 'asking' && <Plain title="Opening the line…">{null}</Plain>}
			{answer.at === 'refused' && <NoLine error={answer.error} />}
			{answer.at === 'there' && <End secret={secret} end={answer.value} />}
		</Frame>
	);
}

function NoLine({ error }: { error: unknown }) {
	const mayRetry = error instanceof RestRefused && error.retry;
	return (
		<Plain title={mayRetry ? 'This did not work yet' : 'This line is not open'}>
			<p className="soft">{linkFaultWords(error)}</p>
			{mayRetry && (
				<p>
					<button type="button" className="button first" onClick={() => location.reload()}>
						Try again
					</button>
				</p>
			)}
		</Plain>
	);
}

function End({ secret, end }: { secret: string; end: LineEnd }) {
	const [line, setLine] = useState<Line>();
	const asking = useAsking();
	const close = useRef(() => {});
	useEffect(() => () => close.current(), []);
	const join = () =>
		asking.run(async () => {
			// Made in the click: only then may a page make sound.
			const context = new AudioContext({ latencyHint: 'interactive' });
			try {
				await context.resume();
				const joined = await joinLine({ secret, end: end.end, context });
				close.current = () => {
					joined.stop();
					void context.close();
				};
				setLine(joined);
			} catch (error) {
				void context.close();
				throw error;
			}
		});
	const again = () => {
		close.current();
		setLine(undefined);
	};
	if (line) return <OnLine line={line} end={end} again={again} />;
	return <Before end={end} join={join} busy={asking.busy} fault={asking.fault} />;
}

interface BeforeNeeds {
	end: LineEnd;
	join: () => void;
	busy: boolean;
	fault: string | undefined;
}

/** Before the microphone is asked for: who is on the other end, and, for the customer, who else may hear. */
function Before({ end, join, busy, fault }: BeforeNeeds) {
	const isCustomer = end.end === 'customer';
	useTabTitle(() => end.label);
	return (
		<div className="line-before stack">
			<p className="faint">{end.label}</p>
			<h1>{isCustomer ? `You will talk with ${end.agentName}` : 'You will talk with the customer'}</h1>
			<ul className="line-facts stack">
				{isCustomer && (
					<li>
						<Icon name="ear" />
						<span>
							This call may be listened to, silently, by the company's leadership and supervisors. {end.agentName} sees
							who listens. If you do not want this, do not join, and ask to be called another way.
						</span>
					</li>
				)}
				<li>
					<Icon name="headphones" />
					<span>Headphones are best: without them the other side may hear itself.</span>
				</li>
				<li>
					<Icon name="microphone" />
					<span>Your browser will ask for the microphone. It is on from joining until you hang up.</span>
				</li>
			</ul>
			{end.taken && (
				<Fault>
					Somebody is already on this end of the line. If that is you in another tab, joining here moves the line to
					this one.
				</Fault>
			)}
			{fault && <Fault>{fault}</Fault>}
			<p>
				<button type="button" className="button first large" onClick={join} disabled={busy}>
					<Icon name="microphone" />
					{busy ? 'Waiting for the microphone…' : 'Join with microphone'}
				</button>
			</p>
		</div>
	);
}
