import { kindsInOrder, laneWords } from '#client/session/note-words.ts';
import { Icon } from '#client/ui/icon.tsx';
import type { Lane, NoteKind } from '#shared/note.ts';

interface LaneNeeds {
	/** Names this group of choices in the page. */
	id: string;
	lanes: readonly Lane[];
	lane: Lane;
	choose: (lane: Lane) => void;
}

/** Who will see a note. */
export const LaneChoice = ({ id, lanes, lane, choose }: LaneNeeds) => (
	<fieldset className="segments">
		<legend className="unseen">Who sees it</legend>
		{lanes.map((one) => (
			<label key={one} className="segment">
				<input type="radio" name={`${id}-lane`} checked={lane === one} onChange={() => choose(one)} />
				<Icon name={laneWords[one].icon} />
				{laneWords[one].word}
			</label>
		))}
	</fieldset>
);

interface KindNeeds {
	id: string;
	kind: NoteKind;
	choose: (kind: NoteKind) => void;
	/** Whether each kind has a letter beside its number; where other letters are taken it has not. */
	letters: boolean;
}

/** The kind of a note, with the key of each. */
export const KindChoice = ({ id, kind, choose, letters }: KindNeeds) => (
	<fieldset className="chips">
		<legend className="unseen">Kind of note</legend>
		{kindsInOrder.map((one, index) => (
			<label key={one.kind} className={`chip ${one.kind}`}>
				<input type="radio" name={`${id}-kind`} checked={kind === one.kind} onChange={() => choose(one.kind)} />
				<Icon name={one.kind} />
				{one.word}
				<span className="key" aria-hidden="true">
					{letters ? one.key.toUpperCase() : index + 1}
				</span>
			</label>
		))}
	</fieldset>
);

/** The same in one line, where there is little room. */
export const KindSelect = ({ kind, choose }: Pick<KindNeeds, 'kind' | 'choose'>) => (
	<select
		className="input small-select"
		aria-label="Kind of note"
		value={kind}
		onChange={(event) => choose(event.target.value as NoteKind)}
	>
		{kindsInOrder.map((one) => (
			<option key={one.kind} value={one.kind}>
				{one.word}
			</option>
		))}
	</select>
);
