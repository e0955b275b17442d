import type { Person, Role } from '#shared/people.ts';
import { calls } from '#tests/chaos/calls.ts';
import { type Reader, reader, troupe, type Writer, writer } from '#tests/chaos/cast.ts';
import { pause, until } from '#tests/chaos/until.ts';
import { type Seen, type Verdict, verdict, type WrittenNote } from '#tests/chaos/verdict.ts';
import { type Engine, type Installation, installation, type Victim } from '#tests/chaos/victim.ts';
import { randomNumbers } from '#tests/support/seed.ts';

export interface ChaosOptions {
	engine: Engine;
	victim: Victim;
	kills: number;
	seed: number;
	say: (text: string) => void;
}

const team = 'Orders';
const people = (role: Role, count: number): Person[] =>
	Array.from({ length: count }, (_, place) => {
		const id = `${role}-${place + 1}`;
		return { id, name: id, role, team: role === 'executive' ? 'Leadership' : team };
	});
const agents = people('agent', 1) as [Person];
const [executives, supervisors] = [people('executive', 4), people('supervisor', 4)];
/** The first of each role reads too. */
const readers = [agents, executives, supervisors].flatMap(([first]) => first ?? []);
const connectionsOfEach = 10;
/** A session takes 5,000 notes: the writers go on to the next one before. */
const notesPerSession = 4000;
/** A kill comes so long after the writers are at it again. */
const killAfterMs = { least: 200, most: 1500 };
const writingAgainAfter = 20;

/**
 * Many people write at full speed while a process is killed again and again; then what was acknowledged is looked for in
 * the journal and before every reader.
 */
export async function chaosNotes(options: ChaosOptions): Promise<Verdict> {
	const { engine, victim, kills, seed, say } = options;
	const random = randomNumbers(seed);
	const place = await installation({ engine, victim, people: [...agents, ...executives, ...supervisors] });
	const stage = troupe(place, () => random(1000) / 1000);
	try {
		const written: WrittenNote[] = [];
		let sentAgain = 0;
		const callIds = await calls(place, stage, agents[0], executives, 1 + Math.ceil(kills / 2));
		const session = () => callIds[Math.min(Math.floor(written.length / notesPerSession), callIds.length - 1)] as string;
		const audience = readers.map((person) => reader(person, 'live', stage.connect));
		for (const one of audience) for (const callId of callIds) one.watch(callId);
		const writers = [...agents, ...executives, ...supervisors].flatMap((person) =>
			Array.from({ length: connectionsOfEach }, (_, number): Writer => {
				const name = `${person.id}/${number + 1}`;
				const wrote = (note: WrittenNote) => written.push(note);
				const again = () => sentAgain++;
				return writer({ name, person, connection: stage.connect(person), callId: session, random, wrote, again });
			}),
		);
		const acked = () => written.reduce((count, note) => count + (note.acked ? 1 : 0), 0);

		for (let kill = 1; kill <= kills; kill++) {
			const before = acked();
			await until(() => acked() >= before + writingAgainAfter, 'anybody could write again');
			await pause(killAfterMs.least + random(killAfterMs.most - killAfterMs.least));
			await place.kill();
			stage.back();
			say(`kill ${kill} of ${kills}: ${acked()} notes acknowledged, ${sentAgain} sent again`);
		}
		await Promise.all(writers.map((one) => one.stop()));
		const lateComers = readers.map((person) => reader(person, 'anew', stage.connect));
		for (const one of lateComers) for (const callId of callIds) one.watch(callId);
		const all = [...audience, ...lateComers];
		await until(() => verdict(written, seenBy(all)).lost === 0, '').catch(() => {});
		const seen = seenBy(all);
		stage.close();
		await place.stop();
		return verdict(written, [...(await inJournal(place, callIds)), ...seen]);
	} finally {
		stage.close();
		await place.remove();
	}
}

const seenBy = (readers: readonly Reader[]): Seen[] => readers.flatMap((one) => one.seen());

async function inJournal(place: Installation, callIds: readonly string[]): Promise<Seen[]> {
	const notes = await place.notesOnRecord();
	return callIds.map((callId) => ({
		callId,
		by: 'journal',
		noteIds: notes.filter((note) => note.callId === callId).map(({ noteId }) => noteId),
	}));
}
