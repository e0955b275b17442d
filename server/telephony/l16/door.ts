import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type GatewayReport, noReport } from '#server/telephony/desk.ts';
import { doorLimit } from '#server/telephony/door-limit.ts';
import type { L16Dialect } from '#server/telephony/l16/greeting.ts';
import { type L16StreamNeeds, l16Stream } from '#server/telephony/l16/stream.ts';
import { keyRefusal } from '#server/telephony/shown-key.ts';
import { Refusal } from '#shared/refusals.ts';

export interface L16DoorNeeds extends Pick<L16StreamNeeds, 'intake' | 'clock' | 'startWithinMs' | 'silentAfterMs'> {
	/** What the platform shows, and a second one while it is being changed. Without any there is no such address. */
	keys: readonly string[];
	/** Who gets the calls whose first message names no agent. */
	defaultAgentId?: string;
	/** Whether Ycord may be a participant of calls. Asked only where the platform makes it one. */
	mayBeAudible?: boolean;
	/** Where it says who came and who was turned away. */
	report?: GatewayReport;
	/** An error of ours while a message was handled, not of the peer. The first argument is no personal data. */
	failed?: (where: string, error: unknown) => void;
}

/** What must be set for calls in which Ycord is a participant. */
export const audibleSetting = 'YCORD_ALLOW_AUDIBLE';

/**
 * The door for one platform that sends L16 over WebSocket. Listening only: nothing is ever sent back. [S3] Key and policy are
 * looked at before the upgrade, and refused there by name. It offers the subprotocol that was asked for.
 */
export function l16Door(dialect: L16Dialect): FastifyPluginAsync<L16DoorNeeds> {
	return async (app, needs) => {
		const leaving = new Set<() => void>();
		const report = needs.report ?? noReport;
		const limit = doorLimit();
		const refusalOf = ({ headers }: FastifyRequest) =>
			keyRefusal(headers.authorization, needs.keys, dialect.keySetting, dialect.scheme) ??
			// Only those who hold the key learn how the house is set.
			(dialect.audible && !needs.mayBeAudible ? new Refusal('gateway.audible', audibleSetting) : limit.refusal());
		app.route<{ Querystring: Record<string, unknown> }>({
			method: 'GET',
			url: dialect.path,
			websocket: true,
			onRequest(request, _reply, done) {
				const refusal = refusalOf(request);
				if (refusal) {
					// An address that is not there is nobody's gateway.
					if (needs.keys.length > 0) report.refused(refusal.code);
					request.log.warn({ gateway: dialect.name, refusal: refusal.code }, 'a stream was refused before its upgrade');
				} else report.contact();
				done(refusal);
			},
			handler(socket, request) {
				const leave = l16Stream(socket, {
					...needs,
					dialect,
					connection: request.socket,
					begun: limit.waits(socket),
					address: request.query,
					over({ callId, reason, why }) {
						leaving.delete(leave);
						report.over(reason);
						request.log.info({ gateway: dialect.name, callId, reason, why }, 'a stream is over');
					},
					failed: (error) => needs.failed?.(dialect.path, error),
				});
				leaving.add(leave);
			},
		});
		app.addHook('preClose', async () => {
			for (const leave of leaving) leave();
		});
	};
}
