import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import { type House, house, type Replacements } from '#server/app.ts';
import { readConfig } from '#server/config.ts';
import type { Person, Role } from '#shared/people.ts';
import { livePeer, type Seat } from '#tests/support/live-peer.ts';

/** Who is known in the house of a test. */
export const testPeople: Person[] = [
	{ id: 'ann', name: 'Ann Agent', role: 'agent', team: 'Orders' },
	{ id: 'abe', name: 'Abe Agent', role: 'agent', team: 'Returns' },
	{ id: 'eve', name: 'Eve Executive', role: 'executive', team: 'Leadership' },
	{ id: 'ed', name: 'Ed Executive', role: 'executive', team: 'Leadership' },
	{ id: 'sue', name: 'Sue Supervisor', role: 'supervisor', team: 'Orders' },
	{ id: 'adam', name: 'Adam Administrator', role: 'administrator', team: 'Operations' },
	{ id: 'sid', name: 'Sid Supervisor', role: 'supervisor', team: 'Returns' },
];
export const twilioToken = 'test-auth-token';

/** A test's machine may be busy with others: that is no load of the house. */
export const calmLoop = { read: () => ({ delayMs: 0, utilisation: 0.1 }), stop() {} };

/** A whole house in this process, on a free port, with its own data folder, and everything a test asks of it. */
export interface TestHouse extends House {
	data: string;
	/** What was logged so far. */
	log(): string;
	/** A signed-in seat for one of the test people. */
	seat(personId: string): Seat;
	/** A live connection of one of the test people, greeted. */
	live(personId: string): ReturnType<typeof livePeer>;
}

/** Opens a house; it closes itself when the test is over. */
export async function openHouse(
	env: Record<string, string> = {},
	replace: Replacements & { data?: string } = {},
): Promise<TestHouse> {
	const data = replace.data ?? mkdtempSync(join(tmpdir(), 'ycord-house-'));
	const peopleFile = join(data, 'people.json');
	writeFileSync(peopleFile, JSON.stringify({ people: testPeople }));
	const logTo = new PassThrough();
	let log = '';
	logTo.on('data', (part) => {
		log += String(part);
	});
	const config = readConfig(
		{
			YCORD_PORT: '0',
			YCORD_DATA: data,
			YCORD_PEOPLE: peopleFile,
			YCORD_TWILIO_AUTH_TOKEN: twilioToken,
			YCORD_TWILIO_AGENT: 'ann',
			...env,
		},
		{},
	);
	const app = await house(config, { logTo, loop: calmLoop, ...replace });
	await app.http.listen({ host: '127.0.0.1', port: 0 });
	onTestFinished(async () => {
		await app.close();
		if (!replace.data) rmSync(data, { recursive: true, force: true });
	});
	const seat = (personId: string): Seat => {
		const person = testPeople.find(({ id }) => id === personId);
		if (!person) throw new Error(`nobody is called ${personId}`);
		const nowMs = app.clock.now();
		const secret = app.access.openSession(personId, { nowMs, expiresAtMs: nowMs + 3_600_000 });
		const prefix = app.address().startsWith('https:') ? '__Host-' : '';
		return { address: app.address(), cookie: `${prefix}ycord-${person.role}=${secret}`, role: person.role as Role };
	};
	return {
		...app,
		data,
		log: () => log,
		seat,
		async live(personId) {
			const peer = await livePeer(seat(personId));
			await peer.hello();
			return peer;
		},
	};
}
