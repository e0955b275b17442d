import type { ShuttingCommand } from '#server/ask.ts';
import type { SegmentCommand, Taken } from '#server/domain/handoff.ts';
import type { Floor } from '#server/segments/floor.ts';
import type { Pacer } from '#server/segments/pacer.ts';
import { type Seat, type Sitting, seatMs } from '#server/segments/seat.ts';
import { voiceQueue } from '#server/segments/voice-queue.ts';
import type { Control, Fallback, Voice } from '#server/telephony/control.ts';
import type { Codec } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import type { CloseReason } from '#shared/close-codes.ts';
import { Refusal, type RefusalCode, refusals } from '#shared/refusals.ts';
import type { Ending } from '#shared/survey.ts';

/** How long an executive's connection may be gone before the line is lost. [T4] */
const awayMs = 3000;
/** How long the agent may have no page open at all, as while it is loaded again, before they count as gone. */
const agentAwayMs = 5000;
/** How soon what the journal or the platform would not take is tried again. */
const againMs = 1000;
/** How seldom at the most: a platform that keeps refusing has time in between to notice by itself that the call is over. */
const maxAgainMs = 30_000;
/** How often an executive is told what their connection lost. */
const tellEveryMs = 2000;

/** What one segment on the line needs. */
export interface RunNeeds {
	clock: Clock;
	floor: Floor;
	pace: Pacer;
	callId: string;
	segmentId: string;
	taken: Taken;
	/** Puts on record what happened to the segment. */
	report(callId: string, command: SegmentCommand): Promise<unknown>;
	control(callId: string): Control | undefined;
	codec(callId: string): Codec | undefined;
	/** Listeners hear what the customer hears. */
	executiveSays(callId: string, frame: Uint8Array): void;
	agentOf(callId: string): string | undefined;
	/** What the policy of the call's queue says. */
	ruleOf(callId: string): { limitMs: number; agent: 'muted' | 'open'; fallback: Fallback };
	/** How the executive is shown to the customer. [C3] */
	shownAs(callId: string): string;
	/** Something could not be done; ids only. */
	failed(callId: string, error: unknown): void;
	/** The customer is back, or the call is over: nothing is left to do. */
	over(): void;
}

/** One segment while it is on the line. */
export interface Run {
	begin(): void;
	/** `live` is on record: both hear each other from the next frame on. */
	live(limitMs: number): void;
	/** Its end is on record: the customer goes back. */
	comeBack(): void;
	/** Its end was asked for by this key and could not be put on record: the customer goes back all the same, and the record follows. */
	takenBackUnrecorded(key: ShuttingCommand): void;
	/** Where the customer came to be is on record. */
	cameBack(): void;
	callEnded(): void;
	/** Undefined once its end has begun: there is nobody to talk to any more. */
	sit(seat: Seat): Sitting | undefined;
	agentIsHere(isHere: boolean): void;
	close(): Promise<void>;
}

/**
 * Brings an executive on the line, lets them be heard while the record says `live`, and brings the customer back. What ends
 * it is decided on the record; here it is noticed, reported and carried out. [S2] [C2]
 */
export function runOf(needs: RunNeeds): Run {
	const { clock, floor, pace, callId, segmentId, taken, report, failed } = needs;
	const control = needs.control(callId);
	const codec = needs.codec(callId) ?? 'pcmu';
	const executiveId = taken.executive.id;
	const queue = voiceQueue(codec);
	let at: 'taking' | 'live' | 'returning' | 'over' = 'taking';
	let voice: Voice | undefined;
	let seat: Seat | undefined;
	let brought = false;
	let asked = false;
	let coming: Promise<void> | undefined;
	/** Waits that a change of state makes void, by what is waited for. */
	const waits = new Map<'seat' | 'agent' | 'limit', () => void>();
	let stopPace = () => {};
	let stopTelling = () => {};

	const stopWaiting = (what: 'seat' | 'agent' | 'limit') => {
		waits.get(what)?.();
		waits.delete(what);
	};
	const waitFor = (what: 'seat' | 'agent' | 'limit', ms: number, then: () => void) => {
		stopWaiting(what);
		waits.set(what, clock.after(ms, then));
	};
	const isOnLine = () => at === 'taking' || at === 'live';

	/** Ends the turn from here: nothing more is heard at once, and it is reported until it is on record. */
	function end(command: SegmentCommand) {
		if (!isOnLine()) return;
		const cameOut = floor.shut(callId);
		report(callId, command).then(
			() => cameOut('recorded'),
			(error) => {
				// By a rule: it has ended in another way meanwhile, or is to be ended in another way.
				if (!mayPass(error)) return cameOut('refused');
				failed(callId, error);
				cameOut('unrecorded');
				goBack();
				owe(command);
			},
		);
	}

	/** Reports again until it is on record, or has become so by another way. */
	function owe(command: SegmentCommand) {
		clock.after(againMs, () => {
			if (at === 'over') return;
			report(callId, command).catch((error) => {
				if (mayPass(error)) owe(command);
			});
		});
	}

	const lose = (how: Ending) => end({ type: 'lose-line', segmentId, how });

	/** Not before the executive is there: until then the customer goes on talking with the agent. */
	function bringOn() {
		if (at !== 'taking' || brought) return;
		brought = true;
		if (!control?.take) return lose('gateway-lost');
		const { agent } = needs.ruleOf(callId);
		control
			.take({ agent, shownAs: needs.shownAs(callId) }, () => lose('gateway-lost'))
			.then(
				(given) => {
					voice = given;
					tryLive();
				},
				(error) => {
					failed(callId, error);
					lose('gateway-lost');
				},
			);
	}

	function tryLive() {
		if (at !== 'taking' || !voice || !seat || asked) return;
		asked = true;
		const { limitMs } = needs.ruleOf(callId);
		report(callId, { type: 'go-live', segmentId, limitMs }).catch((error) => {
			asked = false;
			if (!mayPass(error)) return;
			failed(callId, error);
			lose('gateway-lost');
		});
	}

	/** What is due now goes to the customer, if the record still says so: asked for each frame, for a key may have been pressed since. [S2] */
	function speak() {
		const frame = queue.next();
		if (!voice || !floor.isOpen(callId, segmentId, executiveId)) return;
		voice.say(frame);
		needs.executiveSays(callId, frame);
	}

	function dismiss(reason: CloseReason) {
		seat?.end(reason);
		seat = undefined;
	}

	/** The customer goes back at once; where they came to be is reported when the platform says so. */
	function goBack(): Promise<void> {
		if (at === 'over') return Promise.resolve();
		at = 'returning';
		stopPace();
		stopTelling();
		for (const what of [...waits.keys()]) stopWaiting(what);
		coming ??= bringBack();
		return coming;
	}

	async function bringBack(): Promise<void> {
		// Whom nobody was brought to has been with the agent all the time.
		if (!brought) return returned('agent');
		for (let waitMs = againMs; ; waitMs = Math.min(2 * waitMs, maxAgainMs)) {
			try {
				const to = (await control?.release?.(needs.ruleOf(callId).fallback)) ?? 'agent';
				return await returned(to);
			} catch (error) {
				if (isOver()) return;
				failed(callId, error);
				await new Promise<void>((resolve) => clock.after(waitMs, resolve));
				if (isOver()) return;
			}
		}
	}
	const isOver = () => at === 'over';

	async function returned(to: 'agent' | 'queue' | 'announcement' | 'hung-up'): Promise<void> {
		for (;;) {
			try {
				await report(callId, { type: 'customer-returned', segmentId, to });
				return finish();
			} catch (error) {
				if (isOver()) return;
				if (error instanceof Refusal && final.includes(error.code)) return finish();
				failed(callId, error);
				// Its end is not on record yet, or the journal takes nothing just now.
				await new Promise<void>((resolve) => clock.after(againMs, resolve));
			}
		}
	}

	function finish() {
		if (at === 'over') return;
		at = 'over';
		stopPace();
		stopTelling();
		for (const what of [...waits.keys()]) stopWaiting(what);
		needs.over();
	}

	return {
		begin() {
			waitFor('seat', seatMs, () => lose('executive-lost'));
			control?.onWithdrawn?.(() => end({ type: 'withdraw-consent', segmentId, who: 'customer' }));
		},
		live(limitMs) {
			if (at !== 'taking') return;
			at = 'live';
			stopPace = pace.add(speak);
			seat?.tell('live', queue.dropped);
			stopTelling = clock.every(tellEveryMs, () => seat?.tell('live', queue.dropped));
			if (limitMs > 0) waitFor('limit', limitMs, () => end({ type: 'finish-survey', segmentId, how: 'time-limit' }));
		},
		comeBack() {
			dismiss('surveyOver');
			void goBack();
		},
		takenBackUnrecorded(key) {
			if (!isOnLine()) return;
			dismiss('surveyOver');
			void goBack();
			// A consent that was taken back is on record as that, or its answers would count.
			if (key === 'withdraw-consent') owe({ type: key, segmentId, who: 'agent' });
			else owe({ type: 'finish-survey', segmentId, how: 'taken-back' });
		},
		cameBack: finish,
		callEnded() {
			dismiss('callEnded');
			finish();
		},
		sit(next) {
			if (!isOnLine()) return undefined;
			seat?.end('replaced');
			seat = next;
			stopWaiting('seat');
			next.tell(at === 'live' ? 'live' : 'ready', queue.dropped);
			bringOn();
			tryLive();
			return {
				callId,
				segmentId,
				codec,
				said(frame) {
					if (seat === next && at === 'live') queue.arrived(frame);
				},
				left(how) {
					if (seat !== next) return;
					seat = undefined;
					if (!isOnLine()) return;
					if (how === 'hung-up') lose('executive-lost');
					else waitFor('seat', awayMs, () => lose('executive-lost'));
				},
			};
		},
		agentIsHere(isHere) {
			if (isHere) return stopWaiting('agent');
			if (isOnLine()) waitFor('agent', agentAwayMs, () => lose('agent-lost'));
		},
		async close() {
			if (isOnLine()) lose('gateway-lost');
			dismiss('draining');
			await goBack();
		},
	};
}

/** Whether the same may succeed later. */
const mayPass = (error: unknown) => !(error instanceof Refusal) || refusals[error.code].retry;
/** There is nothing left to report. */
const final: RefusalCode[] = ['call.ended', 'call.unknown', 'call.erased', 'survey.unknown'];
