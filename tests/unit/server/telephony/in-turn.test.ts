import { expect, test } from 'vitest';
import { inTurn } from '#server/telephony/in-turn.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what one brings as a whole before another is heard one by one, each in its order, with what was kept of it', async () => {
	const heard: string[] = [];
	const taking = inTurn();
	const scratch = [''];
	const [one, other] = ['customer', 'agent'].map((leg) =>
		taking(
			([text]: string[]) => heard.push(`${leg} ${text}`),
			(given) => [...given],
		),
	) as [(given: string[]) => void, (given: string[]) => void];
	for (const [take, count] of [
		[one, 4],
		[other, 3],
	] as const)
		for (let n = 1; n <= count; n++) {
			// The same array each time, as a socket's reader has.
			scratch[0] = String(n);
			take(scratch);
		}
	expect(heard).toEqual(['customer 1', 'agent 1']);
	await turn();
	expect(heard.slice(2)).toEqual(['customer 2', 'agent 2', 'customer 3', 'agent 3', 'customer 4']);
	one(['5']);
	expect(heard.at(-1)).toBe('customer 5');
});
