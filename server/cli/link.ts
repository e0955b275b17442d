import { join } from 'node:path';
import { CannotStart } from '#server/cannot-start.ts';
import { type Command, Misuse, readArguments } from '#server/cli/command.ts';
import { readConfig } from '#server/config.ts';
import { nearest } from '#server/nearest.ts';

/** How long a link that was made by hand signs somebody in. */
const linkMs = 24 * 60 * 60_000;

/** Makes a sign-in link for one of the people known here, while the server runs or before it does. */
export const link: Command = {
	takes: '<person>',
	about: 'Make a sign-in link for a person, by id; it works once, within a day.',
	settings: true,
	async run(args) {
		const { flags, rest } = readArguments(args);
		const config = readConfig(process.env, flags);
		const [id, ...more] = rest;
		if (id === undefined || more.length > 0) throw new Misuse(`link takes one person, by id, given ${rest.length}`);
		if (!config.people && !config.demo)
			throw new CannotStart('Nobody is known here yet: list people in a JSON file and name it with --people.');
		// Imported late: help is answered without opening a database.
		const { sqliteAccess } = await import('#server/access/access-sqlite.ts');
		const { demoPeople, people, readPeople } = await import('#server/access/people.ts');
		const list = config.people ? readPeople(config.people) : demoPeople;
		const person = people(list).find(id);
		if (!person)
			throw new Misuse(
				`nobody has the id ${id}; the nearest is ${nearest(
					id,
					list.map((one) => one.id),
				)}`,
			);
		const access = sqliteAccess(join(config.data, 'access.sqlite'));
		const nowMs = Date.now();
		const secret = access.mintLink(person.id, { nowMs, expiresAtMs: nowMs + linkMs, once: true });
		access.close();
		const address = config.publicUrl ?? `http://${config.host}:${config.port}`;
		console.log(`${address}/enter/${secret}`);
	},
};
