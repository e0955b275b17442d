import type { ReactNode } from 'react';
import { exportPath } from '#client/rest/ways.ts';
import { aboutWords, disclosureWords, endWords, gatewayName, notSilent } from '#client/session/call-words.ts';
import { Icon } from '#client/ui/icon.tsx';
import { dayOf, durationWords, timeOfDay } from '#client/ui/times.ts';
import type { ListeningView } from '#shared/call.ts';
import type { Role } from '#shared/people.ts';
import type { SessionRecord } from '#shared/rest.ts';
import '#client/session/call.css';

const files = [
	{ ending: 'md', word: 'Markdown' },
	{ ending: 'csv', word: 'CSV' },
	{ ending: 'jsonl', word: 'JSON Lines' },
] as const;

/** The head of a record: what the call was, in facts, and the ways to take it away. */
export function RecordHead({ record, as, again }: { record: SessionRecord; as: Role; again: () => void }) {
	const { call, listenings, exportedAtMs } = record;
	const isOver = call.at === 'ended';
	const erased = call.erased === true;
	const about = aboutWords(call);
	return (
		<header className="record-head across">
			<div className="record-title">
				<h1>{erased ? 'Erased call' : call.label}</h1>
				<span className={`state ${isOver ? 'ended' : 'live'}`}>
					<Icon name={isOver ? 'ended' : 'live'} />
					{isOver ? 'Ended' : 'Goes on'}
				</span>
			</div>
			<div className="record-acts row">
				<button type="button" className="button small" onClick={() => print()}>
					<Icon name="print" /> Print
				</button>
				{files.map(({ ending, word }) => (
					<a key={ending} className="button small" href={exportPath(call.callId, as, ending)} download>
						<Icon name="save" /> {word}
					</a>
				))}
			</div>
			{erased && (
				<p className="record-erased">
					<Icon name="notice" />
					<span>
						What was personal in this call has been erased, its notes with it. When it was, how long it lasted and who
						listened stays on record.
					</span>
				</p>
			)}
			<dl className="record-facts">
				<Fact name="Agent">
					{call.agentName} <span className="soft">· {call.team}</span>
				</Fact>
				<Fact name="When">
					{dayOf(call.startedAtMs)}, {timeOfDay(call.startedAtMs)}
					{call.endedAtMs !== undefined && ` – ${timeOfDay(call.endedAtMs)}`}
				</Fact>
				<Fact name="How long">
					{durationWords((call.endedAtMs ?? exportedAtMs) - call.startedAtMs)}
					{!isOver && (
						<>
							{' so far '}
							<button type="button" className="button small" onClick={again}>
								Look again
							</button>
						</>
					)}
				</Fact>
				{isOver && <Fact name="How it ended">{endWords(call.endReason)}</Fact>}
				<Fact name="Came by">{call.rehearsal ? 'Rehearsal: no real customer' : gatewayName(call.gateway)}</Fact>
				{about.length > 0 && <Fact name="About">{about.join(' · ')}</Fact>}
				{call.audible && (
					<Fact name="Tap">
						{notSilent.brief}: {notSilent.text}
					</Fact>
				)}
				<Fact name="Disclosure">{disclosureWords[call.disclosure]}</Fact>
				<Fact name="Listened">
					<Heard listenings={listenings} />
				</Fact>
			</dl>
		</header>
	);
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
	<div>
		<dt>{name}</dt>
		<dd>{children}</dd>
	</div>
);

/** Who heard the call and how much of it. One person may have come more than once. [L1] */
function Heard({ listenings }: { listenings: readonly ListeningView[] }) {
	const heard = Map.groupBy(
		listenings.filter(({ audibleMs, at }) => audibleMs > 0 || at === 'listening' || at === 'left'),
		({ personId }) => personId,
	);
	if (heard.size === 0) return 'Nobody';
	return (
		<ul>
			{[...heard].map(([personId, all]) => (
				<li key={personId}>
					{all[0]?.personName} <span className="soft">· {heardWords(all)}</span>
				</li>
			))}
		</ul>
	);
}

function heardWords(all: readonly ListeningView[]): string {
	if (all.some(({ at }) => at === 'listening')) return 'listening now';
	const audibleMs = all.reduce((sum, one) => sum + one.audibleMs, 0);
	const lostMs = all.reduce((sum, one) => sum + one.lostMs, 0);
	return durationWords(audibleMs) + (lostMs >= 1000 ? `, ${durationWords(lostMs)} lost on the way` : '');
}
