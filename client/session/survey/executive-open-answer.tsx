import { useEffect, useRef, useState } from 'react';
import { keepDraft, keptDraft } from '#client/session/drafts.ts';
import { useLive } from '#client/session/live-page.tsx';
import { otherDigits } from '#client/session/survey/executive-answer.tsx';
import { draftOf } from '#client/session/survey/executive-order.ts';
import { keysWords } from '#client/session/survey/executive-words.ts';
import { useShortcuts } from '#client/ui/use-shortcuts.ts';
import type { Question, SegmentView } from '#shared/survey.ts';

/** As much as shared/survey.ts takes. */
const mostLetters = 2000;

interface OpenNeeds {
	labelledBy: string;
	segment: SegmentView;
	question: Question;
	/** What is on record, or on its way there. */
	recorded: string;
	keys: boolean;
	record: (text: string) => void;
	next: () => void;
}

/** An answer in words. It goes on record with Enter and on leaving the field; until then it is kept on this device. */
export function OpenAnswer({ labelledBy, segment, question, recorded, keys, record, next }: OpenNeeds) {
	const { me } = useLive();
	const place = draftOf(segment.segmentId, question.id);
	const [text, setText] = useState(() => keptDraft(segment.callId, me.id, place)?.text ?? recorded);
	const field = useRef<HTMLTextAreaElement>(null);
	const send = () => {
		if (text.trim() !== recorded) record(text.trim());
	};
	const latest = useRef(send);
	latest.current = send;
	// Taken off the page while it is being typed into, as by the end of the call: a field that goes gives no blur.
	useEffect(() => () => latest.current(), []);
	useShortcuts(
		keys ? [{ keys: ['t'], says: 'Type the answer', does: () => field.current?.focus() }, ...otherDigits([])] : [],
		{ first: true },
	);
	return (
		<div className="field">
			<textarea
				ref={field}
				className="input open-answer"
				aria-labelledby={labelledBy}
				rows={3}
				maxLength={mostLetters}
				value={text}
				placeholder="In the customer’s own words"
				onChange={(event) => {
					setText(event.target.value);
					keepDraft(segment.callId, me.id, { text: event.target.value, kind: 'observation', lane: 'private' }, place);
				}}
				onBlur={send}
				onKeyDown={(event) => {
					if (event.nativeEvent.isComposing) return;
					if (event.key === 'Escape') document.getElementById('main')?.focus({ preventScroll: true });
					if (event.key !== 'Enter' || event.shiftKey) return;
					event.preventDefault();
					document.getElementById('main')?.focus({ preventScroll: true });
					next();
				}}
			/>
			<p className="faint answer-hint">
				{keys && <span className="keys-words">{keysWords(question)} </span>}
				Kept as sealed text, like a note.
			</p>
		</div>
	);
}
