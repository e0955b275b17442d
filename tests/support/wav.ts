import { encodeAlaw, encodeUlaw } from '#shared/g711.ts';

export interface WavOptions {
	format?: 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'ulaw' | 'alaw';
	rate?: number;
	/** Each channel's samples, 16-bit linear. */
	channels: readonly ArrayLike<number>[];
	/** With the longer fmt chunk of WAVE_FORMAT_EXTENSIBLE. */
	extensible?: boolean;
	/** Chunks before the data, by name. */
	before?: readonly [string, Uint8Array][];
	/** What stands as the data chunk's size, if not the truth. */
	dataSize?: number;
}

const tagOf = { pcm8: 1, pcm16: 1, pcm24: 1, pcm32: 1, float32: 3, ulaw: 7, alaw: 6 };
const bytesOf = { pcm8: 1, pcm16: 2, pcm24: 3, pcm32: 4, float32: 4, ulaw: 1, alaw: 1 };

/** A WAV file, as recorders write it. */
export function wavFile({
	format = 'pcm16',
	rate = 8000,
	channels,
	extensible,
	before = [],
	dataSize,
}: WavOptions): Buffer {
	const bytes = bytesOf[format];
	const count = channels[0]?.length ?? 0;
	const data = Buffer.alloc(count * channels.length * bytes);
	for (let index = 0; index < count; index++)
		channels.forEach((samples, channel) => {
			write(data, (index * channels.length + channel) * bytes, format, samples[index] as number);
		});

	const fmt = Buffer.alloc(extensible ? 40 : 16);
	fmt.writeUInt16LE(extensible ? 0xfffe : tagOf[format], 0);
	fmt.writeUInt16LE(channels.length, 2);
	fmt.writeUInt32LE(rate, 4);
	fmt.writeUInt32LE(rate * channels.length * bytes, 8);
	fmt.writeUInt16LE(channels.length * bytes, 12);
	fmt.writeUInt16LE(bytes * 8, 14);
	if (extensible) {
		fmt.writeUInt16LE(22, 16);
		fmt.writeUInt16LE(bytes * 8, 18);
		fmt.writeUInt16LE(tagOf[format], 24);
		fmt.write('000000001000800000aa00389b71', 26, 'hex');
	}
	return riff([['fmt ', fmt], ...before, ['data', data, dataSize ?? data.length]]);
}

/** A RIFF file of chunks, each with its name, content and, if not the truth, its size. */
export function riff(chunks: readonly (readonly [string, Uint8Array, number?])[]): Buffer {
	const parts = chunks.map(([name, content, size = content.length]) => {
		const head = Buffer.alloc(8);
		head.write(name, 0, 'latin1');
		head.writeUInt32LE(size, 4);
		return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
	});
	const body = Buffer.concat(parts);
	const head = Buffer.alloc(12);
	head.write('RIFF', 0);
	head.writeUInt32LE(body.length + 4, 4);
	head.write('WAVE', 8);
	return Buffer.concat([head, body]);
}

function write(data: Buffer, at: number, format: NonNullable<WavOptions['format']>, sample: number): void {
	switch (format) {
		case 'pcm8':
			return void data.writeUInt8((sample >> 8) + 128, at);
		case 'pcm16':
			return void data.writeInt16LE(sample, at);
		case 'pcm24':
			return void data.writeIntLE(sample * 256, at, 3);
		case 'pcm32':
			return void data.writeInt32LE(sample * 65_536, at);
		case 'float32':
			return void data.writeFloatLE(sample / 32_768, at);
		case 'ulaw':
			return void data.writeUInt8(encodeUlaw(sample), at);
		case 'alaw':
			return void data.writeUInt8(encodeAlaw(sample), at);
	}
}
