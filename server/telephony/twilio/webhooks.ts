import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { GatewayReport } from '#server/telephony/desk.ts';
import { Parameters } from '#server/telephony/media-streams/dialect.ts';
import { refusedBody } from '#server/telephony/refused-body.ts';
import { callSidPattern, type TwilioCalls } from '#server/telephony/twilio/calls.ts';
import { isSigned, signedForm } from '#server/telephony/twilio/signature.ts';
import { listenThenConference } from '#server/telephony/twilio/twiml.ts';
import { Refusal } from '#shared/refusals.ts';

/** Where Twilio posts its forms: for what to do with a call, what became of streams and calls, who is in a conference. */
export const twilioVoicePath = '/telephony/twilio/voice';
export const twilioStatusPath = '/telephony/twilio/status';
export const twilioConferencePath = '/telephony/twilio/conference';

/** How a participant is labelled whose call is listened to. */
export const customerLabel = 'customer';
/** A form is a few hundred bytes; as much as any other body here. */
const maxFormBytes = 16_384;

export interface TwilioWebhooksNeeds {
	calls: TwilioCalls;
	publicUrl: () => string;
	authTokens: readonly string[];
	/** Whose calls they must be, and whether streams can be asked for: with an API key. */
	accountSid: string | undefined;
	listeningUrl: () => string;
	report: GatewayReport;
}

/**
 * Twilio's webhooks, each a form by POST whose signature is over the address with its query and all its fields.
 * (www.twilio.com/docs/usage/webhooks/webhooks-security) Nothing is looked at before that fits.
 */
export const twilioWebhooks: FastifyPluginAsync<TwilioWebhooksNeeds> = async (app, needs) => {
	const { calls, report } = needs;
	app.addContentTypeParser(
		'application/x-www-form-urlencoded',
		{ parseAs: 'string', bodyLimit: maxFormBytes },
		(_request, body, done) => done(null, new URLSearchParams(String(body))),
	);
	const statusUrl = () => `${needs.publicUrl()}${twilioStatusPath}`;

	/** The form, if it is Twilio's and of our account. Throws the refusal. */
	function signed<Schema extends TSchema>(request: FastifyRequest, schema: Schema): Static<Schema> {
		const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
		const url = `${needs.publicUrl()}${request.raw.url}`;
		const given = request.headers['x-twilio-signature'];
		if (!isSigned(String(given), [signedForm(url, form)], needs.authTokens))
			throw new Refusal('access.signature-wrong');
		const fields = Object.fromEntries(form);
		if (needs.accountSid !== undefined && fields.AccountSid !== needs.accountSid)
			throw new Refusal('access.stream-account', 'YCORD_TWILIO_ACCOUNT_SID');
		if (!Value.Check(schema, fields)) throw new Refusal('request.malformed', 'a field is missing or wrong');
		return fields;
	}

	/** What is said of the call in the address, in the words of `<Parameter>`. */
	function said(request: FastifyRequest): Parameters {
		const { token: _ours, ...query } = request.query as Record<string, unknown>;
		if (!Value.Check(Parameters, query))
			throw new Refusal('request.malformed', 'the address says something wrong of the call');
		const known = Object.keys(Parameters.properties);
		return Object.fromEntries(Object.entries(query).filter(([name, value]) => known.includes(name) && value !== ''));
	}

	app.addHook('onRequest', (request, _reply, done) => {
		if (needs.authTokens.length === 0) return done(new Refusal('request.not-found'));
		done(request.headers['x-twilio-signature'] ? undefined : new Refusal('access.signature-missing'));
	});
	app.addHook('onError', async (request, _reply, error) => {
		const refusal = error instanceof Refusal ? error.code : refusedBody(error);
		if (refusal === undefined || refusal === 'request.not-found') return;
		report.refused(refusal);
		request.log.warn({ refusal }, 'a webhook of Twilio was refused');
	});

	app.post(twilioVoicePath, async (request, reply) => {
		const { CallSid, From, To } = signed(request, OfVoice);
		report.contact();
		const query = said(request);
		const conference = query.conference ?? `ycord-${CallSid}`;
		const parameters = {
			...(From ? { from: From } : {}),
			...(To ? { to: To } : {}),
			...query,
			conference,
			token: calls.expect(CallSid),
		};
		const document = listenThenConference({
			streamUrl: needs.listeningUrl(),
			statusUrl: statusUrl(),
			parameters,
			conference,
		});
		return reply.type('text/xml').send(document);
	});

	app.post(twilioStatusPath, async (request, reply) => {
		const { CallSid: callSid, StreamSid: streamSid, StreamEvent: event, CallStatus } = signed(request, OfStatus);
		report.contact();
		if (event) {
			const log = event === 'stream-error' ? request.log.warn : request.log.info;
			log.call(request.log, { callId: `twilio-${callSid}`, streamSid, event }, 'what became of a Twilio stream');
		} else if (CallStatus && isOver.has(CallStatus)) calls.callOver(callSid);
		return reply.code(204).send();
	});

	if (needs.accountSid !== undefined)
		app.post(twilioConferencePath, async (request, reply) => {
			const fields = signed(request, OfConference);
			report.contact();
			const { StatusCallbackEvent: event, CallSid, FriendlyName: conference, ParticipantLabel: label } = fields;
			const work =
				event === 'conference-end'
					? calls.stopListening(conference)
					: event === 'participant-join' && label === customerLabel && CallSid
						? calls.listen(CallSid, { ...said(request), conference })
						: undefined;
			// Twilio is not to wait for what we ask of it; what it refuses, its API says in the log.
			work?.catch(() => {});
			return reply.code(204).send();
		});
};

const words = Type.Optional(Type.String({ maxLength: 500 }));
const CallSid = Type.String({ pattern: callSidPattern.source });
const OfVoice = Type.Object({ CallSid, From: words, To: words });
const OfStatus = Type.Object({
	CallSid,
	StreamSid: Type.Optional(Type.String({ pattern: '^MZ[0-9a-fA-F]{32}$' })),
	StreamEvent: Type.Optional(Type.Enum(['stream-started', 'stream-stopped', 'stream-error'])),
	CallStatus: words,
});
const OfConference = Type.Object({
	StatusCallbackEvent: Type.String({ maxLength: 100 }),
	FriendlyName: Type.String({ minLength: 1, maxLength: 128 }),
	CallSid: Type.Optional(CallSid),
	ParticipantLabel: words,
});

/** The states of a call that has ended, or never came to be. (www.twilio.com/docs/voice/api/call-resource) */
const isOver = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled']);
