import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answerWithinMs, ng, sentAgainMs } from '#server/telephony/rtpengine/ng.ts';
import { handClock } from '#tests/support/clock.ts';

/** What stands where rtpengine would: the test answers by hand. */
async function asking() {
	const engine: Socket = createSocket('udp4').bind(0, '127.0.0.1');
	await once(engine, 'listening');
	const clock = handClock();
	const asked = ng({ host: '127.0.0.1', port: engine.address().port }, clock);
	onTestFinished(() => {
		asked.close();
		engine.close();
	});
	return {
		asked,
		clock,
		/** The next datagram: its cookie, what it says, and how to answer it. */
		async next() {
			const [bytes, from] = (await once(engine, 'message')) as [Buffer, { port: number; address: string }];
			const [cookie = '', said = ''] = bytes.toString().split(/ (.*)/s);
			const raw = (text: string) => engine.send(text, from.port, from.address);
			return { cookie, said, raw, answer: (text: string) => raw(`${cookie} ${text}`) };
		},
	};
}

describe('a request to rtpengine', () => {
	test('has a cookie of its own, and is answered by it', async () => {
		const { asked, next } = await asking();
		const came = next();
		const one = asked.ask({ command: 'ping' });
		const { said, cookie, answer } = await came;
		expect(said).toBe('d7:command4:pinge');
		expect(cookie).toMatch(/^[0-9a-f]{16}$/);
		answer('d6:result4:ponge');
		expect({ ...(await one) }).toEqual({ result: 'pong' });
	});

	test('is sent again as it was, until it is answered', async () => {
		const { asked, clock, next } = await asking();
		const first = next();
		const one = asked.ask({ command: 'ping' });
		const { cookie } = await first;
		for (const [place, ms] of sentAgainMs.entries()) {
			const again = next();
			clock.advance(ms - (sentAgainMs[place - 1] ?? 0));
			expect((await again).cookie).toBe(cookie);
		}
		const last = next();
		const other = asked.ask({ command: 'ping' });
		const { cookie: another, raw } = await last;
		expect(another).not.toBe(cookie);
		raw(`${cookie} d6:result4:ponge`);
		await one;
		raw(`${another} d6:result4:ponge`);
		await other;
		expect(clock.alarms).toBe(0);
	});

	test('that is never answered was perhaps done: unreachable', async () => {
		const { asked, clock } = await asking();
		const one = asked.ask({ command: 'ping' });
		clock.advance(answerWithinMs);
		await expect(one).rejects.toMatchObject({ code: 'platform.unreachable' });
		expect(clock.alarms).toBe(0);
	});

	test('does not take junk, or an answer to something else, for its answer', async () => {
		const { asked, next } = await asking();
		const came = next();
		const one = asked.ask({ command: 'ping' });
		const { raw, answer } = await came;
		for (const junk of ['', ' ', 'x', '0123456789abcdef d6:result4:ponge', ' d6:result4:ponge']) raw(junk);
		for (const junk of ['', 'd6:result', '4:pong', 'le', 'i1e']) answer(junk);
		answer('d6:result2:ok2:at5:righte');
		expect(await one).toMatchObject({ at: 'right' });
	});

	test.each([
		['15:Unknown call-id', 'platform.call-over'],
		['15:Unknown call-ID', 'platform.call-over'],
		['22:Incomplete SDP of +155', 'platform.refused'],
	])('that is answered with the error %s is %s, and says nothing of its text', async (text, code) => {
		const { asked, next } = await asking();
		const came = next();
		const one = asked.ask({ command: 'query', 'call-id': 'x' });
		(await came).answer(`d6:result5:error12:error-reason${text}e`);
		const error = await one.catch((no) => no);
		expect(error).toMatchObject({ code });
		expect(error.message).not.toContain('155');
	});

	test('is over when the server goes away', async () => {
		const { asked } = await asking();
		const one = asked.ask({ command: 'ping' });
		asked.close();
		await expect(one).rejects.toMatchObject({ code: 'platform.unreachable' });
		await expect(asked.ask({ command: 'ping' })).rejects.toMatchObject({ code: 'platform.unreachable' });
	});
});
