import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { maxWavBytes, readWav, type WavWanted } from '#server/telephony/rehearsal/wav.ts';
import { frameMs, frameSamples, silenceByte } from '#shared/audio.ts';
import { Refusal } from '#shared/refusals.ts';

/** Ms since the recording's start, a border between frames. */
const Place = Type.Integer({ minimum: 0, multipleOf: frameMs });
const Stretch = Type.Object({ startMs: Place, endMs: Place });
/** A part of a recording that makes sense by itself; `held` are the stretches the customer spends on hold. */
const Scene = Type.Object({
	name: Type.String({ minLength: 1 }),
	startMs: Place,
	endMs: Place,
	held: Type.Optional(Type.Array(Stretch)),
	/** Who speaks when; known of a recording that was made from a script. */
	turns: Type.Optional(Type.Array(Type.Object({ startMs: Place, endMs: Type.Number() }))),
});
export type Scene = Static<typeof Scene>;
const Scenes = Type.Object({
	version: Type.Literal(1),
	title: Type.String(),
	scenes: Type.Array(Scene, { minItems: 1 }),
	/** Where the customer's answers to an executive lie in `replies.wav`. */
	replies: Type.Optional(Type.Array(Stretch)),
});

/** A recorded call: both parties as µ-law at 8 kHz, equally long, in whole frames. */
export interface Recording {
	readonly title: string;
	readonly customer: Uint8Array;
	readonly agent: Uint8Array;
	readonly frames: number;
	/** In the order they are played. */
	readonly scenes: readonly Scene[];
	/** What the customer answers to an executive on the line, one after the other, in whole frames; none: they only listen. */
	readonly replies: readonly Uint8Array[];
}

/** Two parties' sound as a recording of one scene, or of the scenes given. The shorter one ends in silence. */
export function recordingOf(
	title: string,
	sound: { customer: Uint8Array; agent: Uint8Array },
	scenes?: readonly Scene[],
): Recording {
	const frames = Math.ceil(Math.max(sound.customer.length, sound.agent.length) / frameSamples);
	const padded = (leg: Uint8Array) => {
		const whole = new Uint8Array(frames * frameSamples).fill(silenceByte.pcmu);
		whole.set(leg);
		return whole;
	};
	return {
		title,
		customer: padded(sound.customer),
		agent: padded(sound.agent),
		frames,
		scenes: scenes ?? [{ name: title, startMs: 0, endMs: frames * frameMs }],
		replies: [],
	};
}

/** Anyone's own pair of WAVs. Refuses with `wav.unreadable`, which says which file and what is wrong with it. */
export async function loadRecording(
	paths: { customer: string; agent: string },
	title = 'Rehearsal',
): Promise<Recording> {
	// One after the other: two large files at once would be twice the memory.
	const customer = await wavFrom(paths.customer);
	return recordingOf(title, { customer, agent: await wavFrom(paths.agent) });
}

/** The call that comes with Ycord. */
export const shippedRecording = () => loadScenes(fileURLToPath(new URL('scene', import.meta.url)));

/** A folder with `customer.wav`, `agent.wav` and `scenes.json`, and `replies.wav` if there are any. Refuses like `loadRecording`. */
export async function loadScenes(folder: string): Promise<Recording> {
	const recording = await loadRecording({ customer: join(folder, 'customer.wav'), agent: join(folder, 'agent.wav') });
	const path = join(folder, 'scenes.json');
	const refuse = (what: string): never => {
		throw new Refusal('wav.unreadable', `${path}: ${what}`);
	};
	let read: unknown;
	try {
		read = JSON.parse((await bytesFrom(path)).toString());
	} catch (error) {
		if (error instanceof Refusal) throw error;
		refuse('not JSON');
	}
	if (!Value.Check(Scenes, read)) {
		const [first] = Value.Errors(Scenes, read);
		return refuse(`${first?.instancePath || 'the whole'} ${first?.message ?? 'is not as described'}`);
	}
	for (const { name, startMs, endMs, held = [] } of read.scenes) {
		if (startMs >= endMs || endMs > recording.frames * frameMs)
			refuse(`the scene “${name}” is not within the recording`);
		if (held.some((one) => one.startMs >= one.endMs || one.startMs < startMs || one.endMs > endMs))
			refuse(`a hold of the scene “${name}” is not within it`);
	}
	const { title, scenes, replies = [] } = read;
	const answers = replies.length > 0 ? await wavFrom(join(folder, 'replies.wav')) : new Uint8Array();
	const cut = replies.map(({ startMs, endMs }) => {
		const [from, to] = [startMs, endMs].map((ms) => (ms / frameMs) * frameSamples) as [number, number];
		if (from >= to || to > answers.length) refuse('a reply is not within replies.wav');
		return answers.subarray(from, to);
	});
	return { ...recording, title, scenes, replies: cut };
}

/** One file's sound as µ-law. Refuses with `wav.unreadable`. */
export async function wavFrom(path: string, wanted?: WavWanted): Promise<Uint8Array> {
	return readWav(await bytesFrom(path), path, wanted);
}

async function bytesFrom(path: string): Promise<Buffer> {
	const refuse = (what: string): never => {
		throw new Refusal('wav.unreadable', `${path}: ${what}`);
	};
	try {
		const found = await stat(path);
		if (!found.isFile()) refuse(found.isDirectory() ? 'a folder, not a file' : 'not an ordinary file');
		// Asked before it is read: a size that is refused should not have to fit into memory.
		if (found.size > maxWavBytes) refuse(`larger than ${maxWavBytes / 1_000_000} MB`);
		return await readFile(path);
	} catch (error) {
		if (error instanceof Refusal) throw error;
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'ENOENT') return refuse('no such file');
		if (code === 'EACCES') return refuse('not allowed to read it');
		return refuse(`cannot be read (${code ?? 'unknown reason'})`);
	}
}
