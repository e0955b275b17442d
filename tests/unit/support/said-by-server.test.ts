import { expect, test } from 'vitest';
import { ToClient } from '#shared/live.ts';
import { saidByServer } from '#tests/support/said-by-server.ts';

const mustFit = saidByServer(ToClient.anyOf);
const done = { type: 'done', id: 'a', seq: 1 };
const refused = {
	type: 'refused',
	id: 'a',
	refusal: { code: 'note.empty', message: 'The note has no text.', retry: false },
};

test.each([[done], [refused]])('what is in the protocol fits: %j', (message) => {
	expect(() => mustFit(message)).not.toThrow();
});
test.each([
	['a wrong value', { ...done, seq: -1 }, 'done/seq'],
	['a field no schema names', { ...done, result: { secretHash: 'x' } }, 'done/result'],
	['a missing field', { type: 'done', id: 'a' }, 'seq'],
	['an unknown type', { type: 'gossip' }, 'gossip'],
	['an unknown refusal', { ...refused, refusal: { ...refused.refusal, code: 'no.such' } }, 'no.such'],
])('%s is found and named', (_, message, place) => {
	expect(() => mustFit(message)).toThrow(place);
});
