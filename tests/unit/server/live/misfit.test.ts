import { describe, expect, test } from 'vitest';
import { misfit } from '#server/live/misfit.ts';

const id = '00000000-0000-4000-8000-000000000001';
const ask = (command: unknown) => ({ type: 'ask', id, callId: 'test-1', command });

describe('where a message does not fit [W8]', () => {
	test.each([
		[{ type: 'ping', at: 'noon' }, 'ping/at'],
		[{ type: 'unwatch' }, 'unwatch without watch'],
		[{ type: 'watch', watch: 'a', view: 'mine', after: -1 }, 'watch/after'],
		[{ type: 'watch', watch: 'a', view: 'nothing' }, 'watch'],
		[{ type: 'watch', watch: 'a', view: 'session' }, 'watch without callId'],
		[{ ...ask({}), id: 'x' }, 'ask/id'],
		[ask('protect-call'), 'ask/command'],
		[ask({ type: 'constructor' }), 'ask/command'],
		[ask({ type: 'invite', listeningId: 'x', executiveId: 'eve' }), 'ask/command/listeningId'],
		[ask({ type: 'protect-call', loudly: true }), 'ask/command/loudly'],
	])('%j', (message, where) => expect(misfit(message)).toBe(where));

	test('a message of very many fields is not looked through', () => {
		const fields = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`field${n}`, n]));
		expect(misfit({ type: 'ping', ...fields })).toBe('ping');
		expect(misfit(ask({ type: 'write-note', ...fields }))).toBe('ask/command');
	});
});
