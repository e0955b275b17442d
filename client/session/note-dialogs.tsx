import { type ReactNode, useId, useMemo, useState } from 'react';
import { noteHistory } from '#client/rest/rest.ts';
import { faultWords, useAsking } from '#client/session/asking.ts';
import { listed, maySee } from '#client/session/note-people.ts';
import { linkable } from '#client/session/note-threads.ts';
import { kindWord, laneWords, widerLanes } from '#client/session/note-words.ts';
import { Fault } from '#client/session/presence.tsx';
import { type OpenAt, type SessionNotes, useSessionNotes } from '#client/session/session-notes.tsx';
import { announce } from '#client/ui/announce.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { Icon } from '#client/ui/icon.tsx';
import { Pick } from '#client/ui/pick.tsx';
import { clockText, timeOfDay } from '#client/ui/times.ts';
import { usePromise } from '#client/ui/use-promise.ts';
import type { Lane, NoteView } from '#shared/note.ts';

/** The dialog that is open about a note, if one is. */
export function NoteDialog({ at }: { at: OpenAt | undefined }) {
	const { note, open, goTo } = useSessionNotes();
	const about = at && note(at.noteId);
	if (!about) return null;
	const leave = () => {
		open(undefined);
		goTo(about.noteId);
	};
	switch (at.what) {
		case 'history':
			return <History note={about} leave={leave} />;
		case 'widen':
			return <Widen note={about} leave={leave} />;
		case 'link':
			return <LinkTo note={about} leave={leave} />;
		default:
			return null;
	}
}

interface AboutNeeds {
	note: NoteView;
	leave: () => void;
}

/** What a note said, latest first. */
function History({ note, leave }: AboutNeeds) {
	const { callId, me } = useSessionNotes();
	const answer = usePromise(useMemo(() => noteHistory(callId, note.noteId, me.role), [callId, note.noteId, me.role]));
	return (
		<Dialog title="What this note said" onClose={leave}>
			{answer.at === 'asking' && <p className="soft">One moment…</p>}
			{answer.at === 'refused' && <Fault>{faultWords(answer.error)}</Fault>}
			{answer.at === 'there' && (
				<ol className="revisions">
					{answer.value.revisions.toReversed().map((one, index) => (
						<li key={one.atMs + one.text} className="revision">
							<p className="faint">
								{timeOfDay(one.atMs)} · {kindWord(one.kind)}
								{index === 0 && note.deletedAtMs === undefined && ' · as it is now'}
							</p>
							<p className="note-text">{one.text}</p>
						</li>
					))}
				</ol>
			)}
		</Dialog>
	);
}

/** Lets more people see a note: says who, and that there is no way back. [N4] */
function Widen({ note, leave }: AboutNeeds) {
	const here = useSessionNotes();
	const asking = useAsking();
	const parent = note.replyTo === undefined ? undefined : here.note(note.replyTo)?.lane;
	const lanes = widerLanes(here.me.role, note.lane, parent);
	const [lane, setLane] = useState<Lane | undefined>(lanes[0]);
	const id = useId();
	if (lane === undefined) return null;
	const widen = () =>
		asking.run(async () => {
			await here.widen(note.noteId, lane);
			announce(`The note is now for: ${laneWords[lane].word}`);
			leave();
		});
	return (
		<Dialog title="Show to more people" onClose={leave}>
			<p className="quoted">{note.text}</p>
			<fieldset className="wider">
				<legend className="label">Now: {laneWords[note.lane].word}. Show it to:</legend>
				{lanes.map((one) => (
					<label key={one} className="switch wider-choice">
						<input type="radio" name={id} checked={lane === one} onChange={() => setLane(one)} />
						<span>
							{laneWords[one].word}
							<span className="faint">{newReaders(here, note, one)}</span>
						</span>
					</label>
				))}
			</fieldset>
			<p className="no-way-back">
				<Icon name="notice" /> There is no way back: once shown, they may have read it.
			</p>
			{asking.fault && <Fault>{asking.fault}</Fault>}
			<Foot leave={leave}>
				<button type="button" className="button first" onClick={widen}>
					{asking.busy ? 'Showing…' : `Show to ${lane === 'team' ? 'the team' : 'leadership'}`}
				</button>
			</Foot>
		</Dialog>
	);
}

/** Who will see a note that did not before, as far as this tab knows their names. */
function newReaders({ people, me }: SessionNotes, note: NoteView, lane: Lane): string {
	const fresh = people.filter((one) => one.id !== me.id && maySee(one, lane) && !maySee(one, note.lane));
	const names = listed(fresh.map(({ name }) => name));
	const whole = lane === 'team' ? 'Everyone in this call' : 'Executives and supervisors of this call';
	return names ? `${whole}. Will see it now: ${names}.` : `${whole}.`;
}

/** Links a note of mine to a pinhole or a suggestion of this session. */
function LinkTo({ note, leave }: AboutNeeds) {
	const here = useSessionNotes();
	const asking = useAsking();
	const [picked, setPicked] = useState<{ id: string; name: string; aside: string }>();
	const all = linkable(here.notes(), note).map((one) => ({
		id: one.noteId,
		name: one.text,
		aside: `${kindWord(one.kind)} · ${clockText(one.anchorMs)} · ${one.authorId === here.me.id ? 'You' : one.authorName}`,
	}));
	const link = () => {
		if (!picked) return;
		return asking.run(async () => {
			await here.link(note.noteId, { callId: here.callId, noteId: picked.id }, true);
			announce('Linked');
			leave();
		});
	};
	return (
		<Dialog title="Link to a pinhole or suggestion" onClose={leave}>
			<p className="quoted">{note.text}</p>
			{all.length === 0 ? (
				<p className="soft">
					There is none in this call yet. Write the pinhole or the suggestion first, then link this note to it.
				</p>
			) : (
				<div className="link-pick">
					<Pick
						label="Pinhole or suggestion"
						prompt="Find it by its words"
						all={all}
						picked={picked}
						pick={setPicked}
						nothing="No pinhole or suggestion has these words."
					/>
				</div>
			)}
			{asking.fault && <Fault>{asking.fault}</Fault>}
			<Foot leave={leave}>
				{all.length > 0 && (
					<button type="button" className="button first" disabled={!picked} onClick={link}>
						{asking.busy ? 'Linking…' : 'Link'}
					</button>
				)}
			</Foot>
		</Dialog>
	);
}

const Foot = ({ leave, children }: { leave: () => void; children: ReactNode }) => (
	<div className="row dialog-foot">
		{children}
		<button type="button" className="button plain" onClick={leave}>
			Cancel
		</button>
	</div>
);
