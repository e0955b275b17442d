import { Link } from 'wouter';
import type { Found } from '#client/pages/search/finding.ts';
import { excerptOf, markedWords } from '#client/pages/search/found-words.ts';
import { RestRefused } from '#client/rest/rest.ts';
import { recordPath } from '#client/rest/ways.ts';
import { faultWords } from '#client/session/asking.ts';
import { kindWord, laneWords } from '#client/session/note-words.ts';
import { Icon, type IconName } from '#client/ui/icon.tsx';
import { clockText, dayOf, timeOfDay } from '#client/ui/times.ts';
import type { Role } from '#shared/people.ts';
import type { FoundNote } from '#shared/rest.ts';

interface FoundListNeeds {
	found: Found;
	/** Who asked; undefined until the first answer says. */
	as: Role | undefined;
	/** Told which note is opened. */
	open: (noteId: string) => void;
	goOn: () => void;
	again: () => void;
	/** Drops what narrows the search, where that could find more. */
	widen: (() => void) | undefined;
}

/** What a search found, or in words why there is nothing. */
export function FoundList({ found, as, open, goOn, again, widen }: FoundListNeeds) {
	const { at, notes, asked, more, adding, error } = found;
	const isLooking = at === 'looking';
	return (
		<>
			<p role="status" className={notes.length > 0 ? 'faint found-count' : 'unseen'}>
				{countWords(found)}
			</p>
			{at === 'nothing-asked' && (
				<Said icon="search" title="What was said, and when">
					Words match from their beginning: “flat” finds “flats”. Accents and capitals do not matter. You find the notes
					you may see, in all calls.
				</Said>
			)}
			{at === 'refused' && <Refused error={error} again={again} />}
			{isLooking && notes.length === 0 && <p className="soft found-looking">Looking…</p>}
			{at === 'there' && notes.length === 0 && (
				<Said icon="search" title="No note says that">
					{asked.tag ? `Nothing is tagged #${asked.tag} here. ` : ''}
					Fewer words, or only the beginning of one, find more.
					{widen && (
						<button type="button" className="button small" onClick={widen}>
							Search all kinds and tags
						</button>
					)}
				</Said>
			)}
			{notes.length > 0 && as && (
				<ol className="card found" aria-label="Notes found, newest first" aria-busy={isLooking}>
					{notes.map((note) => (
						<OneFound key={note.noteId} note={note} q={asked.q} as={as} open={open} />
					))}
				</ol>
			)}
			{at === 'there' && error !== undefined && <p className="fault">{faultWords(error)}</p>}
			{notes.length > 0 && more && !isLooking && (
				<button type="button" className="button found-more" onClick={goOn} disabled={adding}>
					{adding ? 'Looking…' : 'Show older notes'}
				</button>
			)}
		</>
	);
}

/** How much was found, also for those who do not see the list grow. */
function countWords({ at, notes, more }: Found): string {
	if (at !== 'there') return '';
	if (notes.length === 0) return 'Nothing found';
	const count = notes.length === 1 ? '1 note' : `${notes.length} notes`;
	return more ? `The newest ${count}` : count;
}

interface OneFoundNeeds {
	note: FoundNote;
	q: string;
	as: Role;
	open: (noteId: string) => void;
}

const OneFound = ({ note, q, as, open }: OneFoundNeeds) => (
	<li className="found-note">
		<Icon name={note.kind} />
		<div className="found-body">
			<p className="found-text">
				<Link
					id={`found-${note.noteId}`}
					className="found-open"
					href={recordPath(note.callId, as, note.noteId)}
					state={{ within: true }}
					onClick={() => open(note.noteId)}
				>
					<span className="unseen">{kindWord(note.kind)}: </span>
					{excerptOf(markedWords(note.text, q)).map(({ text, isFound }, index) =>
						// biome-ignore lint/suspicious/noArrayIndexKey: the stretches of a text have no other name, and never move.
						isFound ? <mark key={index}>{text}</mark> : text,
					)}
				</Link>
			</p>
			<p className="found-foot">
				<b>{note.callLabel}</b>
				<span>
					{dayOf(note.callStartedAtMs)}, {timeOfDay(note.callStartedAtMs)}
				</span>
				<span className="numerals">at {clockText(note.anchorMs)}</span>
				<span>{note.authorName}</span>
				<span className="found-lane">
					<Icon name={laneWords[note.lane].icon} />
					{laneWords[note.lane].word}
				</span>
				{note.tags.map((tag) => (
					<Link key={tag} className="tag" href={`/notes?${new URLSearchParams({ tag, as })}`}>
						#{tag}
					</Link>
				))}
			</p>
		</div>
		<span className="found-kind" aria-hidden="true">
			{kindWord(note.kind)}
		</span>
	</li>
);

function Refused({ error, again }: { error: unknown; again: () => void }) {
	const code = error instanceof RestRefused ? error.code : undefined;
	if (code === 'access.sign-in')
		return (
			<Said icon="onlyMe" title="Sign in first">
				Nobody is signed in here. <a href="/sign-in">Sign in</a>, or open your own link again; then search.
			</Said>
		);
	const isOffline = code === 'connection.lost';
	return (
		<Said icon={isOffline ? 'lost' : 'notice'} title={isOffline ? 'No connection' : 'This was not searched'}>
			{isOffline
				? 'Ycord cannot be reached. The search goes on by itself when the connection is back.'
				: faultWords(error)}
			<button type="button" className="button small" onClick={again}>
				Try again
			</button>
		</Said>
	);
}

const Said = ({ icon, title, children }: { icon: IconName; title: string; children: React.ReactNode }) => (
	<div className="card found-said">
		<Icon name={icon} />
		<h2>{title}</h2>
		<div className="soft">{children}</div>
	</div>
);
