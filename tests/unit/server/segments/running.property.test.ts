import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownerOf } from '#server/domain/handoff.ts';
import { seedFor } from '#tests/support/seed.ts';
import { type SegmentWorld, segmentWorld } from '#tests/support/segment-world.ts';

const executive = fc.constantFrom('eve' as const, 'ed' as const);
type Act = (world: SegmentWorld) => void;
const act = (work: Act) => fc.constant(work);
/** What is done to bring a segment on the line comes often, or a random walk would hardly get there. */
const acts: fc.Arbitrary<Act> = fc.oneof(
	{ weight: 20, arbitrary: act((world) => world.arrive()) },
	{ weight: 4, arbitrary: act((world) => world.offer()) },
	{ weight: 4, arbitrary: act((world) => world.ask()) },
	{
		weight: 4,
		arbitrary: fc
			.constantFrom('agreed' as const, 'agreed' as const, 'agreed' as const, 'not-now' as const, 'declined' as const)
			.map((answer) => (world: SegmentWorld) => world.consent(answer)),
	},
	{ weight: 5, arbitrary: executive.map((by) => (world: SegmentWorld) => world.take(by)) },
	{
		weight: 6,
		arbitrary: fc.tuple(executive, fc.nat(6)).map(
			([by, which]) =>
				(world: SegmentWorld) =>
					world.sit(by, which),
		),
	},
	{ weight: 24, arbitrary: executive.map((by) => (world: SegmentWorld) => world.say(by)) },
	{
		weight: 10,
		arbitrary: fc.constantFrom(20, 20, 40, 100).map((ms) => (world: SegmentWorld) => world.clock.advance(ms)),
	},
	{
		weight: 1,
		arbitrary: fc
			.constantFrom(3000, 6000, 16_000, 61_000)
			.map((ms) => (world: SegmentWorld) => world.clock.advance(ms)),
	},
	{
		weight: 2,
		arbitrary: fc.tuple(executive, fc.constantFrom('broken' as const, 'hung-up' as const)).map(
			([by, how]) =>
				(world: SegmentWorld) =>
					world.leave(by, how),
		),
	},
	{ weight: 1, arbitrary: act((world) => world.takeBack()) },
	{ weight: 1, arbitrary: act((world) => world.withdraw()) },
	{ weight: 1, arbitrary: executive.map((by) => (world: SegmentWorld) => world.finish(by)) },
	{ weight: 1, arbitrary: act((world) => world.protect()) },
	{ weight: 2, arbitrary: act((world) => world.unprotect()) },
	{
		weight: 1,
		arbitrary: fc
			.constantFrom('hold-call' as const, 'resume-call' as const, 'lose-call' as const, 'restore-call' as const)
			.map((type) => (world: SegmentWorld) => world.call(type)),
	},
	{ weight: 1, arbitrary: fc.boolean().map((isHere) => (world: SegmentWorld) => world.agentIsHere(isHere)) },
	{ weight: 1, arbitrary: fc.boolean().map((refuses) => (world: SegmentWorld) => world.journal(refuses)) },
	{ weight: 1, arbitrary: act((world) => world.loseOnPlatform()) },
);

/** How far a story has come before chance takes over: most begin where there is something to lose. */
const leads = ['nothing', 'agreed', 'taken', 'live', 'live', 'live'] as const;
async function lead(world: SegmentWorld, how: (typeof leads)[number]) {
	const soFar: Record<(typeof leads)[number], number> = { nothing: 0, agreed: 3, taken: 4, live: 5 };
	const steps: Act[] = [
		(one) => one.offer(),
		(one) => one.ask(),
		(one) => one.consent('agreed'),
		(one) => one.take('eve'),
		(one) => one.sit('eve', 0),
	];
	for (const step of steps.slice(0, soFar[how])) {
		step(world);
		for (let turn = 0; turn < 3; turn++) {
			world.arrive();
			await world.settle();
		}
	}
}

const runs = Number(process.env.YCORD_TEST_RUNS ?? 300);

test('whatever is pressed, lost, late or refused: nobody is heard but who may be, and the customer is always with somebody [S2] [C2] [P1]', async () => {
	const seed = seedFor('segments');
	let heard = 0;
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...leads), fc.array(acts, { minLength: 20, maxLength: 160 }), async (how, all) => {
			const world = segmentWorld();
			await lead(world, how);
			for (const one of all) {
				one(world);
				await world.settle();
				expect(world.wrongs).toEqual([]);
				expect(['agent', 'executive', 'platform']).toContain(ownerOf(world.session.segment));
			}
			// Everything mends, and the agent takes the customer back: then they are.
			world.journal(false);
			world.agentIsHere(true);
			world.takeBack();
			for (let turn = 0; turn < 60; turn++) {
				while (world.isUnderWay) {
					world.arrive();
					await world.settle();
				}
				world.clock.advance(1000);
				await world.settle();
			}
			expect(world.wrongs).toEqual([]);
			expect(world.running.count).toBe(0);
			expect(['ready', 'live', 'finished', 'lost']).not.toContain(world.session.segment.at);
			heard += world.heard.length;
		}),
		{ seed, numRuns: runs },
	);
	// A walk that never got anybody on the line would prove nothing.
	expect(heard).toBeGreaterThan(runs / 4);
}, 600_000);
