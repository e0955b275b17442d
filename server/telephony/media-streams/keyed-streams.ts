import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type GatewayReport, noReport } from '#server/telephony/desk.ts';
import { doorLimit } from '#server/telephony/door-limit.ts';
import type { Dialect } from '#server/telephony/media-streams/dialect.ts';
import { type ListeningStreamNeeds, listeningStream } from '#server/telephony/media-streams/listening-stream.ts';
import { shownKeyRefusal } from '#server/telephony/shown-key.ts';
import type { Refusal } from '#shared/refusals.ts';

export interface KeyedStreamsNeeds
	extends Pick<ListeningStreamNeeds, 'dialect' | 'intake' | 'clock' | 'defaultAgentId'> {
	/** What stands at the end of the address, and a second one while it is being changed. Without any there is no such address. */
	keys: readonly string[];
	/** Where it says who came and who was turned away. */
	report?: GatewayReport;
	/** An error of ours while a message was handled, not of the peer. The first argument is no personal data. */
	failed?: (where: string, error: unknown) => void;
}

/** Where a platform opens its streams; behind it, after a slash, comes the key. */
export const keyedPath = ({ name }: Pick<Dialect, 'name'>) => `/telephony/${name}`;

/**
 * The gateway for media streams of a platform that does not sign their upgrade (Telnyx, Plivo): who knows the key may bring calls
 * in. It is the last part of the address, or what stands in `Authorization: Bearer`; looked at before the upgrade, and refused
 * there by name. Listening only: nothing is ever sent back. [S3]
 */
export const keyedStreams: FastifyPluginAsync<KeyedStreamsNeeds> = async (app, needs) => {
	const { dialect } = needs;
	const leaving = new Set<() => void>();
	const report = needs.report ?? noReport;
	const door = doorLimit();
	app.route<{ Params: { key?: string } }>({
		method: 'GET',
		url: `${keyedPath(dialect)}/:key?`,
		websocket: true,
		onRequest(request, _reply, done) {
			const refusal = refusalOf(request, needs) ?? door.refusal();
			if (refusal) {
				// An address that is not there is nobody's gateway.
				if (needs.keys.length > 0) report.refused(refusal.code);
				request.log.warn(
					{ gateway: dialect.name, refusal: refusal.code },
					'a media stream was refused before its upgrade',
				);
			} else report.contact();
			done(refusal);
		},
		handler(socket, request) {
			const leave = listeningStream(socket, {
				...needs,
				connection: request.socket,
				begun: door.waits(socket),
				over({ callId, reason, why }) {
					leaving.delete(leave);
					report.over(reason);
					request.log.info({ gateway: dialect.name, callId, reason, why }, 'a media stream is over');
				},
				failed: (error) => needs.failed?.(keyedPath(dialect), error),
			});
			leaving.add(leave);
		},
	});
	app.addHook('preClose', async () => {
		for (const leave of leaving) leave();
	});
};

const refusalOf = (
	{ headers, params }: FastifyRequest<{ Params: { key?: string } }>,
	{ keys, dialect }: KeyedStreamsNeeds,
): Refusal | undefined =>
	shownKeyRefusal(
		params.key || /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1],
		keys,
		`YCORD_${dialect.name.toUpperCase()}_KEY`,
		'in the address, as its guide in docs/ says',
	);
