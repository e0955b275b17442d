import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { type RtpPort, rtpPorts } from '#server/telephony/rtp/ports.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';

const host = '127.0.0.1';
const each = 20;

/** Both legs' ports, with so many datagrams of each in the kernel, as after this process was kept from running. */
async function backlog() {
	const ports = rtpPorts({ host, ...(await freeRtpRange(4)) });
	const legs = [await ports.open(), await ports.open()] as [RtpPort, RtpPort];
	const sender = createSocket('udp4').bind(0, host);
	await once(sender, 'listening');
	onTestFinished(() => {
		ports.close();
		sender.close();
	});
	for (const leg of legs)
		for (let number = 0; number < each; number++) sender.send(Buffer.from([number]), leg.port, host);
	return legs;
}

test('what waits at both legs’ ports is heard in turn, each port’s in its order: neither leg seems to run ahead', async () => {
	const legs = await backlog();
	const heard: string[] = [];
	await new Promise<void>((resolve) => {
		for (const [leg, port] of legs.entries())
			port.onRtp(([number]) => {
				if (heard.push(`${leg} ${number}`) === 2 * each) resolve();
			});
	});
	for (const leg of [0, 1])
		expect(heard.filter((one) => one.startsWith(`${leg} `))).toEqual(
			Array.from({ length: each }, (_, number) => `${leg} ${number}`),
		);
	const ahead = heard.map((_, place) =>
		heard.slice(0, place + 1).reduce((sum, one) => sum + (one.startsWith('0') ? 1 : -1), 0),
	);
	expect(Math.max(...ahead.map(Math.abs))).toBeLessThanOrEqual(1);
});

test('a port that is closed meanwhile hears no more', async () => {
	const [one, other] = await backlog();
	let heard = 0;
	one.onRtp(() => {
		heard++;
		one.close();
	});
	let last = -1;
	await new Promise<void>((resolve) => {
		other.onRtp(([number = 0]) => {
			last = number;
			if (last === each - 1) resolve();
		});
	});
	expect([heard, last]).toEqual([1, each - 1]);
});
