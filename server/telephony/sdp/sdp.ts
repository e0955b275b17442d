import { isIP } from 'node:net';

/** Which way sound goes, seen from who wrote the description. (RFC 8866, 6.7) */
export const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
export type Direction = (typeof directions)[number];

/** One `m=` line with what belongs to it. */
export interface MediaLine {
	/** `audio`, `video`, …: whatever stands there. */
	kind: string;
	/** 0: refused, or not there any more. */
	port: number;
	transport: string;
	/** Payload types in the order of preference. */
	payloadTypes: number[];
	/** Encoding name in lower case, clock rate and channels of each payload type: said here, or static. (RFC 3551, 6) */
	encodings: Map<number, { name: string; rate: number; channels: number }>;
	direction: Direction;
	/** `a=label`. (RFC 4574) */
	label?: string;
	/** Where it is sent from, of its own or of the whole description; an address, not a name. */
	address?: string;
}

/** What a session description says that a listener needs. */
export interface Description {
	/** The version in `o=`, which changes with the description. */
	version?: string;
	media: MediaLine[];
}

/** More than any recorder is offered. Lines beyond are not answered, so a description with them is refused whole. */
const maxLines = 1000;
const maxMediaLines = 32;

const staticEncodings: Readonly<Record<number, { name: string; rate: number; channels: number }>> = {
	0: { name: 'pcmu', rate: 8000, channels: 1 },
	3: { name: 'gsm', rate: 8000, channels: 1 },
	8: { name: 'pcma', rate: 8000, channels: 1 },
	9: { name: 'g722', rate: 8000, channels: 1 },
	13: { name: 'cn', rate: 8000, channels: 1 },
	18: { name: 'g729', rate: 8000, channels: 1 },
};

/** Reads a session description (RFC 8866), tolerant of what does not matter. A text says what is wrong with it. */
export function readSdp(text: string): Description | { wrong: string } {
	const lines = text.split(/\r\n|\n|\r/, maxLines + 1);
	if (lines.length > maxLines) return { wrong: `more than ${maxLines} lines of SDP` };
	const media: MediaLine[] = [];
	let version: string | undefined;
	let address: string | undefined;
	let direction: Direction = 'sendrecv';
	for (const line of lines) {
		const [type, value] = [line.slice(0, 2), line.slice(2).trim()];
		const current = media.at(-1);
		if (type === 'o=') version = value.split(/\s+/)[2];
		else if (type === 'c=') {
			const given = value.split(/\s+/)[2]?.split('/')[0] ?? '';
			if (isIP(given) === 0) continue;
			if (current) current.address = given;
			else address = given;
		} else if (type === 'm=') {
			if (media.length === maxMediaLines) return { wrong: `more than ${maxMediaLines} m= lines` };
			const read = readMediaLine(value, direction, address);
			if (!read) return { wrong: `an m= line that is not of RFC 8866: ${value.slice(0, 40)}` };
			media.push(read);
		} else if (type === 'a=') {
			const one = directions.find((way) => way === value);
			if (one && current) current.direction = one;
			else if (one) direction = one;
			else if (current) readAttribute(current, value);
		}
	}
	if (media.length === 0) return { wrong: 'no m= line' };
	return { media, ...(version === undefined ? {} : { version }) };
}

function readMediaLine(value: string, direction: Direction, address: string | undefined): MediaLine | undefined {
	const [kind, ports, transport, ...formats] = value.split(/\s+/);
	const port = Number(/^(\d{1,5})(?:\/\d+)?$/.exec(ports ?? '')?.[1]);
	if (!kind || !transport || !(port <= 65_535)) return undefined;
	const payloadTypes = formats.filter((one) => /^\d{1,3}$/.test(one)).map(Number);
	const known = payloadTypes.filter((one) => one in staticEncodings);
	return {
		kind,
		port,
		transport,
		payloadTypes,
		encodings: new Map(
			known.map((one) => [one, staticEncodings[one] as { name: string; rate: number; channels: number }]),
		),
		direction,
		...(address === undefined ? {} : { address }),
	};
}

function readAttribute(media: MediaLine, value: string) {
	const label = /^label:(\S{1,100})$/.exec(value)?.[1];
	if (label) media.label = label;
	const [, type, name, rate, channels] =
		/^rtpmap:(\d{1,3})\s+([A-Za-z0-9._-]{1,40})\/(\d{1,6})(?:\/(\d{1,2}))?/.exec(value) ?? [];
	if (type && name)
		media.encodings.set(Number(type), {
			name: name.toLowerCase(),
			rate: Number(rate),
			channels: Number(channels ?? 1),
		});
}

/** What of an `m=` line we take, with our own port; port 0 takes nothing of it. */
export interface AnswerLine {
	port: number;
	/** The payload types we take, from the offer's. */
	payloadTypes: readonly number[];
	direction: 'recvonly' | 'inactive';
}

/**
 * The answer to a description (RFC 3264, 6): as many `m=` lines in the same order, each receiving only. `id` and `version`
 * are the numbers of our own `o=` line; the version counts up when what is said changes.
 */
export function writeAnswer(
	offer: Description,
	lines: readonly AnswerLine[],
	{ host, id, version }: { host: string; id: number; version: number },
): string {
	const family = isIP(host) === 6 ? 'IP6' : 'IP4';
	const media = offer.media.map((asked, place) => {
		const { port, payloadTypes, direction } = lines[place] ?? { port: 0, payloadTypes: [], direction: 'inactive' };
		// A refused line has to name a format all the same; the first that was offered will do.
		const types = payloadTypes.length > 0 ? payloadTypes : asked.payloadTypes.slice(0, 1);
		const head = `m=${asked.kind} ${port} ${asked.transport} ${types.length > 0 ? types.join(' ') : '0'}`;
		if (port === 0) return [head];
		const named = types.flatMap((type) => {
			const encoding = asked.encodings.get(type);
			return encoding ? [`a=rtpmap:${type} ${written(encoding.name)}/${encoding.rate}`] : [];
		});
		const label = asked.label === undefined ? [] : [`a=label:${asked.label}`];
		return [head, ...named, `a=${direction}`, ...label];
	});
	const head = ['v=0', `o=ycord ${id} ${version} IN ${family} ${host}`, 's=-', `c=IN ${family} ${host}`, 't=0 0'];
	return `${[...head, ...media.flat()].join('\r\n')}\r\n`;
}

/** Names are alike in upper and lower case, and yet some look for them as they are registered. (RFC 4855; RFC 4733, 7.1.1) */
const written = (name: string) => (name === 'telephone-event' ? name : name.toUpperCase());
