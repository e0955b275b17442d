import { Type } from 'typebox';
import {
	Counter,
	checked,
	type Dialect,
	numberOf,
	Parameters,
	Track,
} from '#server/telephony/media-streams/dialect.ts';

const Start = Type.Object({
	event: Type.Literal('start'),
	sequenceNumber: Counter,
	streamSid: Type.String({ minLength: 1, maxLength: 80 }),
	start: Type.Object({
		accountSid: Type.Optional(Type.String({ maxLength: 80 })),
		callSid: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,80}$' }),
		tracks: Type.Array(Track, { minItems: 1, maxItems: 2 }),
		mediaFormat: Type.Object({
			encoding: Type.Literal('audio/x-mulaw'),
			sampleRate: numberOf(8000),
			channels: numberOf(1),
		}),
		customParameters: Type.Optional(Parameters),
	}),
});

/** Twilio Media Streams. (www.twilio.com/docs/voice/media-streams/websocket-messages) */
export const twilioDialect: Dialect = {
	name: 'twilio',
	title: 'Twilio',
	greets: true,
	streamId: 'streamSid',
	sequence: 'sequenceNumber',
	placedBy: 'start',
	endsByClose: false,
	whereAgent: '<Parameter name="agent"> or YCORD_TWILIO_AGENT',
	start(message) {
		const { streamSid, start } = checked(Start, message, [
			'start.mediaFormat',
			'mediaFormat is not audio/x-mulaw, 8000 Hz, 1 channel',
		]);
		return {
			streamId: streamSid,
			callId: start.callSid,
			accountId: start.accountSid,
			tracks: start.tracks,
			codec: 'pcmu',
			isLinear: false,
			parameters: start.customParameters ?? {},
		};
	},
};
