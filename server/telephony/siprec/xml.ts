/** An element as far as metadata needs it: names without their namespace's prefix, text with its entities resolved. */
export interface XmlElement {
	name: string;
	attributes: ReadonlyMap<string, string>;
	children: XmlElement[];
	/** Its own text, trimmed. */
	text: string;
}

export const maxXmlChars = 65_536;
const maxElements = 5000;
const maxDepth = 50;

/**
 * Reads a document nobody vouches for: tolerant of namespaces, missing ends and what it does not know; no document types, no
 * entities but the five of XML and numbers, and never more work than its length. Undefined if there is no element in it.
 */
export function readXml(text: string): XmlElement | undefined {
	if (text.length > maxXmlChars || /<!DOCTYPE|<!ENTITY/i.test(text)) return undefined;
	const root: XmlElement = { name: '', attributes: new Map(), children: [], text: '' };
	const open = [root];
	let elements = 0;
	for (let from = 0; from < text.length; ) {
		const start = text.indexOf('<', from);
		const innermost = open.at(-1) as XmlElement;
		innermost.text += resolved(text.slice(from, start < 0 ? text.length : start));
		if (start < 0) break;
		const [isSkipped, ending] = endingOf(text, start);
		const end = text.indexOf(ending, start);
		if (end < 0) break;
		const inside = text.slice(start + 1, end);
		from = end + ending.length;
		if (text.startsWith('<![CDATA[', start)) innermost.text += text.slice(start + 9, end);
		if (isSkipped) continue;
		if (inside.startsWith('/')) {
			close(open, localName(inside.slice(1).trim()));
			continue;
		}
		if (++elements > maxElements || open.length > maxDepth) return undefined;
		const element = elementOf(inside.replace(/\/$/, ''));
		innermost.children.push(element);
		if (!inside.endsWith('/')) open.push(element);
	}
	return root.children[0] && { ...root.children[0], text: root.children[0].text.trim() };
}

/** What is skipped whole, and where what begins here ends. */
function endingOf(text: string, start: number): [isSkipped: boolean, ending: string] {
	if (text.startsWith('<!--', start)) return [true, '-->'];
	if (text.startsWith('<![CDATA[', start)) return [true, ']]>'];
	if (text.startsWith('<?', start)) return [true, '?>'];
	if (text.startsWith('<!', start)) return [true, '>'];
	return [false, '>'];
}

/** Closes the innermost element of this name, and what was left open in it. An end without a beginning is nothing. */
function close(open: XmlElement[], name: string) {
	const place = open.findLastIndex((one) => one.name === name);
	if (place > 0) open.length = place;
}

function elementOf(inside: string): XmlElement {
	const name = /^[^\s/]+/.exec(inside)?.[0] ?? '';
	const attributes = new Map<string, string>();
	// A name begins behind a space or a quote only: looked for at every letter, a long one would be read 200 times.
	for (const [, key, double, single] of inside.matchAll(
		/(?<![^\s"'])([^\s=/"']{1,200})\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
	))
		attributes.set(localName(key as string), resolved(double ?? single ?? ''));
	return { name: localName(name), attributes, children: [], text: '' };
}

const localName = (name: string) => name.slice(name.lastIndexOf(':') + 1);

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const resolved = (text: string) =>
	text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi, (whole, hex, decimal, name) => {
		if (name) return entities[name] ?? whole;
		const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
		return code <= 0x10_ffff ? String.fromCodePoint(code) : '';
	});

/** All elements of this name, wherever they are, in the order of the document. */
export function allOf(element: XmlElement, name: string): XmlElement[] {
	const found: XmlElement[] = [];
	const look = (one: XmlElement) => {
		if (one.name === name) found.push(one);
		one.children.forEach(look);
	};
	look(element);
	return found;
}
