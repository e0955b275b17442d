import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTaken } from '#server/domain/handoff.ts';
import type { SessionDecision } from '#server/domain/session.ts';
import type { SessionCommand } from '#shared/call.ts';
import type { Person } from '#shared/people.ts';
import { identities } from '#shared/survey.ts';
import { ann, executives, type SegmentWorld, segmentWorld, sue } from '#tests/support/on-the-line-world.ts';
import { seedFor } from '#tests/support/seed.ts';

/** 300 runs in CI; `npm run nightly` asks for 10,000. */
const runs = Number(process.env.YCORD_TEST_RUNS ?? 300);

/** What may happen next; `onward` is whatever brings the segment nearer to being live. */
const steps = [
	...Array<'onward'>(9).fill('onward'),
	...Array<'talk'>(4).fill('talk'),
	'wait',
	'wait long',
	'press at once',
	'press',
	'press',
	'press of another',
	'finish',
	'withdraw',
	'take back',
	'protect',
	'unprotect',
	'declines',
	'take again',
	'by phone',
	'steal the address',
	'cut',
	'hang up',
	'stop hearing',
	'hear again',
	'remove',
	'hold',
	'resume',
	'lose the call',
	'restore the call',
	'end the call',
	'platform loses',
	'platform withdraws',
	'platform later',
	'platform at once',
	'platform fails',
	'agent leaves',
	'agent is back',
	'disk fails',
	'disk holds',
	'disk keeps',
	'disk keeps',
] as const;
type Step = (typeof steps)[number];

const settle = async () => {
	for (let turn = 0; turn < 3; turn++) await new Promise<void>((done) => setImmediate(done));
};
const ofCall = (type: 'hold-call' | 'resume-call' | 'lose-call' | 'restore-call'): SessionDecision => ({
	of: 'call',
	command: { type },
});
const seatOf = (who: Person) => `00000000-0000-4000-8000-00000000000${executives.indexOf(who)}`;
const ofSeat = (who: Person, command: Extract<SessionDecision, { of: 'listening' }>['command']): SessionDecision => ({
	of: 'listening',
	listeningId: seatOf(who),
	command,
});

async function begin(world: SegmentWorld) {
	const { id: agentId, name: agentName, team } = ann;
	const facts = { gateway: 'test', rehearsal: false, label: 'A call', agentId, agentName, team, abilities: ['survey'] };
	await world.house({
		of: 'call',
		command: { type: 'start-call', facts: { ...facts, disclosure: 'notice' } as never },
	});
	for (const who of executives) {
		const listener = { id: who.id, name: who.name, role: 'executive' as const };
		await world.house(
			ofSeat(who, { type: 'invite', listener, secretHash: seatOf(who), expiresAtMs: Number.MAX_VALUE }),
		);
		await world.house(ofSeat(who, { type: 'accept-invitation', nowMs: 0 }));
		await world.house(ofSeat(who, { type: 'start-listening', required: 'notice' }));
	}
}

/** Plays the steps; gives back what is under way. */
function player(world: SegmentWorld) {
	let made = 0;
	const [eve, ed] = executives as [Person, Person];
	const idNow = () => {
		const { segment } = world.session();
		return segment.at === 'none' ? 'none' : segment.id;
	};
	const press = (who: Person, command: { type: SessionCommand['type'] } & Record<string, unknown>) =>
		void world.press(who, { segmentId: idNow(), ...command } as SessionCommand);
	const offer = (who: Person) => press(who, { type: 'offer-survey', segmentId: `segment-${++made}` });
	const take = (who: Person, by: 'line' | 'phone' = 'line') => press(who, { type: 'take-line', by });
	const turn = (n: number) => executives[n % executives.length] as Person;

	function onward(n: number) {
		const { segment } = world.session();
		switch (segment.at) {
			case 'offered':
				return press(ann, { type: 'ask-survey', scriptId: 'service', language: 'en' });
			case 'asked':
				return press(ann, { type: 'record-consent', answer: 'agreed' });
			case 'agreed':
				return take(segment.asked.executive?.id === ed.id ? ed : eve);
			case 'ready':
				world.sit(segment.taken.executive.id);
				return world.platformGoesOn();
			case 'live':
				return press(segment.taken.executive as Person, { type: 'answer-question', questionId: 'solved', value: 'no' });
			default:
				return offer(n % 3 === 0 ? ann : turn(n));
		}
	}

	return function play(step: Step, n: number) {
		switch (step) {
			case 'onward':
				return onward(n);
			case 'talk':
				for (let frame = 0; frame <= n % 5; frame++) {
					world.talk();
					world.clock.advance(20);
				}
				return;
			case 'wait':
				return world.clock.advance(100 * n);
			case 'wait long':
				return world.clock.advance(2000 * n);
			case 'press at once':
				// What was pressed is shut before anything else happens, and before it is on record.
				press(ann, { type: n % 2 ? 'withdraw-consent' : 'take-back' });
				world.talk();
				return world.clock.advance(40);
			case 'press':
				return onward(n + 1);
			case 'press of another':
				return press(turn(n), { type: 'finish-survey', segmentId: n % 2 ? idNow() : 'segment-1' });
			case 'finish':
				return press(turn(n), { type: 'finish-survey' });
			case 'withdraw':
				return press(ann, { type: 'withdraw-consent' });
			case 'take back':
				return press(n % 2 ? ann : sue, { type: 'take-back' });
			case 'protect':
			case 'unprotect':
				return press(n % 2 ? ann : sue, { type: `${step}-call` });
			case 'declines':
				return press(ann, { type: 'record-consent', answer: n % 2 ? 'declined' : 'not-now' });
			case 'take again':
				take(turn(n));
				return world.sit(turn(n).id);
			case 'by phone':
				return n % 4 === 0 ? take(turn(n), 'phone') : undefined;
			case 'steal the address':
				return world.sit(ed.id, eve.id);
			case 'cut':
				return world.leave('broken');
			case 'hang up':
				return world.leave('hung-up');
			case 'stop hearing':
				return world.house(
					ofSeat(turn(n), { type: 'stop-listening', reason: 'connection-lost', audibleMs: 1, lostMs: 0 }),
				);
			case 'hear again':
				return world.house(ofSeat(turn(n), { type: 'start-listening', required: 'notice' }));
			case 'remove':
				return n % 4 === 0 ? press(sue, { type: 'remove-listener', listeningId: seatOf(turn(n)) }) : undefined;
			case 'hold':
			case 'resume':
				return world.house(ofCall(`${step}-call`));
			case 'lose the call':
				return world.house(ofCall('lose-call'));
			case 'restore the call':
				return world.house(ofCall('restore-call'));
			case 'end the call':
				return n % 6 === 0 ? world.house({ of: 'call', command: { type: 'end-call', reason: 'hung-up' } }) : undefined;
			case 'platform loses':
				return world.platform.lose();
			case 'platform withdraws':
				return world.platform.withdraw();
			case 'platform later':
			case 'platform at once':
				world.platform.takes = step === 'platform later' ? 'later' : 'at once';
				world.platform.releases = world.platform.takes;
				return;
			case 'platform fails':
				if (n % 2) world.platform.takes = 'never';
				else world.platform.releases = 'fails';
				return;
			case 'agent leaves':
			case 'agent is back':
				return world.agentIsHere(step === 'agent is back');
			case 'disk fails':
			case 'disk holds':
			case 'disk keeps':
				return world.disk(step === 'disk fails' ? 'fails' : step === 'disk holds' ? 'holds' : 'keeps');
		}
	};
}

/** Everything works again: whoever is on the line is taken back, and the runner has the time it needs. */
async function comeToRest(world: SegmentWorld) {
	world.platform.takes = 'at once';
	world.platform.releases = 'at once';
	world.disk('keeps');
	for (let turn = 0; turn < 6; turn++) {
		await settle();
		world.platformGoesOn();
		world.clock.advance(1000);
	}
	const { segment } = world.session();
	if (isTaken(segment)) await world.press(ann, { type: 'take-back', segmentId: segment.id });
	// A platform that kept refusing is asked again every half minute.
	for (let turn = 0; turn < 6; turn++) {
		await settle();
		world.platformGoesOn();
		world.clock.advance(6000);
	}
	await settle();
}

const whatHappens = fc.array(fc.record({ step: fc.constantFrom(...steps), n: fc.nat(12), waits: fc.boolean() }), {
	minLength: 10,
	maxLength: 90,
	size: 'max',
});

/** Where it begins: mostly live already, for ends are many and final. */
const begun = fc.constantFrom(0, 3, 4, 5, 5, 5, 5, 5);

test(
	'[S2] [C2] [P1] whatever people, platforms, connections, clocks and the disk do: the customer hears nobody but who holds a live, consented segment, nothing after a key was pressed, and always is with somebody',
	async () => {
		let spoken = 0;
		let lives = 0;
		await fc.assert(
			fc.asyncProperty(whatHappens, fc.constantFrom(...identities), begun, async (todo, identity, onwards) => {
				const world = segmentWorld(identity);
				await begin(world);
				const play = player(world);
				for (let one = 0; one < onwards; one++) {
					play('onward', 1);
					await settle();
				}
				for (const { step, n, waits } of todo) {
					play(step, n);
					if (waits || step === 'onward') await settle();
				}
				await comeToRest(world);
				expect(world.wrong).toEqual([]);
				// [C2] Nobody is left on the line, nor on the way back.
				const { segment } = world.session();
				const { at } = segment;
				const isThere = at !== 'ready' && at !== 'live' && at !== 'finished' && at !== 'lost';
				expect({ at, isThere }).toEqual({ at, isThere: true });
				expect(at === 'withdrawn' ? segment.at === 'withdrawn' && segment.taken : undefined).toBeUndefined();
				expect(world.onLine()).toBe(0);
				const story = await world.story();
				if (!story.includes('call-ended')) expect(world.platform.released).toBe(world.platform.taken);
				spoken += world.spoken();
				lives += story.filter((type) => type === 'survey-live').length;
			}),
			{ numRuns: runs, seed: seedFor('on the line') },
		);
		// The steps reach what they are about.
		expect(lives).toBeGreaterThan(runs / 4);
		expect(spoken).toBeGreaterThan(runs / 4);
	},
	60_000 + runs * 60,
);
