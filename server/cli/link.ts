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
		// Imported late: help is answered without opening a database.
		const { sqliteAccess } = await import('#server/access/access-sqlite.ts');
		const { demoPeople, people, readPeople } = await import('#server/access/people.ts');
		const listed = config.people ? readPeople(config.people) : config.demo ? demoPeople : [];
		const access = sqliteAccess(join(config.data, 'access.sqlite'));
		const known = [...listed, ...access.accounts.all()].map((one) => one.id);
		if (known.length === 0)
			throw new CannotStart(
				'Nobody is known here yet: add people with `ycord people add`, or list them in a JSON file and name it with --people.',
			);
		const person = people(listed, access.accounts).find(id);
		if (!person)
			throw known.includes(id)
				? new CannotStart(`${id} is disabled: \`ycord people enable ${id}\` lets them in again.`)
				: new Misuse(`nobody has the id ${id}; the nearest is ${nearest(id, known)}`);
		const nowMs = Date.now();
		const secret = access.mintLink(person.id, { nowMs, expiresAtMs: nowMs + linkMs, once: true });
		access.close();
		const address = config.publicUrl ?? `http://${config.host}:${config.port}`;
		console.log(`${address}/enter/${secret}`);
	},
};
