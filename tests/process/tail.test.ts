import { fileURLToPath } from 'node:url';
import { v7 as uuidV7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import type { News } from '#client/live/news.ts';
import { openHouse, type TestHouse } from '#tests/support/house.ts';
import { spawned } from '#tests/support/spawned.ts';
import { startCall } from '#tests/support/test-call.ts';

const program = fileURLToPath(new URL('../../client/live/tail.ts', import.meta.url));

function tail(...args: string[]) {
	const running = spawned([program, ...args], {});
	onTestFinished(() => void running.process.kill('SIGKILL'));
	return running;
}
const note = (text: string) =>
	({ type: 'write-note', noteId: uuidV7(), kind: 'pinhole', lane: 'team', text, anchorMs: 12_000 }) as const;

/** A call, and the link that the agent made for the executive. */
async function invited(app: TestHouse, label = 'Order 12') {
	const { callId } = await startCall(app, { label });
	const agent = await app.live('ann');
	const told = await agent.ask(callId, { type: 'invite', listeningId: uuidV7(), executiveId: 'eve' });
	if (told.type !== 'done') throw new Error(JSON.stringify(told));
	return { callId, agent, link: `${app.address()}${told.result?.invitationPath}` };
}
const signInLink = (app: TestHouse, personId: string) => {
	const nowMs = app.clock.now();
	return `${app.address()}/enter/${app.access.mintLink(personId, { nowMs, expiresAtMs: nowMs + 60_000 })}`;
};

test('an invitation’s session is told line by line, over a lost link without gap or repeat; Ctrl-C leaves [N5]', async () => {
	const app = await openHouse();
	const { callId, agent, link } = await invited(app);
	const running = tail(link);
	await running.says('the call is on');
	const first = note('The flat number\nis cut \u001b[31moff\u009b.');
	await agent.ask(callId, first);
	await running.says('cut �[31moff�.');
	await agent.ask(callId, { type: 'edit-note', noteId: first.noteId, kind: 'pinhole', text: 'It is cut off.' });
	await running.says('(edited)');
	for (const client of app.http.websocketServer.clients) client.terminate();
	await running.says('the link is lost');
	const again = await app.live('ann');
	await again.ask(callId, note('Meanwhile'));
	await running.says('the link is back');
	await running.says('Meanwhile');
	await again.ask(callId, { type: 'protect-call' });
	await running.says('the call is protected');
	running.process.kill('SIGINT');
	const { code, out } = await running.ended;
	expect(code).toBe(0);
	expect(out.trimEnd().split('\n')).toEqual([
		expect.stringMatching(/^\d\d:\d\d {14}call {9}the call is on {2}\[Order 12\]$/),
		expect.stringMatching(/^\d\d:\d\d {14}listener {5}Eve Executive \(executive\) has come in {2}\[Order 12\]$/),
		'00:12  team        pinhole      Ann Agent: The flat number ⏎ is cut �[31moff�.  [Order 12]',
		'00:12  team        pinhole      Ann Agent (edited): It is cut off.  [Order 12]',
		'00:12  team        pinhole      Ann Agent: Meanwhile  [Order 12]',
		expect.stringMatching(/the call is protected: nobody hears it/),
	]);
});

test('a supervisor’s link tells all calls of the team, as JSON one line each', async () => {
	const app = await openHouse();
	const one = await invited(app, 'Order 12');
	const running = tail(signInLink(app, 'sue'), '--json');
	await running.says('"Order 12"');
	const two = await invited(app, 'Order 13');
	await two.agent.ask(two.callId, note('of the second\u009b'));
	await one.agent.ask(one.callId, note('of the first'));
	await running.says('of the second');
	await running.says('of the first');
	running.process.kill('SIGTERM');
	const { code, out, err } = await running.ended;
	expect({ code, err }).toEqual({ code: 0, err: '' });
	expect(out).not.toContain('\u009b');
	const news = out
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as News);
	expect(news.filter(({ type }) => type === 'call').map(({ label }) => label)).toEqual(['Order 12', 'Order 13']);
	expect(news.filter(({ type }) => type === 'note').map((one) => 'text' in one && [one.label, one.text])).toEqual(
		expect.arrayContaining([
			['Order 12', 'of the first'],
			['Order 13', 'of the second\u009b'],
		]),
	);
});

test('who is refused is told so in one line and a code: a link that is not valid, no link of ours, no link at all', async () => {
	const app = await openHouse();
	expect(await tail(`${app.address()}/enter/${'x'.repeat(43)}`).ended).toMatchObject({
		code: 1,
		out: '',
		err: expect.stringMatching(/^tail: .*not valid.*\n$/),
	});
	expect(await tail(`${app.address()}/board`).ended).toMatchObject({
		code: 1,
		err: expect.stringMatching(/^tail: .*\n$/),
	});
	expect(await tail('nonsense').ended).toMatchObject({ code: 1, err: expect.stringMatching(/^tail: .*\n$/) });
	expect(await tail().ended).toMatchObject({ code: 2, err: expect.stringContaining('Usage: npm run tail -- <link>') });
});
