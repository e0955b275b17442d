/** A TwiML element as Twilio would read it. */
export interface Verb {
	name: string;
	attributes: Readonly<Record<string, string>>;
	children: Verb[];
	text: string;
}

/** The elements a test's platform knows, with where they may stand and the attributes they may have, as documented. */
const grammar: Readonly<Record<string, { in: string; attributes: readonly string[] }>> = {
	Connect: { in: 'Response', attributes: ['action', 'method'] },
	Stream: { in: 'Connect', attributes: ['url', 'name', 'statusCallback', 'statusCallbackMethod'] },
	Parameter: { in: 'Stream', attributes: ['name', 'value'] },
	Dial: {
		in: 'Response',
		attributes: ['action', 'method', 'timeout', 'hangupOnStar', 'timeLimit', 'callerId', 'record'],
	},
	Conference: {
		in: 'Dial',
		attributes: ['muted', 'beep', 'startConferenceOnEnter', 'endConferenceOnExit', 'waitUrl', 'waitMethod', 'coach'],
	},
	Enqueue: { in: 'Response', attributes: ['action', 'method', 'waitUrl', 'waitUrlMethod', 'workflowSid'] },
	Say: { in: 'Response', attributes: ['voice', 'language', 'loop'] },
	Hangup: { in: 'Response', attributes: [] },
};
const maxLength = 4000;

/** Reads a document given to a live call, or says what Twilio would not take. (www.twilio.com/docs/voice/twiml) */
export function readTwiml(text: string): Verb[] {
	if (text.length > maxLength) throw new Error(`${text.length} characters of TwiML, and ${maxLength} are accepted`);
	const root: Verb = { name: '', attributes: {}, children: [], text: '' };
	const open = [root];
	let at = 0;
	const token = /<(\/?)(\w+)((?:\s+[\w.]+="[^"<]*")*)\s*(\/?)>|([^<>]+)/y;
	for (; at < text.length; at = token.lastIndex) {
		token.lastIndex = at;
		const found = token.exec(text);
		const inside = open.at(-1) as Verb;
		if (!found) throw new Error(`not XML from ${at} on`);
		const [, closes, name = '', given = '', closed, words] = found;
		if (words !== undefined) inside.text += unescaped(words);
		else if (closes) {
			if (inside.name !== name) throw new Error(`</${name}> closes <${inside.name}>`);
			open.pop();
		} else {
			const verb: Verb = { name, attributes: attributesOf(given), children: [], text: '' };
			check(verb, inside);
			inside.children.push(verb);
			if (!closed) open.push(verb);
		}
	}
	const [response, ...more] = root.children;
	if (open.length > 1 || response?.name !== 'Response' || more.length > 0) throw new Error('not one <Response>');
	return response.children;
}

function check({ name, attributes }: Verb, inside: Verb) {
	if (name === 'Response' && inside.name === '') return;
	const rule = grammar[name];
	if (rule?.in !== inside.name) throw new Error(`<${name}> in <${inside.name}>`);
	for (const one of Object.keys(attributes))
		if (!rule.attributes.includes(one)) throw new Error(`<${name}> has no attribute ${one}`);
	if (name === 'Stream') mustBeStreamUrl(attributes.url ?? '');
	const { name: called = '', value = '' } = attributes;
	if (name === 'Parameter' && called.length + value.length > 500) throw new Error('<Parameter> over 500 characters');
}

/** `wss` only, and no query: it can break the handshake (error 31920). */
export function mustBeStreamUrl(text: string): void {
	if (!URL.canParse(text)) throw new Error('a stream url that is not absolute');
	const { protocol, search } = new URL(text);
	if (protocol !== 'wss:' || search !== '') throw new Error('a stream url that is not wss without a query');
}

const attributesOf = (text: string) =>
	Object.fromEntries(
		[...text.matchAll(/([\w.]+)="([^"]*)"/g)].map(([, name, value]) => [name, unescaped(value ?? '')]),
	);

function unescaped(text: string): string {
	return text.replace(/&(?:#(\d+)|(\w+));|&/g, (_all, number, name) => {
		const character = number ? String.fromCodePoint(Number(number)) : named[name];
		if (character === undefined) throw new Error('an & that is not escaped');
		return character;
	});
}
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
