import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ControlCommands } from '#server/control/control-socket.ts';
import type { Erased, Erasing } from '#server/erase.ts';
import type { KeyRing } from '#server/keys/key-ring.ts';
import { countKeys, type KeyCount, type Rotated, rotateKeys } from '#server/keys/rotation.ts';
import { CallId } from '#shared/call.ts';
import { Refusal } from '#shared/refusals.ts';

/** Which call `/erase` is to erase. */
export const EraseCall = Type.Object({ callId: CallId }, { additionalProperties: false });

/** What the commands need of the house. */
export interface ControlNeeds {
	erasing: Pick<Erasing, 'erase'>;
	keys: Pick<KeyRing, 'store' | 'master'>;
}

/** Every command of the control socket, by path. */
export const controlCommands = ({ erasing, keys: { store, master } }: ControlNeeds): ControlCommands => ({
	async '/erase'(asked): Promise<Erased> {
		if (!Value.Check(EraseCall, asked)) throw new Refusal('request.malformed', 'callId is the id of a call');
		return erasing.erase(asked.callId);
	},
	'/keys/check': (): Promise<KeyCount> => countKeys(store, master),
	'/keys/rotate': (): Promise<Rotated> => rotateKeys(store, master),
});
