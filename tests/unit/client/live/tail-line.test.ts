import { describe, expect, test } from 'vitest';
import type { News } from '#client/live/news.ts';
import { printable, printableJson, tailLine } from '#client/live/tail-line.ts';

const place = { callId: 'test-1', label: 'Order 12' };
const note = { noteId: 'n', kind: 'pinhole', lane: 'team', authorName: 'Eve', text: 'It is cut off.' } as const;

describe('a line of tail', () => {
	test.each<[News, string]>([
		[{ ...place, atMs: 0, type: 'call', at: 'live' }, '00:00              call         the call is on  [Order 12]'],
		[
			{ ...place, atMs: 61_000, type: 'listener', at: 'listening', personName: 'Eve', role: 'executive' },
			'01:01              listener     Eve (executive) is listening  [Order 12]',
		],
		[
			{ ...place, atMs: 3_723_000, type: 'note', ...note },
			'1:02:03  team        pinhole      Eve: It is cut off.  [Order 12]',
		],
		[
			{ ...place, atMs: 5_999, type: 'note', ...note, replyTo: 'm' },
			'00:05  team        pinhole      Eve (answer): It is cut off.  [Order 12]',
		],
		[
			{ ...place, atMs: 0, type: 'widened', ...note },
			'00:00  team        pinhole      Eve (now for team): It is cut off.  [Order 12]',
		],
		[
			{ ...place, atMs: 0, type: 'heard', by: ['Ann', 'Sue'], ...note },
			'00:00  team        pinhole      Ann, Sue heard Eve: It is cut off.  [Order 12]',
		],
	])('%j', (news, line) => {
		expect(tailLine(news)).toBe(line);
	});

	const orders = '\u001b]0;owned\u0007 \u009b31m \u007f \r\n\u202etfel\u202c \u2028 \u0000';
	const obeyed = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u;

	test('holds nothing that a terminal obeys, whoever wrote it: in a text, a name, a label', () => {
		expect(printable(orders)).not.toMatch(obeyed);
		const news: News = { ...place, label: orders, atMs: 0, type: 'note', ...note, authorName: orders, text: orders };
		expect(tailLine(news)).not.toMatch(obeyed);
		expect(printable('one\r\n\r\n  two')).toBe('one ⏎ two');
	});

	test('as JSON neither, and is read back as it was written', () => {
		const json = printableJson({ text: orders });
		expect(json).not.toMatch(obeyed);
		expect(JSON.parse(json)).toEqual({ text: orders });
	});
});
