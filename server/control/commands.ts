import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ControlCommands } from '#server/control/control-socket.ts';
import type { Erased, Erasing } from '#server/erase.ts';
import type { KeyRing } from '#server/keys/key-ring.ts';
import { countKeys, type KeyCount, type Rotated, rotateKeys } from '#server/keys/rotation.ts';
import { CallId } from '#shared/call.ts';
import { GatewayName, type Gateways, type TestCallResult } from '#shared/gateways.ts';
import { Refusal } from '#shared/refusals.ts';

/** Which call `/erase` is to erase. */
export const EraseCall = Type.Object({ callId: CallId }, { additionalProperties: false });

/** Which gateway `/gateways/test` is to test. */
export const TestGateway = Type.Object({ name: GatewayName }, { additionalProperties: false });

/** What the commands need of the house. */
export interface ControlNeeds {
	erasing: Pick<Erasing, 'erase'>;
	keys: Pick<KeyRing, 'store' | 'master'>;
	gateways: {
		views(): Gateways;
		/** Refuses with `gateway.unknown`, `gateway.no-test`, `gateway.testing`. */
		test(name: string): Promise<TestCallResult>;
	};
}

/** Every command of the control socket, by path. */
export const controlCommands = ({ erasing, keys: { store, master }, gateways }: ControlNeeds): ControlCommands => ({
	async '/erase'(asked): Promise<Erased> {
		if (!Value.Check(EraseCall, asked)) throw new Refusal('request.malformed', 'callId is the id of a call');
		return erasing.erase(asked.callId);
	},
	'/keys/check': (): Promise<KeyCount> => countKeys(store, master),
	'/gateways': async (): Promise<Gateways> => gateways.views(),
	async '/gateways/test'(asked): Promise<TestCallResult> {
		if (!Value.Check(TestGateway, asked)) throw new Refusal('request.malformed', 'name is the name of a gateway');
		return gateways.test(asked.name);
	},
	'/keys/rotate': (): Promise<Rotated> => rotateKeys(store, master),
});
