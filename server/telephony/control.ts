import type { Ability } from '#shared/survey.ts';

/** Where the customer goes when the agent is not there to take them back, by the policy of their queue. */
export type Fallback = 'queue' | 'announcement' | 'hang-up';

/** What is to be done with the agent while the executive has the line. */
export interface Taking {
	agent: 'muted' | 'open';
	/** What the customer may be shown of who speaks: never more than the script told. [C3] */
	shownAs: string;
}

/** Where the customer came to be. */
export type Returned = 'agent' | 'queue' | 'announcement' | 'hung-up';

/**
 * The way toward the customer while a segment is live, and the only one there is. [S2] Whoever holds it must be the floor
 * (`server/segments/floor.ts`), which lets nothing pass but what the record allows.
 */
export interface Voice {
	/** The next 20 ms for the customer, in the call's codec, due now. Nothing is queued behind this. */
	say(frame: Uint8Array): void;
}

/** What can be asked of one call's platform. Media and control are apart: a gateway may have one without the other. */
export interface Control {
	readonly abilities: readonly Ability[];
	/** Why an executive cannot be brought on the line, in words for them; where `survey` is missing. */
	readonly cannot?: string;
	/** What the agent has to do on the platform while `take` is under way, in words for them; where it does nothing by itself. */
	readonly agentMust?: string;
	/**
	 * Brings the executive on the line: resolves when what is said to the voice is heard by the customer. Rejects when the
	 * platform would not, and then the customer is, or comes back, where they were. Until `release` the agent's microphone is as `agent` says.
	 */
	take?(taking: Taking, lost: () => void): Promise<Voice>;
	/**
	 * The customer goes back to the agent, or, if the agent is not there, where `fallback` says. Begins at once, resolves
	 * when they are there. May be asked at any time, also while `take` is under way, and again. Rejects when the platform
	 * does not say where they are; then it has to be asked once more.
	 */
	release?(fallback: Fallback): Promise<Returned>;
	/** The customer took their consent back by their own key, where the platform gives them one. */
	onWithdrawn?(withdrawn: () => void): void;
}
