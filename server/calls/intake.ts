import type { Ask } from '#server/ask.ts';
import type { CallSound, Hub } from '#server/audio/hub.ts';
import { type LegTrack, legTrack, type SharedPlace } from '#server/calls/leg-track.ts';
import type { CallCommand, EndReason } from '#server/domain/call.ts';
import type { CallTerms, CallTraits } from '#server/domain/terms.ts';
import { callAbout } from '#server/telephony/call-about.ts';
import type { Control } from '#server/telephony/control.ts';
import type { IncomingCall, Intake, LiveCall } from '#server/telephony/telephony.ts';
import type { Codec, Leg } from '#shared/audio.ts';
import type { Clock } from '#shared/clock.ts';
import { callIdPattern } from '#shared/ids.ts';
import type { Person } from '#shared/people.ts';
import { Refusal, refusals } from '#shared/refusals.ts';

/** How long a call whose sound was lost may come back before it is over. */
export const lostGraceMs = 30_000;
/** How soon the end of a call that the journal would not take is reported again. */
const reportAgainMs = 1000;

/** What the intake needs. */
export interface IntakeNeeds {
	ask: Ask;
	hub: Hub;
	clock: Clock;
	/** The agent whom a gateway's name for one means; undefined for nobody here. */
	findAgent: (gateway: string, name: string) => Person | undefined;
	maxCalls: number;
	/** What the policy says of a call that begins now. */
	termsOf?: ((call: CallTraits) => CallTerms | undefined) | undefined;
	/** Something on a call could not be put on record; `callId` is no personal data. */
	failed: (callId: string, error: unknown) => void;
}

/** The intake with what the rest of the house asks of it. */
export interface RunningIntake extends Intake {
	/** Calls whose sound comes in here now; `real` leaves rehearsals out. */
	count(only?: 'real'): number;
	/** Calls of one gateway. */
	countOf(gateway: string): number;
	/** What this call's platform can be asked to do; undefined for a call that is not here. */
	control(callId: string): Control | undefined;
	/** How its sound is coded. */
	codec(callId: string): Codec | undefined;
	/**
	 * What the executive says, as another leg of the call: listeners hear what the customer hears. Placed by the call's own
	 * clock; nothing for a call that is not here.
	 */
	executiveSays(callId: string, frame: Uint8Array): void;
	/** Takes no new calls any more. */
	drain(): void;
	/** Ends every call that is still on, and resolves when that is on record. */
	close(): Promise<void>;
}

interface OnCall {
	callId: string;
	call: IncomingCall;
	sound: CallSound;
	startedAtMs: number;
	/** Where the executive's voice is put on the time line, once there is one. */
	executive: LegTrack | undefined;
	/** Stops waiting for a lost call; undefined while its sound is there. */
	stopWaiting: (() => void) | undefined;
	end(reason: EndReason): Promise<void>;
}

/** Hands gateways their live call; turns what they bring into frames for the hub and commands for `ask`. */
export function intake({
	ask,
	hub,
	clock,
	findAgent,
	maxCalls,
	failed,
	termsOf = () => undefined,
}: IntakeNeeds): RunningIntake {
	const onCall = new Map<string, OnCall>();
	let draining = false;
	let closing = false;

	function take(call: IncomingCall): { entry: OnCall; command: CallCommand } {
		const callId = `${call.gateway}-${call.platformId}`;
		if (!new RegExp(callIdPattern).test(callId))
			throw new Refusal(
				'request.malformed',
				'the call id has other characters than letters, digits, “_”, “.” and “-”, or more than 80',
			);
		const before = onCall.get(callId);
		if (before?.stopWaiting) {
			before.stopWaiting();
			before.stopWaiting = undefined;
			return { entry: before, command: { type: 'restore-call' } };
		}
		if (before) throw new Refusal('call.exists');
		if (draining) throw new Refusal('server.draining');
		if (onCall.size >= maxCalls) throw new Refusal('call.full', String(maxCalls));
		const agent = findAgent(call.gateway, call.agentId);
		if (!agent) throw new Refusal('call.unknown-agent', call.agentId);
		const sound = hub.open(callId, call.codec);
		const entry: OnCall = {
			callId,
			call,
			sound,
			startedAtMs: clock.now(),
			executive: undefined,
			stopWaiting: undefined,
			async end(reason) {
				entry.stopWaiting?.();
				if (onCall.get(callId) !== entry) return;
				onCall.delete(callId);
				sound.close();
				await report(entry, { type: 'end-call', reason });
			},
		};
		onCall.set(callId, entry);
		const { gateway, rehearsal, label, disclosure, control } = call;
		const { abilities = [], cannot = listeningOnly, agentMust } = control ?? {};
		const can = {
			abilities,
			...(abilities.includes('survey') ? {} : { cannot }),
			...(agentMust ? { agentMust } : {}),
		};
		const who = { agentId: agent.id, agentName: agent.name, team: agent.team };
		const about = callAbout(call.about ?? {});
		const kind = {
			...(about ? { about } : {}),
			...(call.hears === 'mix' ? { hears: call.hears } : {}),
			...(call.audible ? { audible: call.audible } : {}),
		};
		const terms = termsOf({ gateway, team: agent.team, ...about, atMs: clock.now() });
		const facts = { gateway, rehearsal, label, disclosure, ...who, ...can, ...kind, ...(terms ? { terms } : {}) };
		return { entry, command: { type: 'start-call', facts } };
	}

	/** Reports that are not on record yet; `close` waits for them. At most a few for each call. */
	const reporting = new Set<Promise<unknown>>();
	/**
	 * Ends that the journal would not take just now. Without them a call would stay on every board and its listeners in
	 * silence. One a call, and no call comes in while the journal takes nothing.
	 */
	const owed = new Map<() => void, () => void>();
	function report(entry: OnCall, command: CallCommand): Promise<unknown> {
		const { callId, call } = entry;
		const work = ask
			.house(`gateway:${call.gateway}`, callId, { of: 'call', command })
			.catch((error) => {
				failed(callId, error);
				if (command.type !== 'end-call' || closing || !mayPass(error)) return;
				const again = () => {
					owed.delete(again);
					void report(entry, command);
				};
				owed.set(again, clock.after(reportAgainMs, again));
			})
			.finally(() => reporting.delete(work));
		reporting.add(work);
		return work;
	}

	return {
		started(call, refused) {
			let entry: OnCall;
			let command: CallCommand;
			try {
				({ entry, command } = take(call));
			} catch (error) {
				refused(error instanceof Refusal ? error : new Refusal('request.failed'));
				return deaf(`${call.gateway}-${call.platformId}`);
			}
			ask.house(`gateway:${call.gateway}`, entry.callId, { of: 'call', command }).catch((error) => {
				sounding = 'over';
				failed(entry.callId, error);
				if (onCall.get(entry.callId) !== entry) entry.sound.close();
				else if (command.type === 'restore-call')
					// As lost as before: it may come back once more, and ends on record if it does not.
					entry.stopWaiting ??= clock.after(lostGraceMs, () => void entry.end('lost'));
				else {
					onCall.delete(entry.callId);
					entry.sound.close();
				}
				refused(error instanceof Refusal ? error : new Refusal('request.failed'));
			});

			let sounding: 'yes' | 'lost' | 'over' = 'yes';
			let isPaused = false;
			const tracks = new Map<Leg, LegTrack>();
			const place: SharedPlace = {};
			for (const leg of call.legs)
				tracks.set(
					leg,
					legTrack({
						codec: call.codec,
						startedAtMs: entry.startedAtMs,
						now: clock.now,
						place,
						frame: (index, bytes) => entry.sound.frame(leg, index, bytes),
					}),
				);
			// The house may have ended the call by itself, when it closes: then there is nothing left to report.
			const isOn = () => sounding === 'yes' && onCall.get(entry.callId) === entry;
			const say = (command: CallCommand) => {
				if (isOn()) void report(entry, command);
			};
			return {
				callId: entry.callId,
				sound(leg, data, at) {
					if (sounding === 'yes' && !isPaused) tracks.get(leg)?.sound(data, at);
				},
				held: () => say({ type: 'hold-call' }),
				resumed: () => say({ type: 'resume-call' }),
				paused() {
					isPaused = true;
					say({ type: 'pause-call' });
				},
				unpaused() {
					isPaused = false;
					say({ type: 'unpause-call' });
				},
				lost(withinMs = lostGraceMs) {
					if (!isOn()) return;
					say({ type: 'lose-call' });
					entry.stopWaiting = clock.after(withinMs, () => void entry.end('lost'));
					sounding = 'lost';
				},
				ended(reason) {
					// A lost call can still be hung up, unless its sound has come back under another hand.
					if (sounding === 'yes' || (sounding === 'lost' && entry.stopWaiting)) void entry.end(reason);
					sounding = 'over';
				},
			};
		},
		count: (only) => [...onCall.values()].filter(({ call }) => only !== 'real' || !call.rehearsal).length,
		countOf: (gateway) => [...onCall.values()].filter(({ call }) => call.gateway === gateway).length,
		control: (callId) => onCall.get(callId)?.call.control,
		codec: (callId) => onCall.get(callId)?.call.codec,
		executiveSays(callId, frame) {
			const entry = onCall.get(callId);
			if (!entry) return;
			entry.executive ??= legTrack({
				codec: entry.call.codec,
				startedAtMs: entry.startedAtMs,
				now: clock.now,
				frame: (index, bytes) => entry.sound.frame('executive', index, bytes),
			});
			entry.executive.sound(frame, undefined);
		},
		drain() {
			draining = true;
		},
		async close() {
			draining = true;
			closing = true;
			for (const entry of [...onCall.values()]) void entry.end('server-stopped');
			for (const [again, stop] of owed) {
				stop();
				again();
			}
			await Promise.all(reporting);
		},
	};
}

/** Why an executive cannot be brought on the line of a gateway that has no control. */
const listeningOnly = 'it can only be listened to';

/** Whether the same may succeed later. */
const mayPass = (error: unknown) => error instanceof Refusal && refusals[error.code].retry;

/** What a refused gateway holds: everything on it does nothing. */
const deaf = (callId: string): LiveCall => ({
	callId,
	sound() {},
	held() {},
	resumed() {},
	paused() {},
	unpaused() {},
	lost() {},
	ended() {},
});
