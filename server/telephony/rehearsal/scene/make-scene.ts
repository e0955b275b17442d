import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joined, levelled, roomTone, trimmed } from '#server/telephony/rehearsal/scene/levels.ts';
import { type Party, parties, readScript, type Script, type Turn } from '#server/telephony/rehearsal/scene/script.ts';
import {
	layOut,
	layOutReplies,
	type Placed,
	type Scenes,
	type SpokenTurn,
} from '#server/telephony/rehearsal/scene/timeline.ts';
import { speak, writeUlawWav } from '#server/telephony/rehearsal/scene/voices.ts';
import { sampleRate } from '#shared/audio.ts';

const here = import.meta.dirname;
/** A room each, or the same hum would be heard in both ears. */
const roomSeeds: Record<Party, number> = { customer: 1, agent: 2 };

function makeScene(): void {
	const script = readScript(join(here, 'script.json'));
	const { turns, answers } = speakAll(script);
	const { scenes, placed, endMs } = layOut(script.title, turns);
	for (const leg of parties) writeUlawWav(join(here, `${leg}.wav`), soundOf(leg, placed, scenes, endMs));
	const { replies, ...laid } = layOutReplies(answers);
	writeUlawWav(join(here, 'replies.wav'), soundOf('customer', laid.placed, { scenes: [] }, laid.endMs));
	writeFileSync(join(here, 'scenes.json'), `${JSON.stringify({ ...scenes, replies }, null, '\t')}\n`);
	for (const { name, startMs, endMs } of scenes.scenes) console.log(`${(endMs - startMs) / 1000} s\t${name}`);
	console.log(`${endMs / 1000} s\taltogether`);
}

function speakAll({ scenes, replies }: Script) {
	const folder = mkdtempSync(join(tmpdir(), 'ycord-scene-'));
	const withSound = (turn: Turn): SpokenTurn => ({ ...turn, sound: spoken(turn, folder) });
	try {
		return {
			turns: scenes.map(({ name, turns }) => ({ name, turns: turns.map(withSound) })),
			answers: replies.map((text) => withSound({ leg: 'customer', text, gapMs: 0 })),
		};
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Sentence by sentence: the voices differ in how long they pause between two, and the agent's hardly does. */
function spoken({ leg, text, levelDb = 0 }: Turn, folder: string): Int16Array {
	const sentences = text.match(/[^.?!]+[.?!]*/g) ?? [];
	return levelled(joined(sentences.map((one) => trimmed(speak(leg, one.trim(), folder)))), levelDb);
}

function soundOf(leg: Party, placed: Placed[], { scenes }: Pick<Scenes, 'scenes'>, lengthMs: number): Int16Array {
	const whole = roomTone((lengthMs * sampleRate) / 1000, roomSeeds[leg]);
	for (const { startSample, sound } of placed.filter((one) => one.leg === leg))
		for (const [index, sample] of sound.entries())
			whole[startSample + index] = (whole[startSample + index] ?? 0) + sample;
	for (const { startMs, endMs } of scenes.flatMap(({ held = [] }) => held))
		whole.fill(0, (startMs * sampleRate) / 1000, (endMs * sampleRate) / 1000);
	return whole;
}

try {
	makeScene();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
