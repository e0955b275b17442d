import type { FastifyPluginAsync } from 'fastify';
import type { Intake } from '#server/telephony/telephony.ts';
import { isSigned, streamUrls } from '#server/telephony/twilio/signature.ts';
import { twilioStream } from '#server/telephony/twilio/stream.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

export interface TwilioNeeds {
	intake: Intake;
	clock: Clock;
	/** How Twilio reaches this server: what the signature is computed over. */
	publicUrl: () => string;
	/** The account's auth token, and a second one while tokens are being changed. Without any there is no such address. */
	authTokens: readonly string[];
	/** Who gets the calls whose start names no agent. */
	defaultAgentId?: string;
	startWithinMs?: number;
	silentAfterMs?: number;
	/** An error of ours while a message was handled, not of the peer. The first argument is no personal data. */
	failed?: (where: string, error: unknown) => void;
}

/** Where Twilio opens its media streams. */
export const twilioPath = '/telephony/twilio';

/**
 * The gateway for Twilio Media Streams, listening only (`<Start><Stream>` or REST Streams). The signature is checked
 * before the upgrade, and refused there by name. A message over 64 KiB closes with `tooLarge`; over the WebSocket server's own `maxPayload`, which
 * should be larger, it is not even read and the close code is 1009 (RFC 6455, 7.4.1).
 */
export const twilio: FastifyPluginAsync<TwilioNeeds> = async (app, needs) => {
	const leaving = new Set<() => void>();
	app.route({
		method: 'GET',
		url: twilioPath,
		websocket: true,
		onRequest(request, _reply, done) {
			const refusal = refusalOf(request.headers['x-twilio-signature'], needs);
			if (refusal) request.log.warn({ refusal: refusal.code }, 'a Twilio stream was refused before its upgrade');
			done(refusal);
		},
		handler(socket, request) {
			const leave = twilioStream(socket, {
				...needs,
				over({ callId, reason, why }) {
					leaving.delete(leave);
					request.log.info({ callId, reason, why }, 'a Twilio stream is over');
				},
				failed: (error) => needs.failed?.(twilioPath, error),
			});
			leaving.add(leave);
		},
	});
	app.addHook('preClose', async () => {
		for (const leave of leaving) leave();
	});
};

function refusalOf(given: string | string[] | undefined, { publicUrl, authTokens }: TwilioNeeds): Refusal | undefined {
	if (authTokens.length === 0) return new Refusal('request.not-found');
	if (typeof given !== 'string' || given === '') return new Refusal('access.signature-missing');
	if (!isSigned(given, streamUrls(publicUrl(), twilioPath), authTokens)) return new Refusal('access.signature-wrong');
	return undefined;
}
