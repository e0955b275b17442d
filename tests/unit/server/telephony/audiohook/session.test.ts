import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
	type ClientMessage,
	type ClientType,
	clientTypes,
	type Media,
	type Open,
} from '#server/telephony/audiohook/protocol.ts';
import {
	type At,
	decide,
	type Follows,
	type Happens,
	type HookSession,
	type Life,
	newSession,
} from '#server/telephony/audiohook/session.ts';
import { randomNumbers, seedFor } from '#tests/support/seed.ts';

const nowMs = 1_767_225_600_000;
const [sessionId, organizationId] = [randomUUID(), randomUUID()];
const known = { sessionId, organizationId, nowMs };
const both: Media = { type: 'audio', format: 'PCMU', channels: ['external', 'internal'], rate: 8000 };
const open: Open = {
	organizationId,
	conversationId: randomUUID(),
	participant: { id: randomUUID(), ani: '', aniName: '', dnis: '' },
	media: [both],
};
const thrown = { start: 'PT0S', discarded: 'PT1S' };
const parametersOf: Record<ClientType, object> = {
	open,
	ping: {},
	paused: {},
	resumed: thrown,
	discarded: thrown,
	update: { language: 'de' },
	error: { code: 500 },
	close: { reason: 'end' },
	dtmf: { digit: '5' },
	other: {},
};
const message = (type: ClientType, seq: number, changes: object = {}): Happens => ({
	type: 'message',
	message: {
		type,
		id: sessionId,
		seq,
		serverseq: 0,
		position: 'PT0S',
		parameters: parametersOf[type],
		...changes,
	} as ClientMessage,
});

const sounding = { media: both, isProbe: false, comesBack: false, place: 0, openedAtMs: nowMs };
const lives: Record<At, Life> = {
	preparing: { at: 'preparing' },
	opening: { at: 'opening', open, isClosing: false },
	active: { at: 'active', ...sounding },
	paused: { at: 'paused', ...sounding },
	signaled: { at: 'signaled', reason: 'malformed' },
	closed: { at: 'closed', reason: undefined },
	disconnected: { at: 'disconnected' },
};
const at = (life: Life): HookSession => ({ heard: 3, said: 2, life });
const said = (follows: Follows[]) => follows.flatMap((one) => (one.do === 'send' ? [one.says.type] : []));
const done = (follows: Follows[]) => follows.flatMap((one) => (one.do === 'send' || one.do === 'wait' ? [] : [one.do]));

/** What each message does in each state: the state after it, what is said, what follows. `fault` is: it has to close. */
const fault = ['signaled', 'disconnect'] as const;
const ended = ['signaled', 'disconnect', 'end'] as const;
const table: Record<At, Record<ClientType, readonly [At, ...string[]]>> = {
	preparing: {
		open: ['opening', 'announce'],
		ping: fault,
		paused: fault,
		resumed: fault,
		discarded: fault,
		update: fault,
		error: fault,
		close: ['closed', 'closed'],
		dtmf: fault,
		other: fault,
	},
	opening: {
		open: ended,
		ping: ['opening', 'pong'],
		paused: ended,
		resumed: ended,
		discarded: ended,
		update: ['opening'],
		error: ['opening', 'note'],
		close: ['opening'],
		dtmf: ended,
		other: ['opening'],
	},
	active: {
		open: ended,
		ping: ['active', 'pong'],
		paused: ['paused', 'pause'],
		resumed: ['active'],
		discarded: ['active'],
		update: ['active'],
		error: ['active', 'note'],
		close: ['closed', 'closed', 'end'],
		dtmf: ['active', 'press'],
		other: ['active'],
	},
	paused: {
		open: ended,
		ping: ['paused', 'pong'],
		paused: ['paused'],
		resumed: ['active', 'unpause'],
		discarded: ['paused'],
		update: ['paused'],
		error: ['paused', 'note'],
		close: ['closed', 'closed', 'end'],
		dtmf: ['paused', 'press'],
		other: ['paused'],
	},
	signaled: {
		open: ['signaled'],
		ping: ['signaled'],
		paused: ['signaled'],
		resumed: ['signaled'],
		discarded: ['signaled'],
		update: ['signaled'],
		error: ['signaled'],
		close: ['closed', 'closed'],
		dtmf: ['signaled'],
		other: ['signaled'],
	},
	closed: Object.fromEntries(clientTypes.map((type) => [type, ['disconnected', 'hang-up']])) as never,
	disconnected: Object.fromEntries(clientTypes.map((type) => [type, ['disconnected']])) as never,
};
const everyMessage = Object.entries(table).flatMap(([state, row]) =>
	Object.entries(row).map(([type, expected]) => [state as At, type as ClientType, expected] as const),
);

describe('what a session does with each message, in each state', () => {
	test.each(everyMessage)('%s: %s', (state, type, expected) => {
		const { session, follows } = decide(at(lives[state]), message(type, 4), known);
		expect([session.life.at, ...said(follows), ...done(follows)]).toEqual(expected);
	});
});

describe('sound', () => {
	const sound = (bytes: number): Happens => ({ type: 'sound', bytes });
	test.each([
		['preparing', 'signaled'],
		['opening', 'signaled'],
		['active', 'active'],
		['paused', 'paused'],
		['signaled', 'signaled'],
		['closed', 'disconnected'],
		['disconnected', 'disconnected'],
	] as [At, At][])('while %s leads to %s', (state, next) => {
		expect(decide(at(lives[state]), sound(320), known).session.life.at).toBe(next);
	});

	test('is placed by the bytes that came before it, and by what was thrown away', () => {
		let session = at(lives.active);
		const places: number[] = [];
		const then = (happens: Happens, nowMs = known.nowMs) => {
			const decided = decide(session, happens, { ...known, nowMs });
			session = decided.session;
			for (const one of decided.follows) if (one.do === 'hear') places.push(one.at);
		};
		then(sound(3200));
		then(sound(320));
		then(message('discarded', 4, { position: 'PT1.22S', parameters: { start: 'PT0.22S', discarded: 'PT1S' } }));
		then(sound(320));
		then(message('paused', 5, { position: 'PT1.24S' }));
		// What was under way when it was paused.
		then(sound(320));
		then(
			message('resumed', 6, { position: 'PT61.26S', parameters: { start: 'PT1.26S', discarded: 'PT60S' } }),
			nowMs + 61_000,
		);
		then(sound(320));
		expect(places).toEqual([0, 1600, 9760, 9920, 490_080]);
		// A message that only tells of what is known already changes nothing, and nothing goes back.
		then(message('ping', 7, { position: 'PT0S' }));
		then(message('discarded', 8, { parameters: { start: 'PT0S', discarded: 'PT1S' } }));
		then(sound(320));
		expect(places.at(-1)).toBe(490_240);
	});

	test('that was counted and never sent leaves a gap; the client’s way of counting does not', () => {
		const jump = (position: string) => {
			const { session } = decide(at(lives.active), message('ping', 4, { position }), known);
			return session.life.at === 'active' && session.life.place;
		};
		expect([jump('PT1S'), jump('PT1.5S')]).toEqual([0, 12_000]);
	});

	test('of a probe is nobody’s, and so are its pauses and its end', () => {
		const probe = at({ ...lives.active, isProbe: true } as Life);
		for (const happens of [sound(320), message('paused', 4), message('close', 4), { type: 'gone' } as Happens])
			expect(done(decide(probe, happens, known).follows)).toEqual([]);
	});
});

describe('how a session opens', () => {
	const opening = (changes: object, more: object = {}) =>
		decide(newSession, message('open', 1, { parameters: { ...open, ...changes } }), { ...known, ...more });
	const none = '00000000-0000-0000-0000-000000000000';

	test('the chosen entry goes back as it came, whatever its order, once there is a call', () => {
		const media: Media[] = [
			{ ...both, channels: ['internal', 'external'] },
			{ ...both, channels: ['external'] },
		];
		const announced = opening({ media });
		expect(done(announced.follows)).toEqual(['announce']);
		const { follows, session } = decide(announced.session, { type: 'admitted' }, known);
		expect(follows).toContainEqual({
			do: 'send',
			says: { type: 'opened', parameters: { media: [media[0]], startPaused: false } },
			seq: 1,
			clientseq: 1,
		});
		expect(session.life.at).toBe('active');
	});

	test('a probe gets the whole exchange, and is no call', () => {
		const { follows, session } = opening({ conversationId: none, participant: { ...open.participant, id: none } });
		expect([said(follows), done(follows)]).toEqual([['opened'], []]);
		expect(said(decide(session, message('close', 2), known).follows)).toEqual(['closed']);
	});

	test.each([
		['nothing', []],
		['nothing we know', [{ type: 'video' }, { ...both, rate: 16_000 }, { ...both, format: 'OPUS' }]],
	])('with %s offered no sound is asked for, and there is no call', (_what, media) => {
		const { follows, session } = opening({ media });
		expect([said(follows), done(follows)]).toEqual([['opened'], []]);
		expect(decide(session, { type: 'sound', bytes: 2 }, known).session.life.at).toBe('signaled');
	});

	test('what knows another organization than its headers is not let in', () => {
		const { follows } = opening({ organizationId: randomUUID() });
		expect(follows[0]).toMatchObject({ says: { type: 'disconnect', parameters: { reason: 'unauthorized' } } });
	});

	test('a close while it opens waits for that, is answered, and ends the call', () => {
		const closing = decide(at(lives.opening), message('close', 4), known);
		expect(closing.follows).toEqual([]);
		const admitted = decide(closing.session, { type: 'admitted' }, known);
		expect([said(admitted.follows), done(admitted.follows)]).toEqual([['closed'], ['end']]);
		const refused = decide(closing.session, { type: 'leave', reason: 'unknownAgent', why: '' }, known);
		expect(said(refused.follows)).toEqual(['closed']);
	});
});

describe('how a session ends', () => {
	const how = (life: Life, happens: Happens) =>
		decide(at(life), happens, known).follows.flatMap((one) => (one.do === 'end' ? [one.how] : []));
	test.each([
		['end', 'hung-up'],
		['error', 'lost'],
		['reconnect', 'lost'],
		['disconnect', 'lost'],
	])('closed because of %s, its call is %s', (reason, end) => {
		expect(how(lives.active, message('close', 4, { parameters: { reason } }))).toEqual([end]);
	});

	test('gone without a close, its sound is lost; once', () => {
		expect(how(lives.paused, { type: 'gone' })).toEqual(['lost']);
		expect(how(lives.signaled, { type: 'gone' })).toEqual([]);
	});

	test('a client that does not close when it is asked to, or hang up after closed, is hung up', () => {
		const late: Happens = { type: 'late' };
		expect(decide(at(lives.signaled), late, known).follows).toContainEqual({ do: 'hang-up', reason: 'malformed' });
		expect(decide(at(lives.closed), late, known).follows).toContainEqual({ do: 'hang-up', reason: undefined });
		expect(decide(newSession, late, known).follows).toContainEqual({ do: 'hang-up', reason: 'noStart' });
		expect(decide(at(lives.active), late, known).follows).toEqual([]);
	});

	test('a client that has come back before is asked to come back when the server goes, others to close', () => {
		const leave: Happens = { type: 'leave', reason: 'draining', why: '' };
		expect(said(decide(at(lives.active), leave, known).follows)).toEqual(['disconnect']);
		expect(said(decide(at({ ...lives.active, comesBack: true } as Life), leave, known).follows)).toEqual(['reconnect']);
	});

	test('a finished two-way session hands its variables to the flow', () => {
		const { follows } = decide(at(lives.active), { type: 'finish', outputVariables: { ycord: 'held' } }, known);
		expect(follows[0]).toMatchObject({
			says: { type: 'disconnect', parameters: { reason: 'completed', outputVariables: { ycord: 'held' } } },
		});
		expect(done(follows)).toEqual(['end']);
	});
});

test('whatever comes, in whatever order: our numbers rise by one, one end a call, one last word, and nothing after it', () => {
	const seed = seedFor('audiohook session');
	const runs = Number(process.env.YCORD_TEST_RUNS ?? 2000);
	for (let run = 0; run < runs; run++) {
		const random = randomNumbers(seed + run);
		let session = newSession;
		let time = nowMs;
		const said: number[] = [];
		let [announced, ends, closeds, disconnects, isOver, place] = [0, 0, 0, 0, false, 0];
		const story: string[] = [];
		for (let step = 0; step < 40; step++) {
			time += random(400);
			const type = clientTypes[random(clientTypes.length)] as ClientType;
			const right = random(20) > 0;
			const choices: Happens[] = [
				message(step === 0 && random(4) > 0 ? 'open' : type, right ? session.heard + 1 : random(5), {
					...(random(30) === 0 ? { id: randomUUID() } : {}),
					serverseq: random(session.said + (right ? 1 : 3)),
					position: `PT${random(9)}.${random(9)}S`,
				}),
				{ type: 'sound', bytes: random(4) > 0 ? 320 : random(400) },
				{ type: 'admitted' },
				random(8) > 0 ? { type: 'sound', bytes: 320 } : { type: 'leave', reason: 'draining', why: '' },
				random(8) > 0 ? { type: 'barge-in' } : { type: 'finish', outputVariables: {} },
				random(10) > 0 ? { type: 'sound', bytes: 320 } : { type: 'late' },
				random(15) > 0 ? { type: 'admitted' } : { type: 'gone' },
			];
			const happens = choices[random(choices.length)] as Happens;
			story.push(happens.type === 'message' ? happens.message.type : happens.type);
			const decided = decide(session, happens, { ...known, nowMs: time });
			for (const one of decided.follows) {
				if (one.do === 'send') {
					said.push(one.seq);
					expect(one.clientseq, story.join(' ')).toBe(decided.session.heard);
					if (one.says.type === 'closed') closeds++;
					if (one.says.type === 'disconnect' || one.says.type === 'reconnect') disconnects++;
					else expect(disconnects === 0 || one.says.type === 'closed', story.join(' ')).toBe(true);
				}
				if (one.do === 'announce') announced++;
				if (one.do === 'hear') {
					expect(announced - ends, story.join(' ')).toBe(1);
					expect(one.at, story.join(' ')).toBeGreaterThanOrEqual(place);
					place = one.at;
				}
				if (one.do === 'end') ends++;
				if (isOver) expect(one, story.join(' ')).toBeUndefined();
				if (one.do === 'hang-up') isOver = true;
			}
			session = decided.session;
			if (session.life.at === 'disconnected') isOver = true;
		}
		if (!isOver) ends += decide(session, { type: 'gone' }, known).follows.filter((one) => one.do === 'end').length;
		expect([announced <= 1, closeds <= 1, disconnects <= 1, ends], `run ${run}: ${story.join(' ')}`).toEqual([
			true,
			true,
			true,
			announced,
		]);
		expect(said).toEqual(said.map((_, index) => index + 1));
	}
});
