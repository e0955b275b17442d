import { expect, onTestFinished, test } from 'vitest';
import { machineClock } from '#server/clock.ts';
import { ng } from '#server/telephony/rtpengine/ng.ts';
import { rtpenginePath } from '#server/telephony/rtpengine/rtpengine.ts';
import { baresip } from '#tests/support/baresip.ts';
import { realRtpengine } from '#tests/support/real-rtpengine.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { rtpSender } from '#tests/support/rtp-sender.ts';
import { rtpengineDoor } from '#tests/support/rtpengine-door.ts';
import { tone, toneSamples } from '#tests/support/tone.ts';
import { wavFile } from '#tests/support/wav.ts';

test('what a softphone says through rtpengine is heard, byte for byte and in real time, till it hangs up', async () => {
	const engine = await realRtpengine();
	onTestFinished(() => engine.kill());
	const intake = recordingIntake();
	const clock = machineClock();
	const door = await rtpengineDoor({ intake, clock }, { engines: [engine.ng], keys: ['k'], agentId: 'ann' });
	onTestFinished(() => door.close());
	const control = ng(engine.ng, clock);
	onTestFinished(() => control.close());
	const agent = await rtpSender(engine.ng.host, 7);
	onTestFinished(() => agent.close());

	const phone = await baresip(wavFile({ channels: [toneSamples(440, 30_000)] }));
	// As a proxy does it: rtpengine stands between the two, and its own description goes to each.
	const call = { 'call-id': phone.callId, 'from-tag': phone.fromTag };
	const offer = await control.ask({ command: 'offer', ...call, sdp: phone.sdp });
	agent.to(Number(/^m=audio (\d+)/m.exec(String(offer.sdp))?.[1]));
	const own = String(offer.sdp).replace(/^m=audio \d+/m, `m=audio ${agent.port}`);
	const answer = await control.ask({ command: 'answer', ...call, 'to-tag': 'agent', sdp: own });
	phone.answer(String(answer.sdp));
	const headers = { authorization: `Basic ${Buffer.from('proxy:k').toString('base64')}` };
	const announced = await fetch(`${door.address}${rtpenginePath}`, {
		method: 'POST',
		headers: { ...headers, 'content-type': 'application/json' },
		body: JSON.stringify({ callId: phone.callId, customerTag: phone.fromTag, agentTag: 'agent' }),
	});
	expect(announced.status).toBe(201);

	const [heard] = intake.calls;
	if (!heard) throw new Error('no call came');
	await intake.when(() => heard.pieces.length >= 100);
	// A tone of 440 Hz is the same again every 200 samples: whichever it began with, a second of it is in a second and a period.
	const customer = Buffer.from(heard.heard('customer'));
	const said = Buffer.from(tone(440, 2000));
	expect(said.indexOf(customer.subarray(800, 8800))).toBeGreaterThanOrEqual(0);

	await phone.hangUp();
	const ended = await fetch(`${door.address}${rtpenginePath}?callId=${phone.callId}`, { method: 'DELETE', headers });
	expect(ended.status).toBe(204);
	expect(heard.told).toEqual(['ended hung-up']);
});
