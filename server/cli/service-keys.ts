import { join } from 'node:path';
import { type Access, type ServiceScope, serviceScopes } from '#server/access/access.ts';
import { CannotStart } from '#server/cannot-start.ts';
import { type Command, Misuse, readArguments } from '#server/cli/command.ts';
import { readConfig } from '#server/config.ts';
import { Refusal } from '#shared/refusals.ts';

const isName = /^[a-z0-9][a-z0-9._-]{0,39}$/;
const wants = `service-keys takes: add <name> <scope…>, list, or remove <number>; scopes: ${serviceScopes.join(', ')}`;

/** Keys for other programs: made, listed and taken away, while the server runs or while it does not. */
export const serviceKeys: Command = {
	takes: '<add|list|remove>',
	about: 'Make, list or take away keys with which other programs ask, such as a payment page.',
	settings: true,
	async run(args) {
		const { flags, rest } = readArguments(args);
		const config = readConfig(process.env, flags);
		const [work, ...more] = rest;
		// Imported late: help is answered without opening a database.
		const { sqliteAccess } = await import('#server/access/access-sqlite.ts');
		const todo = workOf(work, more);
		const access = sqliteAccess(join(config.data, 'access.sqlite'));
		try {
			console.log(todo(access));
		} catch (error) {
			throw error instanceof Refusal ? new CannotStart(error.message) : error;
		} finally {
			access.close();
		}
	},
};

function workOf(work: string | undefined, given: readonly string[]): (access: Access) => string {
	if (work === 'add') {
		const [name = '', ...scopes] = given;
		if (!isName.test(name)) throw new Misuse(`a key is named with up to 40 of a–z, 0–9, ., _ and -; ${wants}`);
		if (scopes.length === 0 || !scopes.every(isScope)) throw new Misuse(wants);
		return ({ services }) => services.make(name, scopes, Date.now());
	}
	if (work === 'list' && given.length === 0) return listed;
	if (work === 'remove' && given.length === 1) {
		const id = Number(given[0]);
		return ({ services }) => {
			if (!services.remove(id))
				throw new CannotStart(`There is no service key ${given[0]}; see ycord service-keys list.`);
			return `The service key ${id} is good for nothing any more.`;
		};
	}
	throw new Misuse(wants);
}

const isScope = (text: string): text is ServiceScope => (serviceScopes as readonly string[]).includes(text);

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const listed = ({ services }: Access) =>
	services
		.all()
		.map(
			({ id, name, scopes, madeMs, usedMs }) =>
				`${id}  ${name}  ${scopes.join(', ')}  made ${dayOf(madeMs)}  ${usedMs === undefined ? 'never used' : `used ${dayOf(usedMs)}`}`,
		)
		.join('\n') || 'There are no service keys.';
