import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import {
	callIdSchema,
	given,
	type L16Greeting,
	naming,
	namingExpected,
	namingIn,
	readObject,
	wrongIn,
} from '#server/telephony/l16/greeting.ts';

const schema = Compile(
	Type.Object({
		contentType: Type.String({ pattern: '^audio/l16;rate=(8000|16000)$' }),
		callId: callIdSchema,
		...naming,
	}),
);

const expected: Readonly<Record<string, string>> = {
	...namingExpected,
	contentType: 'content-type audio/l16;rate=8000 or audio/l16;rate=16000',
	callId: 'uuid (or callId, conversation_uuid) in the headers, of 1 to 80 letters, digits, _ . -',
};

/**
 * Reads the first text of a Vonage call's WebSocket: what the platform says of the sound, and beside it, at the top, the
 * `headers` that the NCCO gave along. (developer.vonage.com/en/voice/voice-api/guides/websockets) The sound is what a
 * participant hears: everybody in one. Gives back what is wrong if it cannot be used.
 */
export function readGreeting(text: string): L16Greeting | { wrong: string } {
	const { message, wrong } = readObject(text);
	if (!message) return { wrong };
	if (message.event !== 'websocket:connected') return { wrong: 'expected event websocket:connected first' };
	const type = message['content-type'];
	const read = {
		...given({
			contentType: typeof type === 'string' ? type.toLowerCase().replaceAll(' ', '') : type,
			callId: message.callId ?? message.uuid ?? message.conversation_uuid,
		}),
		...namingIn(message),
	};
	if (!schema.Check(read)) return wrongIn(schema.Errors(read), expected);
	const { callId, contentType, ...named } = read;
	return {
		callId,
		rate: contentType.endsWith('=8000') ? 8000 : 16_000,
		channels: 1,
		hears: 'mix',
		agentFirst: false,
		...named,
	};
}
