import type { Party, Script, Turn } from '#server/telephony/rehearsal/scene/script.ts';
import { frameMs, sampleRate } from '#shared/audio.ts';

/** Silence after a scene's last word, so that a player can cut there. */
const tailMs = 260;
/** From the last word before a hold to the hold: somebody has to press the key. */
const beforeHoldMs = 400;

/** A turn of the script with its sound. */
export interface SpokenTurn extends Turn {
	sound: Int16Array;
}

/** What `scenes.json` holds: a scene begins where the one before ends; all borders lie in silence and between frames. */
export interface Scenes {
	version: 1;
	title: string;
	scenes: {
		name: string;
		startMs: number;
		endMs: number;
		/** Where the customer is on hold; digital silence in both legs. */
		held?: { startMs: number; endMs: number }[];
		turns: { leg: Party; startMs: number; endMs: number; text: string }[];
	}[];
	/** Where each of the customer's answers to an executive lies in `replies.wav`; borders between frames. */
	replies: { startMs: number; endMs: number; text: string }[];
}

/** A turn's sound at its place in its leg. */
export interface Placed {
	leg: Party;
	startSample: number;
	sound: Int16Array;
}

/** Lays spoken turns one after the other, each after its pause. */
export function layOut(
	title: Script['title'],
	spoken: { name: string; turns: SpokenTurn[] }[],
): { scenes: Scenes; placed: Placed[]; endMs: number } {
	const scenes: Scenes = { version: 1, title, scenes: [], replies: [] };
	const placed: Placed[] = [];
	const quietFrom: Record<Party, number> = { customer: 0, agent: 0 };
	let nowMs = 0;
	for (const { name, turns } of spoken) {
		const scene: Scenes['scenes'][number] = { name, startMs: nowMs, endMs: nowMs, turns: [] };
		for (const { leg, text, gapMs, holdMs, sound } of turns) {
			if (holdMs !== undefined) {
				const startMs = frameAfter(nowMs + beforeHoldMs);
				nowMs = frameAfter(startMs + holdMs);
				scene.held = [...(scene.held ?? []), { startMs, endMs: nowMs }];
			}
			const startMs = frameAfter(nowMs + gapMs);
			if (startMs < quietFrom[leg]) throw new Error(`“${text}”: the ${leg} would speak twice at the same time`);
			const endMs = startMs + Math.ceil((sound.length / sampleRate) * 1000);
			scene.turns.push({ leg, startMs, endMs, text });
			placed.push({ leg, startSample: (startMs * sampleRate) / 1000, sound });
			quietFrom[leg] = endMs;
			nowMs = Math.max(nowMs, endMs);
		}
		nowMs = frameAfter(nowMs + tailMs);
		scene.endMs = nowMs;
		scenes.scenes.push(scene);
	}
	return { scenes, placed, endMs: nowMs };
}

/** Lays the customer's answers one behind the other, each in whole frames. */
export function layOutReplies(spoken: { text: string; sound: Int16Array }[]): {
	replies: Scenes['replies'];
	placed: Placed[];
	endMs: number;
} {
	const replies: Scenes['replies'] = [];
	const placed: Placed[] = [];
	let nowMs = 0;
	for (const { text, sound } of spoken) {
		const startMs = nowMs;
		nowMs = frameAfter(startMs + (sound.length / sampleRate) * 1000);
		replies.push({ startMs, endMs: nowMs, text });
		placed.push({ leg: 'customer', startSample: (startMs * sampleRate) / 1000, sound });
	}
	return { replies, placed, endMs: nowMs };
}

const frameAfter = (ms: number) => Math.ceil(ms / frameMs) * frameMs;
