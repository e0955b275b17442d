import { v4 as uuidV4, v7 as uuidV7 } from 'uuid';
import { randomNumbers } from '#tests/support/seed.ts';

/** What an attacker knows of the house and tries things with. */
export interface Targets {
	callIds: readonly string[];
	listeningIds: readonly string[];
	personIds: readonly string[];
	secrets: readonly string[];
}

/** A seeded source of bad input: the same seed asks the same. */
export function attackGrammar(seed: number, targets: Targets) {
	const random = randomNumbers(seed);
	const pick = <T>(all: readonly T[]): T => all[random(all.length)] as T;
	const chance = (percent: number) => random(100) < percent;

	const strings = [
		'',
		' ',
		'\u0000',
		'\ud800',
		'\udfff\ud800',
		'__proto__',
		'constructor',
		'hasOwnProperty',
		'$&$`$\u0027',
		'{detail}',
		'../../etc',
		'%00',
		'\u202egnirts',
		'a'.repeat(41),
		'é'.repeat(500),
		'👩‍👩‍👧‍👦'.repeat(40),
		"'; DROP TABLE event;--",
		'null',
		'1e999',
	];
	const numbers = [0, -0, 1, -1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), 1e308, -1e308, 5e-324];
	const someId = () => pick([...targets.listeningIds, uuidV4(), uuidV7(), pick(strings)]);
	const someCall = () => pick([...targets.callIds, 'test-unknown', pick(strings)]);

	function anything(depth = 2): unknown {
		switch (random(depth > 0 ? 9 : 7)) {
			case 0:
				return null;
			case 1:
				return chance(50);
			case 2:
				return pick(numbers);
			case 3:
				return pick(strings);
			case 4:
				return someId();
			case 5:
				return someCall();
			case 6:
				return pick([...targets.personIds, ...targets.secrets]);
			case 7:
				return Array.from({ length: random(5) }, () => anything(depth - 1));
			default:
				return Object.fromEntries(Array.from({ length: random(5) }, () => [pick(strings), anything(depth - 1)]));
		}
	}

	const command = (): Record<string, unknown> => {
		const listeningId = someId();
		return pick([
			{ type: 'protect-call' },
			{ type: 'unprotect-call' },
			{ type: 'invite', listeningId, executiveId: pick(targets.personIds) },
			{ type: 'withdraw-invitation', listeningId },
			{ type: 'accept-invitation', listeningId },
			{ type: 'decline-invitation', listeningId },
			{ type: 'join-call', listeningId },
			{ type: 'remove-listener', listeningId },
			{
				type: 'write-note',
				noteId: uuidV7(),
				kind: pick(['observation', 'pinhole', 'praise']),
				lane: pick(['private', 'leadership', 'team']),
				text: pick(strings),
				anchorMs: pick(numbers),
			},
		]);
	};
	const liveMessage = (): Record<string, unknown> =>
		pick([
			() => ({
				type: 'watch',
				watch: pick(['a', 'b', pick(strings)]),
				view: pick(['board', 'mine']),
				after: pick(numbers),
			}),
			() => ({ type: 'watch', watch: 's', view: 'session', callId: someCall() }),
			() => ({ type: 'unwatch', watch: pick(['a', pick(strings)]) }),
			() => ({ type: 'ask', id: uuidV4(), callId: someCall(), command: command() }),
			() => ({ type: 'ask', id: uuidV4(), callId: someCall(), command: command() }),
			() => ({ type: 'ping', at: pick(numbers) }),
		])();

	/** A message of a known type that is wrong inside: a field dropped, replaced, added, or nested somewhere else. */
	function bent(message: Record<string, unknown>): Record<string, unknown> {
		const { type, ...rest } = message;
		const key = pick(Object.keys(rest));
		switch (random(4)) {
			case 0: {
				const { [key]: _, ...others } = rest;
				return { type, ...others };
			}
			case 1:
				return { ...message, [key]: anything() };
			case 2:
				return { ...message, [pick(strings)]: anything() };
			default:
				return typeof message.command === 'object' && message.command !== null
					? { ...message, command: bent(message.command as Record<string, unknown>) }
					: { type, [key]: rest };
		}
	}
	/** Not JSON, or JSON that no encoder would write. */
	const rawText = (): string =>
		pick([
			'',
			'{',
			'null',
			'[]',
			'"text"',
			'7',
			'[['.repeat(2000),
			`{"type":"ping","at":1,"__proto__":{"type":"hello"}}`,
			`{"type":"ping","at":1e999}`,
			`{"type":"ping","type":"hello","version":1}`,
			`{"type":"watch","watch":"${'w'.repeat(17_000)}","view":"mine"}`,
			`{"type":"ask","id":"${uuidV4()}","callId":"${someCall()}","command":{"type":"\\ud800"}}`,
			'\ufeff{"type":"ping","at":1}',
			`{"a":${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}}`,
		]);
	const bytes = (upTo = 600) => Buffer.from(Array.from({ length: random(upTo) }, () => random(256)));

	return {
		random,
		pick,
		chance,
		anything,
		bytes,
		rawText,
		bent,
		command,
		liveMessage,
		/** What is never right on the live socket, whoever says it, and does not end it. */
		wrongLiveMessage: () => ({ ...liveMessage(), [pick(['x', 'Type', '__proto_', ''])]: 1 }),
		/** What ends any connection it comes on. */
		fatalText: () =>
			pick([
				rawText,
				() => JSON.stringify({ type: anything() }),
				() => '{"type":"hello","version":1}',
				() => JSON.stringify({ type: 'hello', version: anything() }),
			])(),
		someCall,
		someId,
		/** A part of an address that can be routed: as short as what is really there, and good UTF-8. */
		part: () =>
			encodeURIComponent(
				pick(['x', '..', ...targets.secrets, someId(), someCall()])
					.toWellFormed()
					.replaceAll(/[^ -~]/g, 'é')
					.slice(0, 36),
			) || 'x',
	};
}
export type AttackGrammar = ReturnType<typeof attackGrammar>;
