import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import {
	callIdSchema,
	given,
	isObject,
	type L16Greeting,
	naming,
	namingExpected,
	namingIn,
	readObject,
	wrongIn,
} from '#server/telephony/l16/greeting.ts';

/** What we read of the first message, wherever it stands in it; the rest is the platform's own. */
const schema = Compile(
	Type.Object({
		callId: callIdSchema,
		rate: Type.Enum(['8000', '16000']),
		mix: Type.Enum(['mono', 'stereo']),
		leg: Type.Optional(Type.Enum(['customer', 'agent'])),
		...naming,
	}),
);

/** What is wrong with a first message, in our words: never what it said. */
const expected: Readonly<Record<string, string>> = {
	...namingExpected,
	callId: 'callSid (or callId, uuid) of 1 to 80 letters, digits, _ . -',
	rate: 'sampleRate (or ?rate=) 8000 or 16000',
	mix: 'mixType (or ?mix=) stereo or mono; mixed does not say who speaks',
	leg: 'leg customer or agent',
};

/**
 * Reads the one text with which a fork begins: jambonz names its own fields and puts the application's under `metadata`;
 * mod_audio_fork sends whatever JSON its caller gave it, so the address may say what that leaves out (`?rate=16000&mix=stereo`).
 * (docs.jambonz.org/verbs/verbs/listen; github.com/drachtio/drachtio-freeswitch-modules, modules/mod_audio_fork) Gives back
 * what is wrong if it cannot be used.
 */
export function readGreeting(
	text: string,
	address: Readonly<Record<string, unknown>>,
): L16Greeting | { wrong: string } {
	const { message: top, wrong } = readObject(text);
	if (!top) return { wrong };
	const said: Record<string, unknown> = { ...top, ...(isObject(top.metadata) ? top.metadata : {}) };
	const read = {
		...given({
			callId: top.callSid ?? top.callId ?? top.uuid ?? said.callSid ?? said.callId ?? said.uuid,
			rate: asText(said.sampleRate ?? address.rate),
			mix: said.mixType ?? address.mix,
			leg: said.leg,
		}),
		...namingIn(said),
	};
	if (!schema.Check(read)) return wrongIn(schema.Errors(read), expected);
	const { callId, rate, mix, leg, ...named } = read;
	return {
		callId,
		rate: rate === '8000' ? 8000 : 16_000,
		channels: mix === 'stereo' ? 2 : 1,
		hears: 'legs',
		agentFirst: leg === 'agent',
		...named,
	};
}

const asText = (value: unknown) => (typeof value === 'number' ? String(value) : value);
