import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type GatewayReport, noReport } from '#server/telephony/desk.ts';
import { type DoorLimit, doorLimit } from '#server/telephony/door-limit.ts';
import { listeningStream, type StreamIntake } from '#server/telephony/media-streams/listening-stream.ts';
import { type TwilioKey, twilioApi } from '#server/telephony/twilio/api.ts';
import { twilioCalls } from '#server/telephony/twilio/calls.ts';
import { twilioDialect } from '#server/telephony/twilio/dialect.ts';
import { isSigned, streamUrls } from '#server/telephony/twilio/signature.ts';
import { surveyStream } from '#server/telephony/twilio/survey-stream.ts';
import { twilioStatusPath, twilioWebhooks } from '#server/telephony/twilio/webhooks.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

export interface TwilioNeeds {
	intake: StreamIntake;
	clock: Clock;
	/** How Twilio reaches this server: what the signature is computed over. */
	publicUrl: () => string;
	/** The account's auth token, and a second one while tokens are being changed. Without any there is no such address. */
	authTokens: readonly string[];
	/** Who gets the calls whose start names no agent. */
	defaultAgentId?: string;
	/** With what Ycord asks Twilio to bring an executive on the line. Without it calls can only be listened to. */
	key?: TwilioKey;
	startWithinMs?: number;
	silentAfterMs?: number;
	/** Where it says who came and who was turned away. */
	report?: GatewayReport;
	/** An error of ours while a message was handled, not of the peer. The first argument is no personal data. */
	failed?: (where: string, error: unknown) => void;
}

/** Where Twilio opens its media streams: those we listen to, and those an executive speaks on. */
export const twilioPath = '/telephony/twilio';
export const twilioSurveyPath = '/telephony/twilio/survey';

/**
 * The gateway for Twilio Media Streams: listening (`<Start><Stream>` or REST Streams), and with an API key an executive on the
 * line (`<Connect><Stream>`); and Twilio's webhooks. The signature is checked before the upgrade, and refused there by name. A message over 64 KiB
 * closes with `tooLarge`; over the WebSocket server's own `maxPayload`, which should be larger, it is not even read and the
 * close code is 1009 (RFC 6455, 7.4.1).
 */
export const twilio: FastifyPluginAsync<TwilioNeeds> = async (app, needs) => {
	const { clock, key } = needs;
	const leaving = new Set<() => void>();
	const report = needs.report ?? noReport;
	const url = (path: string) => `wss://${new URL(needs.publicUrl()).host}${path}`;
	const api =
		key &&
		twilioApi({
			key,
			clock,
			refused: (what, { code, detail }) =>
				app.log.warn({ what, refusal: code, detail }, 'a request to Twilio’s API was refused'),
		});
	const calls = twilioCalls({
		intake: needs.intake,
		clock,
		account: api && key && { api, accountSid: key.accountSid },
		listeningUrl: () => url(twilioPath),
		surveyUrl: () => url(twilioSurveyPath),
		statusUrl: () => `${needs.publicUrl()}${twilioStatusPath}`,
	});
	const onlySigned =
		(path: string, door: DoorLimit) => (request: FastifyRequest, _reply: unknown, done: (error?: Error) => void) => {
			const refusal = refusalOf(request.headers['x-twilio-signature'], path, needs) ?? door.refusal();
			if (refusal) {
				// An address that is not there is nobody's gateway.
				if (needs.authTokens.length > 0) report.refused(refusal.code);
				request.log.warn({ refusal: refusal.code }, 'a Twilio stream was refused before its upgrade');
			} else report.contact();
			done(refusal);
		};

	const door = doorLimit();
	app.route({
		method: 'GET',
		url: twilioPath,
		websocket: true,
		onRequest: onlySigned(twilioPath, door),
		handler(socket, request) {
			const leave = listeningStream(socket, {
				...needs,
				dialect: twilioDialect,
				intake: calls,
				connection: request.socket,
				begun: door.waits(socket),
				over({ callId, reason, why }) {
					leaving.delete(leave);
					report.over(reason);
					request.log.info({ callId, reason, why }, 'a Twilio stream is over');
				},
				failed: (error) => needs.failed?.(twilioPath, error),
			});
			leaving.add(leave);
		},
	});
	// Whoever fills the one door shall not keep a customer from an executive who was given the line.
	const surveyDoor = doorLimit();
	if (key)
		app.route({
			method: 'GET',
			url: twilioSurveyPath,
			websocket: true,
			onRequest: onlySigned(twilioSurveyPath, surveyDoor),
			handler(socket, request) {
				const { leave } = surveyStream(socket, {
					clock,
					connection: request.socket,
					begun: surveyDoor.waits(socket),
					claim: calls.claim,
					over({ callId, reason, why }) {
						leaving.delete(goAway);
						report.over(reason);
						request.log.info({ callId, reason, why }, 'a Twilio survey stream is over');
					},
					failed: (error) => needs.failed?.(twilioSurveyPath, error),
				});
				const goAway = () => leave('draining');
				leaving.add(goAway);
			},
		});
	await app.register(twilioWebhooks, {
		calls,
		publicUrl: needs.publicUrl,
		authTokens: needs.authTokens,
		accountSid: key?.accountSid,
		listeningUrl: () => url(twilioPath),
		report,
	});
	app.addHook('preClose', async () => {
		calls.close();
		for (const leave of leaving) leave();
	});
};

function refusalOf(
	given: string | string[] | undefined,
	path: string,
	{ publicUrl, authTokens }: TwilioNeeds,
): Refusal | undefined {
	if (authTokens.length === 0) return new Refusal('request.not-found');
	if (typeof given !== 'string' || given === '') return new Refusal('access.signature-missing');
	if (!isSigned(given, streamUrls(publicUrl(), path), authTokens)) return new Refusal('access.signature-wrong');
	return undefined;
}
