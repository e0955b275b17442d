/** What SIP messages have in common. Header names are in lower case and in their long form; each line is an entry of its own. */
interface SipParts {
	headers: Map<string, string[]>;
	body: Buffer;
}
export interface SipRequest extends SipParts {
	method: string;
	uri: string;
}
export interface SipResponse extends SipParts {
	status: number;
	reason: string;
}
export type SipMessage = SipRequest | SipResponse;
export const isRequest = (message: SipMessage): message is SipRequest => 'method' in message;

/** A message with all its headers and its body. A recorder's metadata makes INVITEs of 3 to 6 kB. */
export const maxMessageBytes = 65_536;
const maxHeaderLines = 200;

/** RFC 3261, 7.3.3 and 20; RFC 4028 for `x`. */
const longForms: Readonly<Record<string, string>> = {
	c: 'content-type',
	e: 'content-encoding',
	f: 'from',
	i: 'call-id',
	k: 'supported',
	l: 'content-length',
	m: 'contact',
	s: 'subject',
	t: 'to',
	v: 'via',
	x: 'session-expires',
};
/** Headers of which several may stand in one line, parted by commas, and of which we need each. */
const lists = new Set(['via', 'record-route', 'require', 'supported']);

/** Reads what stands before the body (RFC 3261, 7). A text says what is wrong. */
export function readHead(text: string): { head: SipMessage } | { wrong: string } {
	const [first = '', ...rest] = text.replace(/\r\n[ \t]+/g, ' ').split('\r\n', maxHeaderLines + 2);
	if (rest.length > maxHeaderLines) return { wrong: `more than ${maxHeaderLines} header lines` };
	const headers = new Map<string, string[]>();
	for (const line of rest) {
		const [, given, value] = /^([A-Za-z0-9.!%*_+`'~-]{1,60})[ \t]*:[ \t]*(.*)$/.exec(line) ?? [];
		if (given === undefined || value === undefined) return { wrong: 'a header line without a name' };
		const name = longForms[given.toLowerCase()] ?? given.toLowerCase();
		const values = lists.has(name) ? atCommas(value) : [value.trim()];
		headers.set(name, [...(headers.get(name) ?? []), ...values]);
	}
	const body = Buffer.alloc(0);
	const [, method, uri] = /^([A-Za-z]{1,20}) (\S{1,2000}) SIP\/2\.0$/.exec(first) ?? [];
	if (method && uri) return { head: { method: method.toUpperCase(), uri, headers, body } };
	const [, status, reason] = /^SIP\/2\.0 ([1-6]\d\d) ?(.*)$/.exec(first) ?? [];
	if (status) return { head: { status: Number(status), reason: reason ?? '', headers, body } };
	return { wrong: 'a first line that is not of SIP/2.0' };
}

/** Parts a header at commas that are neither within quotes nor within angle brackets. */
function atCommas(value: string): string[] {
	const parts: string[] = [];
	let [from, isQuoted, isBracketed] = [0, false, false];
	for (let place = 0; place < value.length; place++) {
		const one = value[place];
		if (one === '\\' && isQuoted) place++;
		else if (one === '"') isQuoted = !isQuoted;
		else if (one === '<' && !isQuoted) isBracketed = true;
		else if (one === '>' && !isQuoted) isBracketed = false;
		else if (one === ',' && !isQuoted && !isBracketed) {
			parts.push(value.slice(from, place).trim());
			from = place + 1;
		}
	}
	parts.push(value.slice(from).trim());
	return parts.filter((part) => part !== '');
}

/** A message of one datagram; what is behind the stated length is not part of it (RFC 3261, 18.3). */
export function readDatagram(bytes: Buffer): { message: SipMessage } | { wrong: string } {
	const end = bytes.indexOf('\r\n\r\n');
	if (end < 0) return { wrong: 'no empty line behind the headers' };
	const read = readHead(bytes.toString('utf8', 0, end));
	if ('wrong' in read) return read;
	const body = bytes.subarray(end + 4);
	const length = contentLength(read.head) ?? body.length;
	if (Number.isNaN(length) || length > body.length) return { wrong: 'a body shorter than its Content-Length' };
	return { message: { ...read.head, body: body.subarray(0, length) } };
}

/** Undefined if it is not given, NaN if it is no length. */
export function contentLength({ headers }: SipMessage): number | undefined {
	const given = headers.get('content-length')?.[0];
	if (given === undefined) return undefined;
	return /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
}

export const headerOf = ({ headers }: SipMessage, name: string): string | undefined => headers.get(name)?.[0];

/** A parameter behind a header's value, such as `tag` or `branch`, in its own quotes or none. */
export function parameterOf(value: string, name: string): string | undefined {
	// What stands in angle brackets is an address, and its parameters are the address's.
	const behind = value.slice(value.lastIndexOf('>') + 1);
	const found = new RegExp(`;\\s*${name}\\s*(?:=\\s*(?:"([^"]*)"|([^;,\\s]*)))?(?=[;,\\s]|$)`, 'i').exec(behind);
	return found ? (found[1] ?? found[2] ?? '') : undefined;
}

/** The address of a name-addr or addr-spec: what stands in angle brackets, or all before the parameters. */
export function addressOf(value: string): string {
	const from = value.indexOf('<');
	const until = value.indexOf('>', from + 1);
	return from >= 0 && until >= 0 ? value.slice(from + 1, until) : (value.split(';', 1)[0] ?? '').trim();
}

/** A method and the number of its request; undefined if the header is none. */
export function cseqOf(message: SipMessage): { number: number; method: string } | undefined {
	const [, number, method] = /^(\d{1,10})\s+([A-Za-z]{1,20})$/.exec(headerOf(message, 'cseq') ?? '') ?? [];
	return number && method ? { number: Number(number), method: method.toUpperCase() } : undefined;
}

/** Headers as they are written; those without a value are left out. */
export type HeaderLines = readonly (readonly [name: string, value: string | undefined])[];

export function writeMessage(first: string, headers: HeaderLines, body = ''): string {
	const lines = headers.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
	return [first, ...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}
