import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { firstSweepAfterMs, sweepEveryMs } from '#server/policy/retention.ts';
import { handClock } from '#tests/support/clock.ts';
import { openHouse } from '#tests/support/house.ts';
import { shown } from '#tests/support/sitting-in.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { startCall } from '#tests/support/test-call.ts';

const dayMs = 24 * 60 * 60_000;

test('a call is erased when its time by the policy is over, also after a restart; another is kept [L3] [C4]', async () => {
	const folder = await temporaryFolder();
	onTestFinished(() => folder.remove());
	const policy = join(folder.path, 'policy.json');
	writeFileSync(policy, JSON.stringify({ rules: [{ name: 'short', when: { queue: 'Payments' }, retentionDays: 2 }] }));
	const clock = handClock();
	const data = join(folder.path, 'data');
	mkdirSync(data);
	const open = () => openHouse({ YCORD_POLICY: policy }, { clock, data });
	const app = await open();
	const calls = [];
	for (const queue of ['Payments', 'Orders']) {
		const call = await startCall(app, { about: { queue }, label: `A call of ${queue}` });
		call.ended('hung-up');
		await shown(app, () => app.sessions.get(call.callId)?.call.at === 'ended');
		calls.push(call.callId);
	}
	const [payments, orders] = calls as [string, string];
	const isErased = (of: typeof app, callId: string) => of.sessions.get(callId)?.call.erased === true;
	clock.advance(2 * dayMs - sweepEveryMs);
	await app.search.caughtUp();
	expect([payments, orders].map((callId) => isErased(app, callId))).toEqual([false, false]);
	await app.close();

	const again = await open();
	clock.advance(2 * sweepEveryMs - firstSweepAfterMs);
	await again.search.caughtUp();
	// The first sweep was before it was due or after: the next one is in an hour.
	clock.advance(sweepEveryMs);
	await shown(again, () => isErased(again, payments));
	expect(isErased(again, orders)).toBe(false);
	await expect.poll(() => again.log()).toContain('its time by the policy is over');
	expect(again.log()).not.toContain('A call of');
});
