import { Type } from 'typebox';
import {
	Counter,
	checked,
	type Dialect,
	Id,
	numberOf,
	Parameters,
	tracks,
} from '#server/telephony/media-streams/dialect.ts';

const Start = Type.Object({
	event: Type.Literal('start'),
	sequence_number: Counter,
	stream_id: Id,
	start: Type.Object({
		user_id: Type.Optional(Id),
		call_control_id: Id,
		from: Type.Optional(Type.String({ maxLength: 500 })),
		to: Type.Optional(Type.String({ maxLength: 500 })),
		media_format: Type.Object({
			encoding: Type.Enum(['PCMU', 'PCMA']),
			sample_rate: numberOf(8000),
			channels: Type.Optional(numberOf(1)),
		}),
		custom_parameters: Type.Optional(Parameters),
	}),
});

/**
 * Telnyx Media Streaming. (developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket) It does not
 * promise the order of its messages, nor say which tracks will come.
 */
export const telnyxDialect: Dialect = {
	name: 'telnyx',
	title: 'Telnyx',
	greets: true,
	streamId: 'stream_id',
	sequence: 'sequence_number',
	placedBy: 'chunk',
	endsByClose: false,
	whereAgent: 'agent in custom_parameters, or YCORD_TELNYX_AGENT',
	start(message) {
		const { stream_id, start } = checked(Start, message, [
			'start.media_format',
			'media_format is not PCMU or PCMA, 8000 Hz, 1 channel: set stream_codec',
		]);
		const { from, to, custom_parameters: said } = start;
		return {
			streamId: stream_id,
			callId: start.call_control_id,
			accountId: start.user_id,
			tracks,
			codec: start.media_format.encoding === 'PCMA' ? 'pcma' : 'pcmu',
			isLinear: false,
			parameters: { ...(from ? { from } : {}), ...(to ? { to } : {}), ...said },
		};
	},
};
