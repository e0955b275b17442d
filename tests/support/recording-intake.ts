import type { IncomingCall, Intake } from '#server/telephony/telephony.ts';
import { type Leg, silenceByte } from '#shared/audio.ts';
import { Refusal, type RefusalCode } from '#shared/refusals.ts';

/** A piece of a leg's sound as a gateway handed it over. */
export interface Piece {
	leg: Leg;
	data: Uint8Array;
	/** In samples; undefined where the gateway named none. */
	at: number | undefined;
}

/** One `started` of a gateway and all that came after it. */
export interface RecordedCall {
	callId: string;
	incoming: IncomingCall;
	/** `held`, `resumed`, `lost`, `ended hung-up`, `ended lost`, in order. */
	told: string[];
	pieces: Piece[];
	/** One leg put in place, from its first sample to its last, gaps filled with silence. */
	heard(leg: Leg): Uint8Array;
	/** Where the leg begins: the lowest position that came. */
	firstAt(leg: Leg): number | undefined;
}

/** An intake that takes everything down, for tests of gateways. */
export interface RecordingIntake extends Intake {
	calls: RecordedCall[];
	/** Refuses every call from now on: inside `started`, or only when it is put on record. */
	refuse(code: RefusalCode, when?: 'at once' | 'later'): void;
	/** Resolves once it holds; looked at again after everything that comes. */
	when(holds: () => boolean): Promise<void>;
}

export function recordingIntake(): RecordingIntake {
	const calls: RecordedCall[] = [];
	let refusing: { code: RefusalCode; when: 'at once' | 'later' } | undefined;
	let waiting: { holds: () => boolean; resolve: () => void }[] = [];
	const changed = () => {
		waiting = waiting.filter(({ holds, resolve }) => {
			if (!holds()) return true;
			resolve();
			return false;
		});
	};

	return {
		calls,
		refuse(code, when = 'at once') {
			refusing = { code, when };
		},
		when(holds) {
			if (holds()) return Promise.resolve();
			return new Promise((resolve) => {
				waiting.push({ holds, resolve });
			});
		},
		started(incoming, refused) {
			const told: string[] = [];
			const pieces: Piece[] = [];
			const callId = `${incoming.gateway}-${incoming.platformId}`;
			const call: RecordedCall = {
				callId,
				incoming,
				told,
				pieces,
				heard: (leg) => assembled(pieces.filter((one) => one.leg === leg)),
				firstAt: (leg) => pieces.filter((one) => one.leg === leg).reduce(lowest, undefined),
			};
			calls.push(call);
			const say = (what: string) => {
				if (told.some((one) => one.startsWith('ended'))) throw new Error(`${what} after the call had ended`);
				told.push(what);
				changed();
			};
			if (refusing) {
				const { code, when } = refusing;
				if (when === 'at once') refused(new Refusal(code));
				else setImmediate(() => refused(new Refusal(code)));
			}
			changed();
			return {
				callId,
				sound(leg, data, at) {
					if (told.some((one) => one.startsWith('ended'))) throw new Error('sound after the call had ended');
					pieces.push({ leg, data: data.slice(), at });
					changed();
				},
				held: () => say('held'),
				resumed: () => say('resumed'),
				paused: () => say('paused'),
				unpaused: () => say('unpaused'),
				lost: () => say('lost'),
				ended: (reason) => say(`ended ${reason}`),
			};
		},
	};
}

const lowest = (least: number | undefined, { at }: Piece) => (at === undefined ? least : Math.min(at, least ?? at));

function assembled(pieces: Piece[]): Uint8Array {
	const first = pieces.reduce(lowest, undefined) ?? 0;
	let end = 0;
	/** What has no place of its own comes after what came before it. */
	const placed = pieces.map(({ at = first + end, data }) => {
		end = Math.max(end, at - first + data.length);
		return { at: at - first, data };
	});
	const whole = new Uint8Array(end).fill(silenceByte.pcmu);
	for (const { at, data } of placed) whole.set(data, at);
	return whole;
}
