import { CannotStart } from '#server/cannot-start.ts';
import { type Command, Misuse, readArguments } from '#server/cli/command.ts';
import { fromHouse } from '#server/cli/from-house.ts';
import { type Config, readConfig } from '#server/config.ts';
import type { KeyCount, Rotated } from '#server/keys/rotation.ts';

/** Looks after the keys of the calls, while the server runs or while it does not. */
export const keys: Command = {
	takes: '<check|rotate>',
	about: 'Try every call’s key (check), or wrap all with a new master key (rotate).',
	settings: true,
	async run(args) {
		const { flags, rest } = readArguments(args);
		const config = readConfig(process.env, flags);
		const [work, ...more] = rest;
		if (more.length > 0 || (work !== 'check' && work !== 'rotate'))
			throw new Misuse(`keys takes one of check and rotate, given ${JSON.stringify(rest.join(' '))}`);
		const { countKeys, rotateKeys } = await import('#server/keys/rotation.ts');
		if (work === 'check') {
			const count = await fromHouse<KeyCount>(config, '/keys/check', {}, (record) =>
				countKeys(record.keys.store, record.keys.master),
			);
			return report(count, counted(count));
		}
		const done = await fromHouse<Rotated>(config, '/keys/rotate', {}, (record) =>
			rotateKeys(record.keys.store, record.keys.master),
		);
		await mustBeOurs(config, done);
		report(done, rotated(done));
	},
};

/** A server that runs wraps with the master key it was started with, whatever this command was given. */
async function mustBeOurs({ masterKey }: Config, { masterKey: wrappedWith }: KeyCount): Promise<void> {
	if (masterKey === undefined) return;
	const { fingerprintOf } = await import('#server/keys/master-key.ts');
	const given = fingerprintOf(masterKey);
	if (given !== wrappedWith)
		throw new CannotStart(
			`The server runs with the master key ${wrappedWith}, and YCORD_MASTER_KEY is ${given}. ` +
				'Start it with both, the new one in YCORD_MASTER_KEY and the old one in YCORD_MASTER_KEY_OLD; then rotate.',
		);
}

function report({ unreadable, masterKey }: KeyCount, text: string): void {
	console.log(text);
	if (unreadable > 0)
		throw new CannotStart(
			`${unreadable} keys open neither with the master key ${masterKey} nor with the one before: what they seal cannot be read.`,
		);
}

const counted = ({ masterKey, ours, older, unreadable, destroyed }: KeyCount) =>
	[
		`Master key ${masterKey}`,
		`  keys that it wraps       ${ours}`,
		`  wrapped with the old one ${older}${older > 0 ? '  (run `ycord keys rotate`)' : ''}`,
		`  that neither opens       ${unreadable}`,
		`  destroyed                ${destroyed}`,
	].join('\n');

const rotated = ({ masterKey, rewrapped, ours, tookMs }: Rotated) =>
	`${rewrapped} keys were wrapped anew in ${(tookMs / 1000).toFixed(1)} s, ${Math.round(rewrapped / (tookMs / 1000))} a second. ` +
	`The master key ${masterKey} now wraps ${ours}${rewrapped === 0 ? '' : '; without the old one from the next start on'}.`;
