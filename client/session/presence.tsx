import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useStore } from '#client/live/use-store.ts';
import { useAsking } from '#client/session/asking.ts';
import { listeningNow } from '#client/session/listeners.ts';
import { useLive } from '#client/session/live-page.tsx';
import { useSegment } from '#client/session/survey/use-segment.ts';
import { Ticking } from '#client/ui/clock.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { sinceWords } from '#client/ui/times.ts';
import type { ListeningView } from '#shared/call.ts';
import '#client/session/call.css';

/** The first letters of a name; the name itself stands beside it. */
export const Initials = ({ name, away }: { name: string; away?: boolean }) => (
	<span className={away ? 'initials away' : 'initials'} aria-hidden="true">
		{name
			.replace(/\(.*?\)/g, '')
			.split(/\s+/)
			.filter((part) => /^\p{L}/u.test(part))
			.map((part) => part.charAt(0))
			.slice(0, 2)
			.join('')}
	</span>
);

export const PersonRow = ({ name, under, away, children }: PersonRowNeeds) => (
	<li className="person">
		<Initials name={name} {...(away ? { away } : {})} />
		<span className="person-name">
			<b>{name}</b>
			<span className="faint">{under}</span>
		</span>
		{children}
	</li>
);
interface PersonRowNeeds {
	name: string;
	under: ReactNode;
	away?: boolean;
	children?: ReactNode;
}

interface ListeningNowNeeds {
	listenings: readonly ListeningView[];
	callId: string;
	now: () => number;
	/** Who looks at it: their own row says so. */
	mine?: string;
	/** Takes somebody out; supervisors only. */
	remove?: (listeningId: string) => Promise<void>;
}

/** Who hears the call at this moment, by name. Always on the page, also when it is nobody. [C0] */
export function ListeningNow({ listenings, callId, now, mine, remove }: ListeningNowNeeds) {
	const here = listeningNow(listenings, callId);
	// Without the connection nobody here knows who came and who went since.
	const known = useStore(useLive().connection.link).at === 'open';
	const segment = useSegment(callId);
	// By phone nobody is heard through this call.
	const speaker = segment?.at === 'live' && segment.taken?.by === 'line' ? segment.taken.executive.id : undefined;
	return (
		<section className="card padded aside" aria-labelledby="listening-now">
			<div className="heading-row">
				<h2 id="listening-now">{known ? 'Listening now' : 'Listening when the connection was lost'}</h2>
				{known && <span className={here.length ? 'count some' : 'count'}>{here.length}</span>}
			</div>
			{here.length === 0 && !known ? (
				<p className="nobody">
					<Icon name="lost" /> Nobody was. Who listens now is not known here.
				</p>
			) : here.length === 0 ? (
				<p className="nobody">
					<Icon name="ear" /> Nobody is listening.
				</p>
			) : (
				<ul className="people">
					{here.map((one) => (
						<PersonRow
							key={one.listeningId}
							name={one.personId === mine ? `${one.personName} (you)` : one.personName}
							away={!known}
							under={
								<>
									{one.personRole === 'executive' ? 'Executive' : 'Supervisor'} ·{' '}
									{one.personId === speaker && known && 'on the line with the customer · '}
									<Ticking text={() => sinceWords(now() - one.sinceMs)} />
								</>
							}
						>
							{remove && one.personId !== mine && <Remove name={one.personName} does={() => remove(one.listeningId)} />}
						</PersonRow>
					))}
				</ul>
			)}
		</section>
	);
}

/** Two presses: it cannot be taken back. */
function Remove({ name, does }: { name: string; does: () => Promise<void> }) {
	const asking = useAsking();
	const [asked, setAsked] = useState(false);
	const first = useRef<HTMLButtonElement>(null);
	const keep = useRef<HTMLButtonElement>(null);
	// The button that was pressed is gone: focus goes to the harmless one of those that took its place, and back.
	const wasAsked = useRef(false);
	useEffect(() => {
		if (asked) keep.current?.focus();
		else if (wasAsked.current) first.current?.focus();
		wasAsked.current = asked;
	}, [asked]);
	if (!asked)
		return (
			<button ref={first} type="button" className="button plain small" onClick={() => setAsked(true)}>
				Remove<span className="unseen"> {name}</span>
			</button>
		);
	return (
		<span className="row">
			<button type="button" className="button small warn" onClick={() => asking.run(does)}>
				{asking.busy ? 'Removing…' : 'Remove for good'}
				<span className="unseen">: {name}</span>
			</button>
			<button ref={keep} type="button" className="button plain small" onClick={() => setAsked(false)}>
				Keep
			</button>
			{asking.fault && <Fault>{asking.fault}</Fault>}
		</span>
	);
}

/** Why something asked for did not happen. */
export const Fault = ({ children }: { children: ReactNode }) => (
	<p className="fault" role="alert">
		<Icon name="notice" />
		<span>{children}</span>
	</p>
);
