import { resample } from '#server/telephony/rehearsal/resample.ts';
import { sampleRate } from '#shared/audio.ts';
import { alawTable, encodeUlaw, ulawTable } from '#shared/g711.ts';
import { Refusal } from '#shared/refusals.ts';

/** The largest WAV that is read: 200 MB. */
export const maxWavBytes = 200_000_000;
const rates = { lowest: 8000, highest: 96_000 };

/** Format tags of RIFF WAVE (RFC 2361, appendix A): the ones read here, and the ones people run into. */
const tags = { pcm: 1, float: 3, alaw: 6, ulaw: 7, extensible: 0xfffe };
const unreadTags: Record<number, string> = {
	2: 'Microsoft ADPCM',
	17: 'IMA ADPCM',
	49: 'GSM 6.10',
	80: 'MPEG',
	85: 'MP3',
	353: 'Windows Media Audio',
};
/** What the rest of a WAVE_FORMAT_EXTENSIBLE sub-format reads when its first two bytes are a plain format tag. */
const plainSubFormat = '000000001000800000aa00389b71';

/** One stored sample as a 16-bit linear one. */
type ReadSample = (view: DataView, at: number) => number;

interface Format {
	tag: number;
	channels: number;
	rate: number;
	/** Bytes a stored sample takes. */
	bytes: number;
	read: ReadSample;
}

/** What is wanted of a WAV file. */
export interface WavWanted {
	/** Samples a second, 8,000 unless said; a file of fewer is refused. */
	rate?: number;
	/** One of its two channels, 0 or 1, in place of both mixed; a file with another number of channels is refused. */
	channel?: number;
}

/**
 * The sound of a WAV file as G.711 µ-law at 8 kHz, one channel: two channels are mixed, any rate from 8 to 96 kHz is
 * brought down, mono µ-law at 8 kHz comes out as it is in the file. Takes PCM of 8 to 32 bits, 32-bit float, µ-law and
 * A-law, plain or WAVE_FORMAT_EXTENSIBLE, and a data chunk that was cut short. Everything else is refused with
 * `wav.unreadable`, which says `name` and what is wrong.
 */
export function readWav(file: Uint8Array, name: string, { rate = sampleRate, channel }: WavWanted = {}): Uint8Array {
	const refuse = (what: string): never => {
		throw new Refusal('wav.unreadable', `${name}: ${what}`);
	};
	if (file.length > maxWavBytes) refuse(`larger than ${maxWavBytes / 1_000_000} MB`);
	const { fmt, data } = chunksOf(file, refuse);
	const format = formatOf(fmt, refuse);
	if (format.rate < rate) refuse(`it has ${format.rate} samples a second; at least ${rate} are needed`);
	if (channel !== undefined && format.channels !== 2) refuse(`it has ${format.channels} channel; 2 are needed`);
	const frameBytes = format.channels * format.bytes;
	const count = Math.floor(data.length / frameBytes);
	if (count === 0) refuse('0 samples');
	if (format.tag === tags.ulaw && format.channels === 1 && format.rate === rate) return data.slice(0, count);

	const view = viewOf(data);
	const { read, channels, bytes } = format;
	const sampleAt =
		channels === 1 || channel !== undefined
			? (index: number) => read(view, index * frameBytes + (channel ?? 0) * bytes)
			: (index: number) => (read(view, index * frameBytes) + read(view, index * frameBytes + bytes)) >> 1;
	if (format.rate === rate) {
		// Straight to µ-law: a file of this size in 16 bits more would not be kind to a small machine.
		const sound = new Uint8Array(count);
		for (let index = 0; index < count; index++) sound[index] = encodeUlaw(sampleAt(index));
		return sound;
	}
	const linear = new Int16Array(count);
	for (let index = 0; index < count; index++) linear[index] = sampleAt(index);
	return Uint8Array.from(resample(linear, format.rate, rate), encodeUlaw);
}

/** Walks the chunks of a RIFF file to the two that matter, in whatever order they and others stand. */
function chunksOf(file: Uint8Array, refuse: (what: string) => never): { fmt: Uint8Array; data: Uint8Array } {
	if (file.length === 0) refuse('the file is empty');
	if (textAt(file, 0) === 'RIFX' || textAt(file, 0) === 'RF64')
		refuse(`${textAt(file, 0)} is not supported; convert it to a plain WAV file`);
	if (textAt(file, 0) !== 'RIFF') refuse(`not a WAV file (starts with ${beginning(file)})`);
	if (textAt(file, 8) !== 'WAVE') refuse('a RIFF file, but not a WAV file');
	const view = viewOf(file);
	let fmt: Uint8Array | undefined;
	let data: Uint8Array | undefined;
	// A size beyond the end of the file is a recording that was cut short, or was written to a pipe: what is there counts.
	for (let at = 12; at + 8 <= file.length && !(fmt && data); ) {
		const chunk = file.subarray(at + 8, at + 8 + view.getUint32(at + 4, true));
		if (textAt(file, at) === 'fmt ') fmt ??= chunk;
		if (textAt(file, at) === 'data') data ??= chunk;
		at += 8 + view.getUint32(at + 4, true);
		// Chunks begin at even places; some writers leave the padding out, and no chunk's name begins with a zero.
		if (at % 2 === 1 && file[at] === 0) at++;
	}
	if (!fmt) return refuse('it says nothing of how its sound is stored (no fmt chunk)');
	if (!data) return refuse('there is no sound in it (no data chunk)');
	return { fmt, data };
}

function formatOf(fmt: Uint8Array, refuse: (what: string) => never): Format {
	if (fmt.length < 16) refuse('its fmt chunk is too short');
	const view = viewOf(fmt);
	let tag = view.getUint16(0, true);
	if (tag === tags.extensible) {
		if (fmt.length < 40) refuse('its fmt chunk is too short for the extensible format it names');
		if (Buffer.from(fmt.subarray(26, 40)).toString('hex') !== plainSubFormat)
			refuse('the format inside is not supported; convert it to PCM');
		tag = view.getUint16(24, true);
	}
	const channels = view.getUint16(2, true);
	const rate = view.getUint32(4, true);
	const bits = view.getUint16(14, true);
	const stored = view.getUint16(12, true) / channels;
	if (channels < 1 || channels > 2) refuse(`it has ${channels} channels; 1 or 2 are supported`);
	if (rate < rates.lowest || rate > rates.highest)
		refuse(`it has ${rate} samples a second; ${rates.lowest} to ${rates.highest} are supported`);
	const least = Math.ceil(bits / 8);
	// A sample may be stored wider than its bits say, at the upper end (24 in 4 bytes).
	const bytes = Number.isInteger(stored) && stored >= least && stored <= 4 ? stored : least;
	const read = readerOf(tag, bits, bytes);
	if (read) return { tag, channels, rate, bytes, read };
	if (tag === tags.pcm || tag === tags.float)
		return refuse(`${bits}-bit ${tag === tags.pcm ? 'PCM' : 'float'} is not supported; convert it to 16-bit PCM`);
	const what = unreadTags[tag] ?? `format 0x${tag.toString(16).padStart(4, '0')}`;
	return refuse(`${what} inside WAV is not supported; convert it to PCM`);
}

function readerOf(tag: number, bits: number, bytes: number): ReadSample | undefined {
	switch (tag) {
		case tags.pcm:
			if (bits < 1 || bits > 32) return undefined;
			// One byte is unsigned, more are signed; of wider samples the upper 16 bits are all that G.711 can hold.
			if (bytes === 1) return (view, at) => (view.getUint8(at) - 128) << 8;
			return (view, at) => view.getInt16(at + bytes - 2, true);
		case tags.float:
			return bits === 32 ? (view, at) => linearOfFloat(view.getFloat32(at, true)) : undefined;
		case tags.ulaw:
			return bits === 8 && bytes === 1 ? (view, at) => ulawTable[view.getUint8(at)] as number : undefined;
		case tags.alaw:
			return bits === 8 && bytes === 1 ? (view, at) => alawTable[view.getUint8(at)] as number : undefined;
		default:
			return undefined;
	}
}

const linearOfFloat = (value: number) =>
	Number.isNaN(value) ? 0 : Math.max(-32768, Math.min(32767, Math.round(value * 32768)));

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const textAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

/** What a file that is no WAV starts with, as text where it is text, and what that usually is. */
function beginning(file: Uint8Array): string {
	const [text] = textAt(file, 0).match(/^[ -~]{2,}/) ?? [];
	const bytes = Buffer.from(file.subarray(0, 4)).toString('hex').replace(/..\B/g, '$& ');
	const shown = text ? `“${text}”` : `the bytes ${bytes}`;
	const kind = kinds.find(([pattern]) => pattern.test(String.fromCharCode(...file.subarray(0, 12))))?.[1];
	return kind ? `${shown}, like ${kind}` : shown;
}

const kinds: [RegExp, string][] = [
	[/^(ID3|\u00ff[\u00f2\u00f3\u00fa\u00fb])/, 'an MP3 file'],
	[/^OggS/, 'an Ogg file'],
	[/^fLaC/, 'a FLAC file'],
	[/^FORM/, 'an AIFF file'],
	[/^.{4}ftyp/s, 'an M4A or MP4 file'],
	[/^PK/, 'a ZIP file'],
];
