import { describe, expect, test } from 'vitest';
import { awaitedStreams, tokenLastsMs } from '#server/telephony/twilio/awaited-streams.ts';
import { type FromSurvey, type SurveyLine, surveyStream } from '#server/telephony/twilio/survey-stream.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { handClock } from '#tests/support/clock.ts';
import { fakeSocket } from '#tests/support/fake-socket.ts';
import { tone } from '#tests/support/tone.ts';

const accountSid = `AC${'0'.repeat(32)}`;
const callSid = `CA${'1'.repeat(32)}`;
const connected = { event: 'connected', protocol: 'Call', version: '1.0.0' };
const start = (token: string) => ({
	event: 'start',
	sequenceNumber: '1',
	streamSid: 'MZ1',
	start: {
		accountSid,
		callSid,
		tracks: ['inbound'],
		mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
		customParameters: { token },
	},
});
const media = (track: string) => ({
	event: 'media',
	sequenceNumber: '2',
	streamSid: 'MZ1',
	media: { track, chunk: '1', timestamp: '20', payload: Buffer.from(tone(440, 20)).toString('base64') },
});

function surveying() {
	const clock = handClock();
	const awaited = awaitedStreams<(opened: SurveyLine) => FromSurvey>(clock, accountSid);
	const told: string[] = [];
	let line: SurveyLine | undefined;
	const { token, forget } = awaited.expect(callSid, (opened) => {
		line = opened;
		return {
			heard: (_payload, at) => told.push(`heard ${at}`),
			pressed: (digit) => told.push(`pressed ${digit}`),
			over: (asked) => told.push(asked ? 'closed' : 'lost'),
		};
	});
	const open = () => {
		const opened = fakeSocket();
		surveyStream(opened.asWebSocket, { clock, claim: awaited.claim });
		opened.comes(connected);
		return opened;
	};
	const socket = open();
	const events = () => socket.sent.map((one) => JSON.parse(String(one)).event);
	return { clock, open, socket, token, forget, told, events, line: () => line as SurveyLine };
}

describe('a survey stream', () => {
	test('drops what the network does not take within 200 ms, and has Twilio forget the late rest, once [B1]', () => {
		const { socket, token, line, events } = surveying();
		socket.comes(start(token));
		const frame = tone(440, 20);
		line().say(frame);
		socket.bufferedAmount = 11 * String(socket.sent[0]).length;
		for (let n = 0; n < 50; n++) line().say(frame);
		expect(events()).toEqual(['media', 'clear']);
		socket.bufferedAmount = 0;
		line().say(frame);
		expect(events()).toEqual(['media', 'clear', 'media']);
		socket.bufferedAmount = 100_000;
		line().say(frame);
		expect(events()).toEqual(['media', 'clear', 'media', 'clear']);
	});

	test('has Twilio forget what it would play more than a second late, as its marks tell [B1]', () => {
		const { socket, token, line, events, clock } = surveying();
		socket.comes(start(token));
		const speak = (frames: number) => {
			for (let n = 0; n < frames; n++) {
				line().say(tone(440, 20));
				clock.advance(20);
			}
		};
		const marks = () => socket.sent.map((one) => JSON.parse(String(one)).mark?.name).filter(Boolean);
		const played = (name: string) =>
			socket.comes({ event: 'mark', sequenceNumber: '7', streamSid: 'MZ1', mark: { name } });
		speak(200);
		expect(marks()).toEqual(['25', '50', '75', '100']);
		expect(events()).not.toContain('clear');
		for (const name of marks()) played(name);
		speak(25);
		played('225');
		expect(events()).not.toContain('clear');
		speak(75);
		expect(events()).not.toContain('clear');
		speak(1);
		expect(events().slice(-2)).toEqual(['clear', 'media']);
		speak(25);
		expect(events().filter((one) => one === 'clear')).toHaveLength(1);
	});

	test('says nothing more once it is over, however it ended [S2]', () => {
		for (const end of ['closed', 'gone', 'stopped'] as const) {
			const { socket, token, line, events, told, clock } = surveying();
			socket.comes(start(token));
			if (end === 'closed') line().close();
			if (end === 'gone') socket.gone();
			if (end === 'stopped') socket.comes({ event: 'stop', sequenceNumber: '3' });
			line().say(tone(440, 20));
			line().close();
			expect(events()).toEqual(end === 'closed' ? ['clear'] : []);
			expect(told).toEqual([end === 'closed' ? 'closed' : 'lost']);
			clock.advance(tokenLastsMs);
			expect(clock.alarms).toBe(0);
		}
	});

	test('brings the customer, and nobody else', () => {
		const { socket, token, told } = surveying();
		socket.comes(start(token));
		socket.comes(media('inbound'));
		expect(told).toEqual(['heard 160']);
		socket.comes(media('outbound'));
		expect(socket.closed?.code).toBe(closeCodes.malformed.code);
		expect(told).toEqual(['heard 160', 'lost']);
	});

	test('whose token nobody waits for any more is closed by name: after 60 seconds, or when it was given up', () => {
		for (const why of ['late', 'given up'] as const) {
			const { open, token, forget, clock, told } = surveying();
			if (why === 'late') clock.advance(tokenLastsMs);
			else forget();
			const socket = open();
			socket.comes(start(token));
			expect(socket.closed?.code).toBe(closeCodes.forbidden.code);
			expect(told).toEqual([]);
		}
	});
});
