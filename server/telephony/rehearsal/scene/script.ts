import { readFileSync } from 'node:fs';

/** Whose sound a turn is. */
export type Party = 'customer' | 'agent';
export const parties: readonly Party[] = ['customer', 'agent'];

/** What one party says without letting the other in. */
export interface Turn {
	leg: Party;
	text: string;
	/** The pause since anybody last spoke; below zero, the turn begins while the other party still speaks. */
	gapMs: number;
	/** The customer is on hold for this long before the pause; both legs are silent. */
	holdMs?: number;
	/** Louder or, for a back-channel, quieter than the voice usually is. */
	levelDb?: number;
}

/** The call as it is written: `script.json`. */
export interface Script {
	title: string;
	scenes: { name: string; turns: Turn[] }[];
	/** What the customer answers to an executive, in this order. */
	replies: string[];
}

/** Reads a script and refuses what could not be played: an empty scene, an overlap across a scene's border. */
export function readScript(path: string): Script {
	const script = JSON.parse(readFileSync(path, 'utf8')) as Script;
	if (script.replies.some((text) => !text)) throw new Error('a reply has no text');
	for (const { name, turns } of script.scenes) {
		const [first] = turns;
		if (!first) throw new Error(`the scene “${name}” has no turns`);
		if (first.gapMs < 0) throw new Error(`the scene “${name}” begins before the one before it ends`);
		for (const { leg, text, gapMs } of turns) {
			if (!parties.includes(leg)) throw new Error(`“${text}” is said by “${leg}”, not by ${parties.join(' or ')}`);
			if (!text || !Number.isFinite(gapMs)) throw new Error(`a turn of “${name}” lacks its text or its gapMs`);
		}
	}
	return script;
}
