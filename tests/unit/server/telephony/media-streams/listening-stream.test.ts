import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ListeningStreamNeeds, listeningStream } from '#server/telephony/media-streams/listening-stream.ts';
import { twilioDialect } from '#server/telephony/twilio/dialect.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { fakeSocket } from '#tests/support/fake-socket.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { seedFor } from '#tests/support/seed.ts';

const connected = { event: 'connected', protocol: 'Call', version: '1.0.0' };
const start = (parameters: Record<string, string> = { agent: 'ann' }, change: object = {}) => ({
	event: 'start',
	sequenceNumber: '1',
	streamSid: 'MZ1',
	start: {
		callSid: 'CA1',
		tracks: ['inbound', 'outbound'],
		mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
		customParameters: parameters,
		...change,
	},
});
const media = (track: string, timestampMs: number, sound: Uint8Array = new Uint8Array(160)) => ({
	event: 'media',
	sequenceNumber: '2',
	streamSid: 'MZ1',
	media: { track, chunk: '1', timestamp: String(timestampMs), payload: Buffer.from(sound).toString('base64') },
});
const stop = { event: 'stop', sequenceNumber: '9', streamSid: 'MZ1', stop: {} };

function streaming(needs: Partial<ListeningStreamNeeds> = {}) {
	const intake = recordingIntake();
	const clock = handClock();
	const socket = fakeSocket();
	const leave = listeningStream(socket.asWebSocket, { dialect: twilioDialect, intake, clock, ...needs });
	const comes = (...messages: (object | string | Uint8Array)[]) => {
		for (const message of messages) socket.comes(message);
	};
	return { intake, clock, socket, leave, comes, code: () => socket.closed?.code };
}

describe('a Twilio stream', () => {
	test('on the customer’s leg has the customer inbound and the agent outbound', () => {
		const { intake, comes } = streaming();
		comes(connected, start(), media('inbound', 0, Uint8Array.of(1)), media('outbound', 0, Uint8Array.of(2)));
		expect(intake.calls[0]?.pieces.map(({ leg, data }) => [leg, data[0]])).toEqual([
			['customer', 1],
			['agent', 2],
		]);
	});

	test('on the agent’s leg has them the other way about', () => {
		const { intake, comes } = streaming();
		comes(connected, start({ agent: 'ann', leg: 'agent' }), media('inbound', 0, Uint8Array.of(1)));
		expect(intake.calls[0]?.pieces.map(({ leg }) => leg)).toEqual(['agent']);
	});

	test('with one track announces one leg', () => {
		const { intake, comes, code } = streaming();
		comes(connected, start({ agent: 'ann' }, { tracks: ['inbound'] }));
		expect(intake.calls[0]?.incoming.legs).toEqual(['customer']);
		comes(media('outbound', 0));
		expect(code()).toBe(closeCodes.malformed.code);
	});

	test('places sound by its timestamp, of any length, in whatever order it comes', () => {
		const { intake, comes } = streaming();
		comes(connected, start(), media('inbound', 65, new Uint8Array(400)), media('inbound', 5, new Uint8Array(7)));
		expect(intake.calls[0]?.pieces.map(({ at, data }) => [at, data.length])).toEqual([
			[520, 400],
			[40, 7],
		]);
	});

	test.each([
		[{ agent: 'ann' }, 'Caller'],
		[{ agent: 'ann', from: '+41 79 123 45 67' }, 'Caller …567'],
		[{ agent: 'ann', from: 'anonymous' }, 'Caller'],
		[{ agent: 'ann', from: '+41791234567', label: 'Returns desk' }, 'Returns desk'],
		[{ agent: 'ann', label: 'Mrs. Miller (079) 123-45-67' }, 'Mrs. Miller (…567'],
		[{ agent: 'ann', label: 'tab\there\u0000' }, 'tab here'],
		[{ agent: 'ann', label: 'x'.repeat(100) }, 'x'.repeat(60)],
	])('with %j is shown as “%s”: never a whole number', (parameters, label) => {
		const { intake, comes } = streaming();
		comes(connected, start(parameters as Record<string, string>));
		expect(intake.calls[0]?.incoming.label).toBe(label);
	});

	test('says what the customer was told, a notice unless it says otherwise [C1]', () => {
		for (const disclosure of ['notice', 'announced', 'asked']) {
			const { intake, comes } = streaming();
			comes(connected, start({ agent: 'ann', disclosure }));
			expect(intake.calls[0]?.incoming.disclosure).toBe(disclosure);
		}
	});

	test('that names no agent is the default agent’s, or is refused with what to set', () => {
		const withDefault = streaming({ defaultAgentId: 'abe' });
		withDefault.comes(connected, start({}));
		expect(withDefault.intake.calls[0]?.incoming.agentId).toBe('abe');
		const without = streaming();
		without.comes(connected, start({}));
		expect(without.code()).toBe(closeCodes.unknownAgent.code);
		expect(without.socket.closed?.reason).toContain('<Parameter name="agent"> or YCORD_TWILIO_AGENT');
		expect(without.intake.calls).toEqual([]);
	});

	test.each([
		['start before connected', [start()]],
		['media before start', [connected, media('inbound', 0)]],
		['stop before start', [connected, stop]],
		['a second start', [connected, start(), start()]],
		['a second connected', [connected, connected]],
		['dtmf before start', [connected, { event: 'dtmf', sequenceNumber: '1' }]],
	])('with %s is closed as malformed', (_what, messages) => {
		const { comes, code, socket } = streaming();
		comes(...messages);
		expect(code()).toBe(closeCodes.malformed.code);
		expect(socket.closed?.reason).not.toBe(closeCodes.malformed.text);
	});

	test('ignores events it does not know, at any time, and key tones', () => {
		const { intake, comes, code } = streaming();
		const unknown = { event: 'weather' };
		comes(
			unknown,
			connected,
			unknown,
			start(),
			unknown,
			{ event: 'dtmf', sequenceNumber: '5', dtmf: { digit: '4' } },
			unknown,
		);
		comes({ event: 'mark', sequenceNumber: '6' }, media('inbound', 0), stop);
		expect(intake.calls[0]?.told).toEqual(['ended hung-up']);
		expect(code()).toBe(1000);
	});

	test('without a start is closed after five seconds', () => {
		const { clock, comes, code, intake } = streaming();
		comes(connected);
		clock.advance(4999);
		expect(code()).toBeUndefined();
		clock.advance(1);
		expect(code()).toBe(closeCodes.noStart.code);
		expect(clock.alarms).toBe(0);
		comes(start());
		expect(intake.calls).toEqual([]);
	});

	test('that says nothing for 30 seconds is dead: its sound is lost, its call not over', () => {
		const { clock, comes, code, intake } = streaming();
		comes(connected, start(), media('inbound', 0));
		clock.advance(29_000);
		comes(media('inbound', 29_000));
		clock.advance(29_000);
		expect(code()).toBeUndefined();
		clock.advance(1000);
		expect(code()).toBe(closeCodes.silent.code);
		expect(intake.calls[0]?.told).toEqual(['lost']);
		expect(clock.alarms).toBe(0);
	});

	test('that is over hears nothing more, however often it ends', () => {
		const { socket, comes, intake, leave, clock } = streaming();
		comes(connected, start(), stop, stop, media('inbound', 0), 'nonsense');
		socket.gone();
		leave();
		expect(intake.calls[0]?.told).toEqual(['ended hung-up']);
		expect(intake.calls[0]?.pieces).toEqual([]);
		expect(clock.alarms).toBe(0);
	});

	test('says nothing itself, ever [S3]', () => {
		const { socket, comes } = streaming();
		comes(connected, start(), media('inbound', 0), { event: 'mark', sequenceNumber: '1' }, stop);
		expect(socket.sent).toEqual([]);
	});

	test('an error of ours ends this stream by name and goes no further', () => {
		const errors: unknown[] = [];
		const broken = {
			started: () => {
				throw new Error('broken');
			},
		};
		const { comes, code } = streaming({ intake: broken, failed: (error) => errors.push(error) });
		comes(connected, start());
		expect(code()).toBe(closeCodes.failed.code);
		expect(errors).toHaveLength(1);
	});

	test('takes any messages in any order without an error getting out', () => {
		const seed = seedFor('any Twilio stream');
		const message = fc.oneof(
			fc.constantFrom<object[]>(connected, start(), start({}), media('inbound', 0), media('outbound', 20), stop, {
				event: 'x',
			}),
			fc.jsonValue().map((value) => JSON.stringify(value)),
			fc.string(),
			fc.uint8Array({ maxLength: 50 }),
			fc.constant('x'.repeat(65_537)),
		);
		const named = new Set<number>([1000, ...Object.values(closeCodes).map(({ code }) => code)]);
		fc.assert(
			fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
				const { comes, code, intake, socket, clock } = streaming();
				comes(connected, ...(messages as object[]));
				socket.gone();
				for (const call of intake.calls) expect(['lost', 'ended hung-up']).toContain(call.told.join());
				if (code() !== undefined) expect(named).toContain(code());
				expect(clock.alarms).toBe(0);
			}),
			{ seed, numRuns: 300 },
		);
	});
});
