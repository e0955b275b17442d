import type { Outcome } from '#server/ask.ts';
import { floorOf } from '#server/domain/handoff.ts';
import { decide, evolve, type Session, type SessionDecision, type SessionEvent } from '#server/domain/session.ts';
import type { Recorded } from '#server/journal/journal.ts';
import { floor as segmentFloor } from '#server/segments/floor.ts';
import { segments } from '#server/segments/running.ts';
import type { Sitting } from '#server/segments/seat.ts';
import { surveyPolicy } from '#server/survey/policy.ts';
import type { Control } from '#server/telephony/control.ts';
import { Refusal } from '#shared/refusals.ts';
import { handClock } from '#tests/support/clock.ts';
import { callStarted, sessionAfter } from '#tests/support/given.ts';

const callId = 'test-1';
const executives = ['eve', 'ed'] as const;
type Executive = (typeof executives)[number];

const listening = (id: string): SessionEvent[] => [
	{ type: 'joined', listeningId: `listening-${id}`, listener: { id, name: id, role: 'executive' } },
	{ type: 'listening-started', listeningId: `listening-${id}`, disclosure: 'notice' },
];
const withControl: SessionEvent =
	callStarted.type === 'call-started'
		? { ...callStarted, facts: { ...callStarted.facts, abilities: ['survey', 'returnToAgent'] } }
		: callStarted;

/**
 * The real rules, floor and runner around a call, with everything else in the test's hands: the clock, the journal (which
 * may refuse, and is answered later), the platform (slow, refusing, losing) and the executives' connections. Whatever goes
 * toward the customer is judged the moment it does. [S2] [C2]
 */
export function segmentWorld() {
	const clock = handClock();
	let session: Session = sessionAfter(withControl, ...executives.flatMap(listening));
	let seq = 0;
	let takes = 0;
	let journalRefuses = false;
	/** Keys that were pressed, may end the turn, and were not refused by a rule: nothing may be heard until a new turn. */
	let pressed = false;
	const wrongs: string[] = [];
	const heard: number[] = [];
	/** What is on its way: an append that was not answered, a platform that has not done it yet. */
	const underWay: (() => void)[] = [];
	const secrets: { hash: string; by: Executive }[] = [];
	const seats: Record<Executive, Sitting[]> = { eve: [], ed: [] };
	let lost = () => {};

	const floor = segmentFloor();

	/** Decided and on record at once; answered when the test lets it. */
	function append(by: string, decision: SessionDecision): Promise<Recorded[]> {
		return new Promise((resolve, reject) => {
			underWay.push(() => {
				try {
					if (journalRefuses) throw new Refusal('journal.unavailable');
					const events = decide(session, decision);
					const records = events.map((event): Recorded => {
						session = evolve(session, event, by);
						return { seq: ++seq, stream: callId, version: seq, by, atMs: clock.now(), event };
					});
					if (events.some(({ type }) => type === 'survey-live')) pressed = false;
					floor.recorded(records);
					running.recorded(records);
					resolve(records);
				} catch (error) {
					reject(error as Error);
				}
			});
		});
	}

	const control: Control = {
		abilities: ['survey', 'returnToAgent'],
		take(_, whenLost) {
			lost = whenLost;
			return new Promise((resolve, reject) => {
				const number = takes++;
				underWay.push(() => {
					if (number % 5 === 4) return reject(new Error('the platform would not'));
					resolve({
						say(frame) {
							const by = frame[0] === 0xff ? undefined : frame[0] === 1 ? 'eve' : 'ed';
							judge(by);
						},
					});
				});
			});
		},
		release: () => new Promise((resolve) => underWay.push(() => resolve('agent'))),
	};

	/** Sound goes toward the customer now, silence included: may it? */
	function judge(by: Executive | undefined) {
		const { segment, call } = session;
		if (by) heard.push(seq);
		if (segment.at !== 'live') wrongs.push(`sound while ${segment.at}`);
		else if (floorOf(segment) === undefined || (by && floorOf(segment) !== by)) wrongs.push(`sound of ${by}`);
		if (call.at === 'ended' || call.at === 'lost') wrongs.push(`sound while the call is ${call.at}`);
		if (call.at !== 'none' && call.at !== 'ended' && call.at !== 'erased' && call.protectedBy)
			wrongs.push('sound while protected');
		if (pressed) wrongs.push('sound after the key was pressed');
	}

	const policy = surveyPolicy();
	const running = segments({
		clock,
		floor,
		report: (_, command) => append('ycord', { of: 'segment', command }),
		control: () => control,
		codec: () => 'pcmu',
		executiveSays() {},
		agentOf: () => 'ann',
		ruleOf: () => ({ limitMs: 60_000, agent: 'muted', fallback: 'queue' }),
		shownAs: () => 'a member of our leadership',
		failed() {},
	});

	/** As `ask` does it: shut at the press, then on record, then told how that came out. */
	function press(decision: SessionDecision) {
		const may = isPossible(decision);
		const cameOut = [floor.shut(callId), (outcome: Outcome) => running.shut(callId, outcome)];
		if (may) pressed = true;
		const tell = (outcome: Outcome) => {
			for (const one of cameOut) one(outcome);
		};
		append('someone', decision).then(
			() => tell('recorded'),
			(error) => {
				const byRule = error instanceof Refusal && !error.code.startsWith('journal.');
				if (byRule) pressed = false;
				tell(byRule ? 'refused' : 'unrecorded');
			},
		);
	}

	function isPossible(decision: SessionDecision) {
		try {
			decide(session, decision);
			return true;
		} catch {
			return false;
		}
	}
	const quietly = (work: Promise<unknown>) => void work.catch(() => {});
	const segmentId = () => (session.segment.at === 'none' ? 'none' : session.segment.id);
	let offered = 0;
	let given = 0;

	return {
		clock,
		wrongs,
		heard,
		running,
		get session() {
			return session;
		},
		/** Lets promises that are settled be seen by whoever waits for them. */
		async settle() {
			for (let turn = 0; turn < 20; turn++) await Promise.resolve();
		},
		/** Lets what has been on its way longest arrive. */
		arrive() {
			underWay.shift()?.();
		},
		get isUnderWay() {
			return underWay.length > 0;
		},
		journal(refuses: boolean) {
			journalRefuses = refuses;
		},
		offer: () =>
			quietly(
				append('eve', {
					of: 'segment',
					command: { type: 'offer-survey', segmentId: `segment-${offered++}`, offer: { how: 'quota' } },
				}),
			),
		ask: () =>
			quietly(
				append('ann', {
					of: 'segment',
					command: {
						type: 'ask-survey',
						segmentId: segmentId(),
						asked: policy.asked('Orders', 'service', 'en', { id: 'ann', name: 'Ann' }, undefined),
					},
				}),
			),
		consent: (answer: 'agreed' | 'declined' | 'not-now') =>
			quietly(
				append('ann', {
					of: 'segment',
					command: { type: 'record-consent', segmentId: segmentId(), answer, by: { id: 'ann', name: 'Ann' } },
				}),
			),
		take(by: Executive) {
			const hash = `secret-${given++}`;
			secrets.push({ hash, by });
			quietly(
				append(by, {
					of: 'segment',
					command: {
						type: 'take-line',
						segmentId: segmentId(),
						taken: { executive: { id: by, name: by }, by: 'line', secretHash: hash },
					},
				}),
			);
		},
		/** Somebody tries a credential, their own or another's. */
		sit(by: Executive, which: number) {
			const secret = secrets[which % Math.max(1, secrets.length)];
			if (!secret) return;
			let sitting: Sitting | undefined;
			const seat = {
				tell() {},
				end() {
					seats[by] = seats[by].filter((one) => one !== sitting);
				},
			};
			sitting = running.sit(secret.hash, by, seat);
			if (sitting) seats[by].push(sitting);
			if (sitting && secret.by !== by) wrongs.push('somebody else’s credential opened');
		},
		say(by: Executive) {
			for (const seat of seats[by])
				for (let frame = 0; frame < 3; frame++) seat.said(new Uint8Array(160).fill(by === 'eve' ? 1 : 2));
		},
		leave(by: Executive, how: 'broken' | 'hung-up') {
			const left = seats[by];
			seats[by] = [];
			for (const seat of left) seat.left(how);
		},
		takeBack: () =>
			press({ of: 'segment', command: { type: 'finish-survey', segmentId: segmentId(), how: 'taken-back' } }),
		withdraw: () =>
			press({ of: 'segment', command: { type: 'withdraw-consent', segmentId: segmentId(), who: 'agent' } }),
		finish: (by: Executive) =>
			press({
				of: 'segment',
				command: { type: 'finish-survey', segmentId: segmentId(), how: 'executive', by },
			}),
		protect: () => press({ of: 'call', command: { type: 'protect-call' } }),
		unprotect: () => quietly(append('ann', { of: 'call', command: { type: 'unprotect-call' } })),
		call: (type: 'hold-call' | 'resume-call' | 'lose-call' | 'restore-call') =>
			quietly(append('gateway', { of: 'call', command: { type } })),
		endCall: () => quietly(append('gateway', { of: 'call', command: { type: 'end-call', reason: 'hung-up' } })),
		remove: (by: Executive) =>
			quietly(append('sue', { of: 'listening', listeningId: `listening-${by}`, command: { type: 'remove-listener' } })),
		agentIsHere: (isHere: boolean) => running.agentIsHere('ann', isHere),
		loseOnPlatform: () => lost(),
	};
}
export type SegmentWorld = ReturnType<typeof segmentWorld>;
