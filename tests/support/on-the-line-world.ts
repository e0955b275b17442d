import { asking } from '#server/ask.ts';
import { isOn } from '#server/domain/call.ts';
import { ownerOf } from '#server/domain/handoff.ts';
import { mustBeAllowed } from '#server/domain/roles.ts';
import type { Session, SessionDecision, SessionEvent } from '#server/domain/session.ts';
import { noSession } from '#server/domain/session.ts';
import { eventJournal } from '#server/journal/events.ts';
import type { Journal, Recorded } from '#server/journal/journal.ts';
import { foldSession, type SessionView } from '#server/projections/session-view.ts';
import { floor as segmentFloor } from '#server/segments/floor.ts';
import { segments } from '#server/segments/running.ts';
import type { Sitting } from '#server/segments/seat.ts';
import { askedOf } from '#server/survey/asked.ts';
import { surveyPolicy } from '#server/survey/policy.ts';
import type { Control, Returned, Voice } from '#server/telephony/control.ts';
import type { SessionCommand } from '#shared/call.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';
import type { Identity } from '#shared/survey.ts';
import { handClock } from '#tests/support/clock.ts';
import { memoryJournal } from '#tests/support/memory-journal.ts';
import { toldTwice } from '#tests/support/segment-rows.ts';

export const callId = 'test-1';
export const ann: Person = { id: 'ann', name: 'Ann Agent', role: 'agent', team: 'Orders' };
export const sue: Person = { id: 'sue', name: 'Sue Supervisor', role: 'supervisor', team: 'Orders' };
export const executives: readonly Person[] = [
	{ id: 'eve', name: 'Eve Executive', role: 'executive', team: 'Leadership' },
	{ id: 'ed', name: 'Ed Executive', role: 'executive', team: 'Leadership' },
];
/** Each executive's voice is one byte over and over, so that a frame tells whose it is. */
const voiceOf = (id: string) => 1 + executives.findIndex((one) => one.id === id);
const silence = 0xff;

/** A key that takes the customer back: who pressed it may, and it is not answered, or did not get on record. */
interface Press {
	type: SessionCommand['type'];
	isUnrecorded: boolean;
}
const shutting: SessionCommand['type'][] = ['protect-call', 'withdraw-consent', 'take-back', 'finish-survey'];

/**
 * One call with everyone on it, through the real `ask`, `floor` and runner, over a journal, a platform and connections that a
 * test breaks. Each frame that goes toward the call is judged by what is on record and which keys were pressed, told apart
 * from the floor. What is wrong is listed, for the test to find empty.
 */
export function segmentWorld(identity: Identity) {
	const clock = handClock();
	const wrong: string[] = [];
	const people = [ann, sue, ...executives];
	const policy = surveyPolicy({ company: 'Us', role: 'a director', rule: { identity, limitSeconds: 60 } });

	const engine = eventJournal(memoryJournal({ id: 'world', records: [] }));
	let disk: 'keeps' | 'fails' = 'keeps';
	let held: PromiseWithResolvers<void> | undefined;
	const turning = async () => {
		await held?.promise;
		if (disk === 'fails') throw new Refusal('journal.unavailable');
	};
	const journal: Journal = {
		...engine,
		async append(...record) {
			await turning();
			return engine.append(...record);
		},
		async read(stream) {
			await turning();
			return engine.read(stream);
		},
	};

	/** What is on record, told in as few words as can be. */
	const record = { agreed: new Set<string>(), live: '', holder: '', segmentId: '' };
	let view: SessionView | undefined;
	let presses: Press[] = [];
	let spoken = 0;

	function note({ event }: Recorded) {
		switch (event.type) {
			case 'survey-offered':
				record.segmentId = event.segmentId;
				record.holder = '';
				presses = presses.filter(({ type }) => type === 'protect-call');
				break;
			case 'consent-recorded':
				if (event.answer === 'agreed') record.agreed.add(event.segmentId);
				break;
			case 'line-taken':
				record.holder = event.taken.by === 'line' ? event.taken.executive.id : '';
				break;
			case 'survey-live':
				record.live = event.segmentId;
				break;
			case 'call-protected':
				presses = presses.filter(({ type, isUnrecorded }) => !(isUnrecorded && type === 'protect-call'));
				record.live = '';
				break;
			case 'consent-withdrawn':
				record.agreed.delete(event.segmentId);
				record.live = '';
				break;
			case 'survey-finished':
			case 'line-lost':
			case 'call-lost':
			case 'call-ended':
				record.live = '';
				break;
		}
	}

	/** The platform: what it was asked, and whether it does it at once. */
	const platform = {
		takes: 'at once' as 'at once' | 'later' | 'never',
		releases: 'at once' as 'at once' | 'later' | 'fails',
		waiting: [] as (() => void)[],
		/** How often somebody was brought on the line and back. */
		taken: 0,
		released: 0,
		lose: () => {},
		withdraw: () => {},
	};
	const promised = <T>(how: 'at once' | 'later' | 'fails' | 'never', value: () => T): Promise<T> => {
		if (how === 'at once') return Promise.resolve(value());
		return new Promise((resolve, reject) => {
			const go = () => (how === 'later' ? resolve(value()) : reject(new Error('the platform would not')));
			if (how === 'later') platform.waiting.push(go);
			else go();
		});
	};
	const control: Control = {
		abilities: ['survey', 'returnToAgent'],
		take(_, lost) {
			const turn = ++platform.taken;
			platform.lose = lost;
			return promised(
				platform.takes === 'never' ? 'fails' : platform.takes,
				(): Voice => ({
					say: (frame) => judge(frame, turn),
				}),
			);
		},
		release() {
			platform.released = platform.taken;
			return promised(platform.releases, (): Returned => 'agent');
		},
		onWithdrawn(withdrawn) {
			platform.withdraw = withdrawn;
		},
	};

	/** [S2] [C2]: of everything that goes toward the call, silence too. */
	function judge(frame: Uint8Array, turn: number) {
		const byte = frame[0] as number;
		const say = (problem: string) => wrong.push(`${problem}: ${JSON.stringify(record)}`);
		if (byte !== silence) spoken++;
		if (record.live === '' || record.live !== record.segmentId) say('heard while the record does not say live');
		if (!record.agreed.has(record.live)) say('heard without a consent to this segment');
		if (byte !== silence && byte !== voiceOf(record.holder)) say(`heard ${byte}, who does not hold the line`);
		if (presses.length > 0) say(`heard after a key was pressed, ${JSON.stringify(presses)}`);
		if (turn <= platform.released) say('heard after the platform was asked to bring the customer back');
	}

	const floor = segmentFloor();
	let secrets = 0;
	const ask = asking({
		journal,
		findPerson: (id) => people.find((one) => one.id === id),
		now: clock.now,
		newSecret() {
			const secret = `secret-${++secrets}`;
			return { secret, hash: secret };
		},
		asked: (session, agent, scriptId, language) => askedOf(policy, session, agent, scriptId, language),
		shut(id, command) {
			const cameOut = floor.shut(id, command);
			return (outcome) => {
				cameOut(outcome);
				runner.shut(id, command, outcome);
			};
		},
		recorded(records) {
			for (const one of records) {
				note(one);
				view = foldSession(view, one)?.session ?? view;
				if (!view) continue;
				const { byRow, byState } = toldTwice(view);
				if (JSON.stringify(byRow) !== JSON.stringify(byState))
					wrong.push(`row and state differ: ${JSON.stringify({ byRow, byState })}`);
				if (!['agent', 'executive', 'platform'].includes(ownerOf(view.state.segment)))
					wrong.push(`nobody has the customer: ${view.state.segment.at}`);
			}
			floor.recorded(records);
			runner.recorded(records);
		},
	});
	let isAgentHere = true;
	const runner = segments({
		clock,
		floor,
		report: (id, command) => ask.house('ycord', id, { of: 'segment', command }),
		control: () => control,
		codec: () => 'pcmu',
		executiveSays: () => {},
		agentOf: () => ann.id,
		ruleOf: () => ({ limitMs: 60_000, agent: 'muted', fallback: 'queue' }),
		shownAs: () => 'a director',
		isHere: () => isAgentHere,
		failed: () => {},
	});

	const session = (): Session => view?.state ?? noSession;
	const addresses = new Map<string, string>();
	const sittings: { executive: string; sitting: Sitting; isHungUp: boolean }[] = [];

	function isAllowed(who: Person, command: SessionCommand) {
		try {
			mustBeAllowed(who, command, session());
			return isOn(session().call);
		} catch {
			return false;
		}
	}

	return {
		clock,
		wrong,
		platform,
		session,
		view: () => view,
		/** How many frames with a voice in them went toward the call. */
		spoken: () => spoken,
		onLine: () => runner.count,
		house: (decision: SessionDecision) => ask.house('gateway:test', callId, decision).catch(() => []),
		/** Somebody presses a key; resolves when it is answered. */
		async press(who: Person, command: SessionCommand): Promise<void> {
			const press: Press = { type: command.type, isUnrecorded: false };
			// To finish is the key of whoever holds the line; another executive's press does nothing, not even for a moment.
			const isTheirs = command.type !== 'finish-survey' || who.id === record.holder;
			if (shutting.includes(command.type) && isTheirs && isAllowed(who, command)) presses.push(press);
			const over = () => {
				presses = presses.filter((one) => one !== press);
			};
			try {
				const { result } = await ask.person(who, callId, command);
				over();
				if (result && 'surveyPath' in result && result.surveyPath)
					addresses.set(who.id, new URL(result.surveyPath, 'http://ycord').pathname.split('/').at(-1) as string);
			} catch (error) {
				if (!(error instanceof Refusal)) throw error;
				const isByRule = !error.code.startsWith('journal.') && !error.code.endsWith('silent-unrecorded');
				if (isByRule) over();
				else press.isUnrecorded = true;
			}
		},
		/** Opens a survey socket with the last address this executive got, or somebody else's. */
		sit(executive: string, withAddressOf = executive) {
			const one = { executive, isHungUp: false };
			const sitting = runner.sit(addresses.get(withAddressOf) ?? '', executive, {
				tell() {},
				end() {
					one.isHungUp = true;
				},
			});
			if (sitting) sittings.push(Object.assign(one, { sitting }));
		},
		/** Everybody who has or had a connection talks into it; those that were hung up on are read from no more. */
		talk() {
			for (const { executive, sitting, isHungUp } of sittings)
				if (!isHungUp) sitting.said(new Uint8Array(160).fill(voiceOf(executive)));
		},
		/** The last connection that still stands is gone. */
		leave(how: 'broken' | 'hung-up') {
			const last = sittings.findLast(({ isHungUp }) => !isHungUp);
			if (!last) return;
			last.isHungUp = true;
			last.sitting.left(how);
		},
		agentIsHere(isHere: boolean) {
			isAgentHere = isHere;
			runner.agentIsHere(ann.id, isHere);
		},
		disk(now: 'keeps' | 'fails' | 'holds') {
			if (now === 'holds') {
				held ??= Promise.withResolvers();
				return;
			}
			disk = now;
			held?.resolve();
			held = undefined;
		},
		/** The platform does what it still has to. */
		platformGoesOn() {
			for (const go of platform.waiting.splice(0)) go();
		},
		story: async (): Promise<SessionEvent['type'][]> => (await engine.read(callId)).map(({ event }) => event.type),
	};
}
export type SegmentWorld = ReturnType<typeof segmentWorld>;
