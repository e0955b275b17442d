import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Party } from '#server/telephony/rehearsal/scene/script.ts';
import { sampleRate } from '#shared/audio.ts';

const packages = 'flite festival festvox-us-slt-hts sox';

interface Command {
	name: string;
	args: string[];
	input?: string | Buffer;
}

/** How each party's voice is asked to say a text into a WAV file. The agent's was recorded reading aloud, slower than people talk. */
const voices: Record<Party, (text: string, wav: string) => Command> = {
	agent: (text, wav) => ({
		name: 'flite',
		args: ['-voice', 'rms', '--setf', 'duration_stretch=0.93', '-t', text, '-o', wav],
	}),
	customer: (text, wav) => ({
		name: 'text2wave',
		args: ['-o', wav, '-eval', '(voice_cmu_us_slt_arctic_hts)'],
		input: text,
	}),
};

/** A text in a party's voice: linear samples at 8 kHz in the band of a telephone. `folder` takes what is made on the way. */
export function speak(leg: Party, text: string, folder: string): Int16Array {
	const wav = join(folder, 'spoken.wav');
	run(voices[leg](text, wav));
	const raw = join(folder, 'telephone.raw');
	// Turned down before it is filtered: a band-pass can raise peaks. `-D`: dither would be random.
	const band = ['gain', '-6', 'sinc', '200-3400', 'rate', '-v', String(sampleRate)];
	run({ name: 'sox', args: ['-D', wav, ...linear, raw, ...band] });
	return samplesOf(readFileSync(raw));
}

/** Writes linear samples at 8 kHz as a µ-law WAV file. */
export function writeUlawWav(path: string, samples: Int16Array): void {
	const bytes = Buffer.alloc(samples.length * 2);
	for (const [index, sample] of samples.entries()) bytes.writeInt16LE(sample, index * 2);
	run({ name: 'sox', args: ['-D', '-r', String(sampleRate), ...linear, '-', '-e', 'mu-law', path], input: bytes });
}

const linear = ['-t', 'raw', '-e', 'signed', '-b', '16', '-c', '1', '-L'];

function samplesOf(bytes: Buffer): Int16Array {
	return Int16Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2));
}

function run({ name, args, input = '' }: Command): void {
	const { error, status, stderr } = spawnSync(name, args, { input });
	if (error && 'code' in error && error.code === 'ENOENT')
		throw new Error(`${name} is missing: apt-get install --no-install-recommends ${packages}`);
	if (error) throw error;
	const complaint = stderr.toString().trim();
	if (status === 0 && !complaint.includes('SIOD ERROR')) return;
	throw new Error(`${name} failed (is one of these missing: ${packages}?): ${complaint.replaceAll('\n', ' ')}`);
}
