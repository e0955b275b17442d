import { Type } from 'typebox';
import {
	Counter,
	checked,
	type Dialect,
	Id,
	numberOf,
	Parameters,
	Track,
} from '#server/telephony/media-streams/dialect.ts';

const Start = Type.Object({
	event: Type.Literal('start'),
	sequenceNumber: Counter,
	start: Type.Object({
		callId: Id,
		streamId: Id,
		accountId: Type.Optional(Id),
		tracks: Type.Array(Track, { minItems: 1, maxItems: 2 }),
		mediaFormat: Type.Union([
			Type.Object({ encoding: Type.Literal('audio/x-mulaw'), sampleRate: numberOf(8000) }),
			Type.Object({ encoding: Type.Literal('audio/x-l16'), sampleRate: numberOf(8000, 16_000) }),
		]),
	}),
	extra_headers: Type.Optional(Type.String({ maxLength: 2000 })),
});

/**
 * Plivo Audio Streaming. (docs.plivo.com/docs/voice-agents/audio-streaming/concepts/audio-streaming-reference) It greets with
 * `start`, stamps its sound with the time of day, and says no `stop`: a call's end is the close of its socket.
 */
export const plivoDialect: Dialect = {
	name: 'plivo',
	title: 'Plivo',
	greets: false,
	streamId: 'streamId',
	sequence: 'sequenceNumber',
	placedBy: 'chunk-since-1970',
	endsByClose: true,
	whereAgent: 'agent in extraHeaders, or YCORD_PLIVO_AGENT',
	start(message) {
		const format = ['start.mediaFormat', 'mediaFormat is not audio/x-mulaw 8000 or audio/x-l16 8000 or 16000'] as const;
		const { start, extra_headers } = checked(Start, message, format);
		const { encoding, sampleRate } = start.mediaFormat;
		return {
			streamId: start.streamId,
			callId: start.callId,
			accountId: start.accountId,
			tracks: start.tracks,
			codec: Number(sampleRate) === 16_000 ? 'pcmu16' : 'pcmu',
			isLinear: encoding === 'audio/x-l16',
			parameters: checked(Parameters, headersIn(extra_headers ?? ''), format),
		};
	},
};

/**
 * `agent=dana;leg=customer`, as the reference shows it; also parted by commas, as the XML's own page has it, with the prefix that
 * Plivo gives to headers, in braces. Values there are of letters and digits, so that nothing else is cut by this.
 */
function headersIn(text: string): Record<string, string> {
	const pairs = text.replace(/^\{|\}$/g, '').split(/[;,]/);
	const read: Record<string, string> = {};
	for (const pair of pairs) {
		const [, name, value] = /^\s*"?(?:X-PH-)?([A-Za-z0-9_-]+)"?\s*[=:]\s*"?([^"]*?)"?\s*$/i.exec(pair) ?? [];
		if (name && value) read[name.toLowerCase()] = value;
	}
	return read;
}
