import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** What Asterisk says on a media WebSocket beside sound; we need no more of it. (chan_websocket.c) */
export type MediaSaid =
	| { says: 'start'; format: string; connectionId: string | undefined }
	/** Its queue of what we said is nearly full, or has room again. */
	| { says: 'full' | 'room' }
	/** A key. Which one is nobody's business here. */
	| { says: 'digit' }
	| { says: 'error' }
	| { says: 'nothing' };

const Start = Type.Object({
	format: Type.String({ maxLength: 40 }),
	connection_id: Type.Optional(Type.String({ maxLength: 200 })),
});
const Json = Type.Object({ event: Type.String({ maxLength: 60 }) });

const plainWords: Readonly<Record<string, MediaSaid>> = {
	MEDIA_XOFF: { says: 'full' },
	MEDIA_XON: { says: 'room' },
	DTMF_END: { says: 'digit' },
	ERROR: { says: 'error' },
};

/** Reads one text in either form, plain or JSON. A text says what is wrong with a start that is none. */
export function readMediaControl(text: string): MediaSaid | { wrong: string } {
	if (text.startsWith('{')) {
		let content: unknown;
		try {
			content = JSON.parse(text);
		} catch {
			return { wrong: 'a text that is not JSON' };
		}
		if (!Value.Check(Json, content)) return { wrong: 'a JSON message without its event' };
		return said(content.event, content);
	}
	const [word = '', ...pairs] = text.trim().split(/\s+/, 40);
	return said(word, Object.fromEntries(pairs.map((pair) => pair.split(/:(.*)/s, 2))));
}

function said(event: string, fields: object): MediaSaid | { wrong: string } {
	if (event !== 'MEDIA_START') return plainWords[event] ?? { says: 'nothing' };
	if (!Value.Check(Start, fields)) return { wrong: 'a MEDIA_START without its format' };
	return { says: 'start', format: fields.format, connectionId: fields.connection_id };
}
