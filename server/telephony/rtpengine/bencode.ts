/** What rtpengine's control protocol is made of. (docs/ng_control_protocol.md of sipwise/rtpengine) */
export type Bencoded = string | number | readonly Bencoded[] | Dictionary;
export interface Dictionary {
	readonly [name: string]: Bencoded;
}

/** Deeper than any answer of rtpengine's. */
const maxDepth = 20;
const [endMark, colon, minus] = [0x65, 0x3a, 0x2d];

/** Writes a value; numbers have to be whole. */
export function bencode(value: Bencoded): string {
	if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
	if (typeof value === 'number') return `i${value}e`;
	if (isList(value)) return `l${value.map(bencode).join('')}e`;
	return `d${Object.entries(value)
		.map(([name, one]) => bencode(name) + bencode(one))
		.join('')}e`;
}

/** Reads one value that fills the bytes; undefined if they are anything else. Names may come in any order, as rtpengine sends them. */
export function readBencode(bytes: Buffer): Bencoded | undefined {
	let at = 0;

	/** The digits up to `until`, at most fifteen: what a number holds exactly. */
	function digits(until: number): number | undefined {
		const isNegative = until === endMark && bytes[at] === minus;
		const from = isNegative ? at + 1 : at;
		let value = 0;
		for (at = from; at < from + 15; at++) {
			const digit = (bytes[at] ?? 0) - 0x30;
			if (digit < 0 || digit > 9) break;
			value = value * 10 + digit;
		}
		if (at === from || bytes[at++] !== until) return undefined;
		return isNegative ? -value : value;
	}

	function text(): string | undefined {
		const length = digits(colon);
		if (length === undefined || at + length > bytes.length) return undefined;
		at += length;
		return bytes.toString('utf8', at - length, at);
	}

	function value(depth: number): Bencoded | undefined {
		const kind = String.fromCharCode(bytes[at] ?? 0);
		if (kind !== 'i' && kind !== 'l' && kind !== 'd') return text();
		at++;
		if (kind === 'i') return digits(endMark);
		if (depth === maxDepth) return undefined;
		const list: Bencoded[] = [];
		// Without a prototype: a name of the peer's is never one of ours.
		const dictionary: Record<string, Bencoded> = Object.create(null);
		while (bytes[at] !== endMark) {
			const name = kind === 'd' ? text() : '';
			const one = name === undefined ? undefined : value(depth + 1);
			if (name === undefined || one === undefined) return undefined;
			if (kind === 'd') dictionary[name] = one;
			else list.push(one);
		}
		at++;
		return kind === 'd' ? dictionary : list;
	}

	const read = value(0);
	return at === bytes.length ? read : undefined;
}

const isList = (value: Bencoded): value is readonly Bencoded[] => Array.isArray(value);
export const isDictionary = (value: Bencoded | undefined): value is Dictionary =>
	typeof value === 'object' && !isList(value);
