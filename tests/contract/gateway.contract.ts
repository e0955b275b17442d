import { describe, expect, onTestFinished, test } from 'vitest';
import type { Voice } from '#server/telephony/control.ts';
import { type Codec, rateOf } from '#shared/audio.ts';
import { type CloseReason, closeCodes } from '#shared/close-codes.ts';
import type { RefusalCode } from '#shared/refusals.ts';
import { type RecordedCall, type RecordingIntake, recordingIntake } from '#tests/support/recording-intake.ts';
import { peakOf, tone } from '#tests/support/tone.ts';

/** What the suite needs to drive one gateway from the platform's side. */
export interface GatewayTrial {
	/** Brings a call in: both parties are there. Resolves when the gateway has done with it what it does at once. */
	call(of: CallOfTrial): Promise<DrivenCall>;
	close(): Promise<void>;
}

export interface CallOfTrial {
	agentId: string;
	customer: Uint8Array;
	agent: Uint8Array;
}

/** A call as the platform's side of the test holds it. Each resolves when the gateway has handled it. */
export interface DrivenCall {
	/** Both parties say what `call` was given. */
	play(): Promise<void>;
	hangUp(): Promise<void>;
	/** The sound's connection is gone without a hang-up. */
	lose?(): Promise<void>;
	/** The same call again after `lose`; it plays the same sound. */
	comeBack?(): Promise<DrivenCall>;
	hold?(): Promise<void>;
	resume?(): Promise<void>;
	/** How each of the platform's connections was closed; for a gateway that has none, when it stops playing. */
	closed: Promise<readonly { code: number; reason: string }[]>;
	/** How many frames of the executive have reached the customer, once the platform has handled all that was said. */
	executiveHeard?(): Promise<number>;
	/** Sends each kind of bad input, one to a call, and how the connection it was sent on was closed. */
	wrongClosed?: Promise<{ code: number; reason: string }>;
	bad?: Readonly<Record<string, { send: () => void; closes: CloseReason }>>;
}

/** What a gateway has; what it lacks is listed in its test file, and its absence is part of the title. */
export interface GatewayCan {
	lose: boolean;
	hold: boolean;
	/** Whether its sound says where it belongs; else it is placed by when it comes. Has one unless said. */
	hasClock?: boolean;
	/** Bringing an executive on the line. */
	control?: boolean;
	/** Both parties come in one sound, as the customer's leg: what it is made of theirs. Each has a leg of its own unless given. */
	mix?: (customer: Uint8Array, agent: Uint8Array) => Uint8Array;
	/** What its calls are coded in; PCMU unless said. */
	codec?: Codec;
	badInput: readonly string[];
}

/** How every gateway behaves behind the port `server/telephony/telephony.ts`. */
export function gatewayContract(
	name: string,
	can: GatewayCan,
	start: (intake: RecordingIntake) => Promise<GatewayTrial>,
): void {
	const { codec = 'pcmu', hasClock = true } = can;
	const rate = rateOf[codec];
	const customer = tone(440, 1000, { rate });
	const agent = tone(880, 1000, { rate });
	/** What is to come out, leg by leg. */
	const wanted = can.mix ? { customer: can.mix(customer, agent), agent: new Uint8Array(0) } : { customer, agent };
	const expectWhole = (call: RecordedCall) => {
		for (const leg of ['customer', 'agent'] as const)
			expect(Buffer.compare(call.heard(leg), wanted[leg]), `${leg}, byte for byte`).toBe(0);
	};
	const lacks = [
		can.mix && 'legs',
		!can.lose && 'losing sound',
		!can.hold && 'hold',
		!hasClock && 'clock',
		!can.control && 'survey',
		can.badInput.length === 0 && 'bad input',
	].filter(Boolean);
	describe(lacks.length > 0 ? `${name} gateway (has no ${lacks.join(', ')})` : `${name} gateway`, () => {
		async function trial() {
			const intake = recordingIntake();
			const gateway = await start(intake);
			onTestFinished(() => gateway.close());
			return { intake, gateway };
		}
		async function calling() {
			const { intake, gateway } = await trial();
			const driven = await gateway.call({ agentId: 'ann', customer, agent });
			const [call] = intake.calls;
			if (!call) throw new Error('no call was announced');
			return { intake, gateway, driven, call };
		}

		test('announces a call once, with its agent, both legs and what the customer was told [C1] [G1]', async () => {
			const { intake, driven, call } = await calling();
			await driven.play();
			expect(intake.calls).toHaveLength(1);
			expect(call.incoming).toMatchObject({ gateway: name, agentId: 'ann', codec, disclosure: 'notice' });
			expect([...call.incoming.legs].sort()).toEqual(can.mix ? ['customer'] : ['agent', 'customer']);
			expect(call.incoming.hears).toBe(can.mix && 'mix');
			expect(call.callId).toMatch(/^[a-z]+-[A-Za-z0-9_.-]{1,80}$/);
			expect(call.incoming.rehearsal).toBe(name === 'rehearsal');
			expect(call.incoming.label).not.toMatch(/\d{7}/);
		});

		test(can.mix ? 'brings both parties in one sound' : 'brings each party under its own name [G1]', async () => {
			const { driven, call } = await calling();
			await driven.play();
			expect(peakOf(call.heard('customer'), 440, rate)).toBeCloseTo(12_000, -3);
			if (can.mix) return expect(peakOf(call.heard('customer'), 880, rate)).toBeCloseTo(12_000, -3);
			expect(peakOf(call.heard('customer'), 880, rate)).toBeLessThan(120);
			expect(peakOf(call.heard('agent'), 880, rate)).toBeCloseTo(12_000, -3);
			expect(peakOf(call.heard('agent'), 440, rate)).toBeLessThan(120);
		});

		test('brings sound whole and in place: what went in comes out, byte for byte', async () => {
			const { driven, call } = await calling();
			await driven.play();
			expectWhole(call);
			for (const { at } of call.pieces) expect(at).toBeTypeOf(hasClock ? 'number' : 'undefined');
			if (!can.mix) expect(call.firstAt('customer')).toBe(call.firstAt('agent'));
		});

		test('ends the call once when somebody hangs up', async () => {
			const { driven, call, intake, gateway } = await calling();
			await driven.play();
			await driven.hangUp();
			await intake.when(() => call.told.includes('ended hung-up'));
			await driven.closed;
			await gateway.close();
			expect(call.told.filter((one) => one.startsWith('ended') || one === 'lost')).toEqual(['ended hung-up']);
		});

		const refusals: [RefusalCode, CloseReason][] = [
			['call.unknown-agent', 'unknownAgent'],
			['call.full', 'full'],
			['call.exists', 'replaced'],
			['server.draining', 'draining'],
			['request.failed', 'failed'],
		];
		for (const when of ['at once', 'later'] as const)
			test.each(refusals)(`lets go by name of a call that is refused ${when} with %s`, async (code, reason) => {
				const { intake, gateway } = await trial();
				intake.refuse(code, when);
				const driven = await gateway.call({ agentId: 'nobody', customer, agent });
				for (const closed of await driven.closed) expect(closed.code).toBe(closeCodes[reason].code);
				expect(intake.calls).toHaveLength(1);
				await gateway.close();
				expect(intake.calls[0]?.told.filter((one) => one.startsWith('ended'))).toEqual([]);
			});

		test('lets its calls go when it is closed', async () => {
			const { driven, call, gateway } = await calling();
			await gateway.close();
			for (const closed of await driven.closed) expect(closed.code).toBe(closeCodes.draining.code);
			expect(call.told).toHaveLength(1);
			expect(['lost', 'ended hung-up']).toContain(call.told[0]);
		});

		if (can.lose)
			test('tells lost sound from a hang-up, and brings the same call back', async () => {
				const { driven, call, intake } = await calling();
				await driven.play();
				await driven.lose?.();
				await intake.when(() => call.told.includes('lost'));
				expect(call.told).toEqual(['lost']);
				const again = await driven.comeBack?.();
				await again?.play();
				expect(intake.calls).toHaveLength(2);
				expect(intake.calls[1]?.callId).toBe(call.callId);
				expect(intake.calls[1]?.incoming).toEqual(call.incoming);
				expectWhole(intake.calls[1] as RecordedCall);
				expect(call.told).toEqual(['lost']);
			});

		if (can.hold)
			test('reports a hold and its end, and brings no sound between them', async () => {
				const { driven, call } = await calling();
				await driven.play();
				await driven.hold?.();
				const pieces = call.pieces.length;
				expect(call.told).toEqual(['held']);
				await driven.resume?.();
				expect(call.told).toEqual(['held', 'resumed']);
				expect(call.pieces.length).toBeGreaterThanOrEqual(pieces);
			});

		if (can.control) {
			/** A call with its control, the voices it gave, and how often it said that the line was lost. */
			async function controlled() {
				const one = await calling();
				const { take, release } = one.call.incoming.control ?? {};
				if (!take || !release || !one.driven.executiveHeard) throw new Error('the trial has no control');
				const lost: string[] = [];
				const word = tone(660, 20, { rate });
				return {
					...one,
					lost,
					release,
					take: () => take({ agent: 'muted', shownAs: 'a leader' }, () => lost.push('lost')),
					/** 100 ms of the executive; gives back how much of it reached the customer. */
					async heardOf(voice: Voice) {
						const before = (await one.driven.executiveHeard?.()) ?? 0;
						for (let frame = 0; frame < 5; frame++) voice.say(word);
						return ((await one.driven.executiveHeard?.()) ?? 0) - before;
					},
				};
			}

			test('says what can be asked of it', async () => {
				const { call } = await calling();
				expect(call.incoming.control?.abilities).toEqual(expect.arrayContaining(['survey', 'returnToAgent']));
				expect(call.incoming.control?.cannot).toBeUndefined();
			});

			test('lets the customer hear an executive from take to release, and at no other time [S2]', async () => {
				const { take, release, heardOf, driven } = await controlled();
				expect(await driven.executiveHeard?.()).toBe(0);
				const voice = await take();
				expect(await heardOf(voice)).toBe(5);
				expect(await release('announcement')).toBe('agent');
				expect(await heardOf(voice)).toBe(0);
			});

			test('is silent from the moment in which the release is asked, not when it is done [S2] [C2]', async () => {
				const { take, release, heardOf } = await controlled();
				const voice = await take();
				const returning = release('announcement');
				expect(await heardOf(voice)).toBe(0);
				expect(await returning).toBe('agent');
			});

			test('may be released while the take is under way, and twice: the voice reaches nobody [S2]', async () => {
				const { take, release, heardOf, lost, call } = await controlled();
				const taking = take().catch(() => undefined);
				const returned = await Promise.all([release('announcement'), release('announcement')]);
				expect(returned).toEqual(['agent', 'agent']);
				const voice = await taking;
				if (voice) expect(await heardOf(voice)).toBe(0);
				expect([lost, call.told]).toEqual([[], []]);
			});

			test('may be taken again: the voice of the turn before stays dumb [S2]', async () => {
				const { take, release, heardOf } = await controlled();
				const first = await take();
				await release('announcement');
				const second = await take();
				expect([await heardOf(first), await heardOf(second)]).toEqual([0, 5]);
			});

			test('keeps a muted agent off the call while the executive has the line, and brings them back', async () => {
				const { take, release, driven, call } = await controlled();
				await take();
				const before = call.pieces.length;
				await driven.play();
				const during = call.pieces.slice(before).filter(({ leg }) => leg === 'agent');
				expect(peakOf(Buffer.concat(during.map(({ data }) => data)), 880, rate) || 0).toBeLessThan(120);
				await release('announcement');
				await driven.play();
				const after = call.pieces.slice(before).filter(({ leg }) => leg === 'agent');
				expect(peakOf(Buffer.concat(after.map(({ data }) => data).slice(during.length)), 880, rate)).toBeGreaterThan(
					6000,
				);
			});

			test('tells whoever has the line, once, that the call is gone; nobody after a release', async () => {
				const { take, release, gateway, lost } = await controlled();
				await take();
				await release('announcement');
				await take();
				await gateway.close();
				expect(lost).toEqual(['lost']);
			});

			test('takes no line of a call that is over, and has nobody to bring back', async () => {
				const { take, release, driven, call, intake } = await controlled();
				await driven.play();
				await driven.hangUp();
				await intake.when(() => call.told.includes('ended hung-up'));
				await expect(take()).rejects.toMatchObject({ code: 'survey.cannot' });
				expect(await release('announcement')).toBe('hung-up');
			});
		}

		if (can.badInput.length > 0)
			test.each(can.badInput)('closes by name on %s; a call beside it does not notice', async (kind) => {
				const { intake, gateway, driven: beside, call } = await calling();
				const driven = await gateway.call({ agentId: 'abe', customer, agent });
				const bad = driven.bad?.[kind];
				if (!bad) throw new Error(`the trial cannot send ${kind}`);
				bad.send();
				const closed = await driven.wrongClosed;
				expect(closed?.code).toBe(closeCodes[bad.closes].code);
				expect(Buffer.byteLength(closed?.reason ?? '')).toBeLessThanOrEqual(123);
				expect(closed?.reason).toContain(closeCodes[bad.closes].text);
				await beside.play();
				expectWhole(call);
				expect(call.told).toEqual([]);
				const wrong = intake.calls[1];
				if (wrong) await intake.when(() => wrong.told.length > 0);
				expect(wrong?.told ?? ['lost']).toEqual(['lost']);
				expect(wrong?.pieces ?? []).toEqual([]);
			});
	});
}
