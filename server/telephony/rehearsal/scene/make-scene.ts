import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joined, levelled, roomTone, trimmed } from '#server/telephony/rehearsal/scene/levels.ts';
import { type Party, parties, readScript, type Script, type Turn } from '#server/telephony/rehearsal/scene/script.ts';
import { layOut, type Placed, type Scenes, type SpokenTurn } from '#server/telephony/rehearsal/scene/timeline.ts';
import { speak, writeUlawWav } from '#server/telephony/rehearsal/scene/voices.ts';
import { sampleRate } from '#shared/audio.ts';

const here = import.meta.dirname;
/** A room each, or the same hum would be heard in both ears. */
const roomSeeds: Record<Party, number> = { customer: 1, agent: 2 };

function makeScene(): void {
	const script = readScript(join(here, 'script.json'));
	const { scenes, placed, endMs } = layOut(script.title, speakAll(script));
	for (const leg of parties) {
		const sound = soundOf(leg, placed, scenes, (endMs * sampleRate) / 1000);
		writeUlawWav(join(here, `${leg}.wav`), sound);
	}
	writeFileSync(join(here, 'scenes.json'), `${JSON.stringify(scenes, null, '\t')}\n`);
	for (const { name, startMs, endMs } of scenes.scenes) console.log(`${(endMs - startMs) / 1000} s\t${name}`);
	console.log(`${endMs / 1000} s\taltogether`);
}

function speakAll({ scenes }: Script): { name: string; turns: SpokenTurn[] }[] {
	const folder = mkdtempSync(join(tmpdir(), 'ycord-scene-'));
	try {
		return scenes.map(({ name, turns }) => ({
			name,
			turns: turns.map((turn) => ({ ...turn, sound: spoken(turn, folder) })),
		}));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Sentence by sentence: the voices differ in how long they pause between two, and the agent's hardly does. */
function spoken({ leg, text, levelDb = 0 }: Turn, folder: string): Int16Array {
	const sentences = text.match(/[^.?!]+[.?!]*/g) ?? [];
	return levelled(joined(sentences.map((one) => trimmed(speak(leg, one.trim(), folder)))), levelDb);
}

function soundOf(leg: Party, placed: Placed[], { scenes }: Scenes, length: number): Int16Array {
	const whole = roomTone(length, roomSeeds[leg]);
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
