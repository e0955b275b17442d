import type { News } from '#client/live/news.ts';

/** What a terminal would take as an order or show in another order: control characters, and those that turn text round. */
const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/** A text on one line, without anything that a terminal obeys. */
export const printable = (text: string) => text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ⏎ ').replace(unprintable, '�');

/** JSON that a terminal shows as it is: what is left of control characters is escaped. */
export const printableJson = (value: unknown) =>
	JSON.stringify(value).replace(unprintable, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

const callWords = {
	live: 'the call is on',
	held: 'the call is on hold',
	lost: 'the call was lost',
	ended: 'the call has ended',
	protected: 'the call is protected: nobody hears it',
	erased: 'what was personal in this call has been erased',
} as const;

const listenerWords = {
	invited: 'is invited',
	declined: 'has declined',
	withdrawn: 'is not invited any more',
	admitted: 'has come in',
	listening: 'is listening',
	left: 'has left',
	removed: 'was sent out',
} as const;

/** One thing that happened, on one line: call clock, lane, kind, who, what. */
export function tailLine(news: News): string {
	const line = (lane: string, kind: string, text: string) =>
		printable(`${clockOf(news.atMs)}  ${lane.padEnd(10)}  ${kind.padEnd(11)}  ${text}  [${news.label}]`);
	switch (news.type) {
		case 'call':
			return line('', 'call', callWords[news.at]);
		case 'listener':
			return line('', 'listener', `${news.personName} (${news.role}) ${listenerWords[news.at]}`);
		case 'heard':
			return line(news.lane, news.kind, `${news.by.join(', ')} heard ${news.authorName}: ${news.text}`);
		default:
			return line(news.lane, news.kind, `${news.authorName}${noteWords(news)}: ${news.text}`);
	}
}

function noteWords({
	type,
	replyTo,
	lane,
}: Extract<News, { type: 'note' | 'edited' | 'deleted' | 'widened' }>): string {
	switch (type) {
		case 'note':
			return replyTo === undefined ? '' : ' (answer)';
		case 'widened':
			return ` (now for ${lane})`;
		default:
			return ` (${type})`;
	}
}

/** 0:00, 12:34 or 1:02:03. */
function clockOf(ms: number): string {
	const seconds = Math.floor(ms / 1000);
	const two = (n: number) => String(n).padStart(2, '0');
	const hours = Math.floor(seconds / 3600);
	const minutes = Math.floor(seconds / 60) % 60;
	return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}
