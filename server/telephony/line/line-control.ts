import type { Control, Fallback, Returned, Taking } from '#server/telephony/control.ts';
import { Refusal } from '#shared/refusals.ts';

/** What an executive's turn needs of the line it is on. */
export interface LineControlNeeds {
	/** Ms since the two first talked; undefined while they cannot: then nobody is brought on the line. */
	callMs(): number | undefined;
	/** A turn begins: the customer is taken off hold. */
	begins(): void;
	/** 20 ms of the executive, due now, for both ends. */
	hear(frame: Uint8Array, callMs: number): void;
	/** A turn is over: what was not sent yet is not sent any more, and both ends are told. */
	over(): void;
	/** Sees to it that the customer is somewhere. */
	goBack(fallback: Fallback): Returned;
}

/** The executive's turn on one line. */
export interface LineControl {
	/** For the house. */
	readonly control: Control;
	/** What was asked for while the executive has the line. */
	readonly taking: Taking | undefined;
	/** An end or the line itself is gone: nothing more is said, and whoever took the line is told. */
	lose(): void;
	/** The customer's own key: from here on not one frame more, whatever becomes of the word to the house. [C2] */
	withdraw(): void;
}

/** Everything here takes effect before it returns: a line is held in this process. */
export function lineControl({ callMs, begins, hear, over, goBack }: LineControlNeeds): LineControl {
	let turn: { taking: Taking; lost: () => void } | undefined;
	let withdrawn = () => {};
	function end() {
		if (!turn) return;
		turn = undefined;
		over();
	}
	return {
		get taking() {
			return turn?.taking;
		},
		lose() {
			const { lost } = turn ?? {};
			end();
			lost?.();
		},
		withdraw() {
			// A press that crossed with the end of the turn has what it wanted.
			if (!turn) return;
			end();
			withdrawn();
		},
		control: {
			abilities: ['survey', 'returnToAgent', 'hold', 'hangUp', 'announce'],
			async take(taking, lost) {
				if (callMs() === undefined) throw new Refusal('survey.cannot', 'an end of the line is not there');
				const own = { taking, lost };
				turn = own;
				begins();
				return {
					say(frame) {
						const nowMs = callMs();
						if (turn === own && nowMs !== undefined) hear(frame, nowMs);
					},
				};
			},
			async release(fallback) {
				end();
				return goBack(fallback);
			},
			onWithdrawn(handler) {
				withdrawn = handler;
			},
		},
	};
}
