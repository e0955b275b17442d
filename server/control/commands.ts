import { Type } from 'typebox';
import { Value } from 'typebox/value';
import {
	ChangedPerson,
	type ListedPeople,
	NamedPerson,
	type PeopleDesk,
	type Welcome,
} from '#server/access/people-desk.ts';
import type { ControlCommands } from '#server/control/control-socket.ts';
import type { Erased, Erasing } from '#server/erase.ts';
import type { KeyRing } from '#server/keys/key-ring.ts';
import { countKeys, type KeyCount, type Rotated, rotateKeys } from '#server/keys/rotation.ts';
import { CallId } from '#shared/call.ts';
import { GatewayName, type Gateways, type TestCallResult } from '#shared/gateways.ts';
import { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** Which call `/erase` is to erase. */
export const EraseCall = Type.Object({ callId: CallId }, { additionalProperties: false });

/** Which gateway `/gateways/test` is to test. */
export const TestGateway = Type.Object({ name: GatewayName }, { additionalProperties: false });

/** What the commands need of the house. */
export interface ControlNeeds {
	erasing: Pick<Erasing, 'erase'>;
	keys: Pick<KeyRing, 'store' | 'master'>;
	/** `address` is where browsers reach the server. */
	people: { desk: PeopleDesk; address(): string };
	gateways: {
		views(): Gateways;
		/** Refuses with `gateway.unknown`, `gateway.no-test`, `gateway.testing`. */
		test(name: string): Promise<TestCallResult>;
	};
}

/** Every command of the control socket, by path. */
export const controlCommands = ({
	erasing,
	keys: { store, master },
	gateways,
	people,
}: ControlNeeds): ControlCommands => ({
	...peopleCommands(people),
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

/** What is answered with a link: the whole address. */
export interface Welcomed {
	person: Person;
	link: string;
}

/** The commands about people; the command line does the same by itself while no server runs. */
export function peopleCommands({ desk, address }: ControlNeeds['people']): ControlCommands {
	const named = (asked: unknown) => {
		if (!Value.Check(NamedPerson, asked)) throw new Refusal('request.malformed', 'id is the id of a person');
		return asked.id;
	};
	const welcomed = ({ person, path }: Welcome): Welcomed => ({ person, link: `${address()}${path}` });
	return {
		'/people': async (): Promise<ListedPeople> => desk.list(),
		async '/people/add'(asked) {
			if (!Value.Check(Person, asked)) throw new Refusal('request.malformed', 'a person has id, name, role and team');
			return welcomed(desk.add(asked));
		},
		async '/people/change'(asked) {
			if (!Value.Check(ChangedPerson, asked))
				throw new Refusal('request.malformed', 'a person has id, name, role and team');
			return desk.change(asked);
		},
		'/people/disable': async (asked) => desk.disable(named(asked)),
		'/people/enable': async (asked) => desk.enable(named(asked)),
		'/people/reset': async (asked) => welcomed(desk.reset(named(asked))),
	};
}
