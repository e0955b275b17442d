import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decodeSound, frameMs, frameSamples, type SoundMessage } from '#shared/audio.ts';
import { barChart } from '#tests/bench/chart.ts';
import { measureFanout } from '#tests/bench/fanout.ts';
import { measureIngest } from '#tests/bench/ingest.ts';
import { ingestWires } from '#tests/bench/ingest-wires.ts';
import { ladder, mostThatHolds } from '#tests/bench/most-listeners.ts';
import { rawSocket } from '#tests/bench/raw-socket.ts';
import { cServer, NotHere } from '#tests/bench/relay-servers.ts';
import { spawned } from '#tests/support/spawned.ts';

const program = fileURLToPath(new URL('../bench/bench.ts', import.meta.url));
const bench = (...args: string[]) => spawned([program, ...args], { PATH: process.env.PATH ?? '' }).ended;

test('the list names each benchmark in a line', async () => {
	const { code, out } = await bench('--list');
	expect(code).toBe(0);
	expect(out).toMatch(
		/^fanout +\S.*\(loads: 50x10, 150x2, 5x200\)\ningest +\S.*\(loads: twilio, audiofork, telnyx, plivo, audiohook, vonage, asterisk, siprec, rtpengine\)\njournal +\S.*\nnotes +\S.*\nviews +\S.*\nsurvey +\S.*\near +\S.*\(loads: stalls, 30min\)\nmemory +\S.*\(loads: fast, hour\)\n$/,
	);
});
test.each([
	[['fanuot'], 'there is no benchmark "fanuot"; there are: fanout, ingest, journal, notes, views, survey, ear, memory'],
	[['--quik'], "Unknown option '--quik'"],
	[['fanout', '--load', '0x5'], '--load 0x5: fanout takes 50x10, 150x2, 5x200'],
	[['journal', '--load', '2x2'], 'journal has no loads to choose from'],
	[['--load', '2x2'], '--load goes with the name of one benchmark'],
	[['--seed', 'x'], '--seed takes a whole number'],
])('a wrong argument is named: %j', async (args, text) => {
	const { code, out, err } = await bench(...args);
	expect([code, out]).toEqual([2, '']);
	expect(err).toContain(text);
});
test('fanout: the whole house and the plain relay, in processes of their own, deliver what is asked of them', async () => {
	const { metrics } = await measureFanout({
		loads: ['2x2'],
		pace: { rounds: 1, warmUps: 0, warmUpMs: 200, windowMs: 500, growTo: 0, tries: 1, maxTrials: 0, repeats: 1 },
		sides: ['ycord', 'ws'],
		seed: 1,
		say: () => {},
		signal: AbortSignal.timeout(60_000),
	});
	const names = metrics.map(({ name }) => name);
	for (const name of ['frames_per_s', 'cpu_us_per_leg_frame', 'ratio_vs_ws', 'p50_ms', 'p99_ms', 'lost', 'ws_lost'])
		expect(names).toContain(`${name}_2x2`);
	for (const metric of metrics)
		expect(metric).toEqual(
			expect.objectContaining({
				name: expect.stringMatching(/^[a-z0-9_]+_2x2$/),
				value: expect.any(Number),
				unit: expect.stringMatching(/./),
				higherIsBetter: expect.any(Boolean),
			}),
		);
	expect(metrics.every(({ value }) => Number.isFinite(value))).toBe(true);
}, 90_000);
test.each(ingestWires.map(({ name }) => name))(
	'ingest: %s takes calls in its own process, beside a bare reader of the same wire',
	async (wire) => {
		const { metrics } = await measureIngest({
			loads: [wire],
			pace: { calls: 5, rounds: 1, warmUps: 0, warmUpMs: 100, windowMs: 300, growTo: 0, maxTrials: 0 },
			say: () => {},
			signal: AbortSignal.timeout(60_000),
		});
		for (const name of ['cpu_us_per_call_s', 'bare_cpu_us_per_call_s', 'ratio_vs_bare', 'lost']) {
			const metric = metrics.find((one) => one.name === `${name}_${wire}`);
			expect(metric?.value).toBeGreaterThanOrEqual(0);
			expect(metric?.unit).toMatch(/./);
		}
	},
	70_000,
);
test.each(['journal', 'views'])(
	'%s: the JSON is one object on stdout and nothing else',
	async (of) => {
		const { code, out } = await bench(of, '--quick', '--json');
		expect(code).toBe(0);
		const { name, metrics, ...rest } = JSON.parse(out);
		expect([name, rest]).toEqual([of, {}]);
		for (const metric of metrics) expect(Object.keys(metric)).toEqual(['name', 'value', 'unit', 'higherIsBetter']);
	},
	60_000,
);

test.each([0, 1, 5, 17, 50, 113, 300])('the most that holds is found from any side: %i', async (most) => {
	const counts = ladder(50, 300);
	const tried: number[] = [];
	const found = await mostThatHolds(counts, 50, 16, async (count) => {
		tried.push(count);
		return count <= most;
	});
	expect(found).toBe(counts.findLast((count) => count <= most) ?? 0);
	expect(tried.length).toBeLessThanOrEqual(16);
});
test('a chart has a bar for each figure, and says nothing in markup of its own', () => {
	const bars = [{ label: 'ours & <theirs>', value: 2, range: [1, 3] as const, isOurs: true }];
	const chart = barChart('a title', [
		{ title: 'a group', unit: 'µs', bars },
		{ title: 'an empty one', unit: 'ms', bars: [] },
	]);
	expect(chart.match(/<rect class="ours"/g)).toHaveLength(1);
	expect(chart).toContain('ours &amp; &lt;theirs&gt;');
	expect(chart).not.toContain('an empty one');
	expect(chart).toContain('prefers-color-scheme: dark');
});
test('the relay in C sends both legs of a call in one message of ours, where it can be compiled [A1] [A2]', async () => {
	const signal = AbortSignal.timeout(30_000);
	const relay = await cServer({ core: undefined, signal }).catch((error: unknown) => error);
	if (relay instanceof NotHere) return;
	if (relay instanceof Error) throw relay;
	const server = relay as Awaited<ReturnType<typeof cServer>>;
	try {
		const both = Promise.withResolvers<SoundMessage>();
		const gone = (why: string) => both.reject(new Error(why));
		const { port, door } = server;
		const call = await rawSocket({ port, path: door.path, headers: {}, heard: () => {}, gone });
		await rawSocket({
			port,
			path: '/listen/CA1',
			headers: {},
			heard(_, bytes, at, size) {
				const message = decodeSound(new Uint8Array(bytes.subarray(at, at + size)));
				if (typeof message === 'string') return gone(message);
				// The first leaves alone: that there is another leg is not known yet.
				if (message.parts.customer && message.parts.agent) both.resolve(message);
			},
			gone,
		});
		call.send('{"event":"start","start":{"callSid":"CA1"}}');
		const legs = { customer: randomBytes(frameSamples), agent: randomBytes(frameSamples) };
		// However far apart their first ones come, these are enough to overlap.
		for (let timestamp = 0; timestamp < 50 * frameMs; timestamp += frameMs)
			for (const [track, payload] of [['inbound', legs.customer] as const, ['outbound', legs.agent] as const])
				call.send(
					`{"event":"media","media":{"track":"${track}","timestamp":"${timestamp}","payload":"${payload.toString('base64')}"}}`,
				);
		const { codec, frames, parts } = await both.promise;
		expect([codec, frames]).toEqual(['pcmu', 1]);
		expect(parts).toEqual({ customer: new Uint8Array(legs.customer), agent: new Uint8Array(legs.agent) });
	} finally {
		await server.stop();
	}
});
