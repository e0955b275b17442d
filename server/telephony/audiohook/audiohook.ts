import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { connector } from '#server/telephony/audiohook/connector.ts';
import { conversations } from '#server/telephony/audiohook/conversations.ts';
import { credentials, type HookKey } from '#server/telephony/audiohook/credentials.ts';
import type { HookLine, HookSocketNeeds } from '#server/telephony/audiohook/hook-socket.ts';
import { monitor } from '#server/telephony/audiohook/monitor.ts';
import { type GatewayReport, noReport } from '#server/telephony/desk.ts';
import { doorLimit } from '#server/telephony/door-limit.ts';
import type { Intake } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

export interface AudiohookNeeds {
	intake: Intake;
	clock: Clock;
	/** How Genesys reaches this server: what its signatures are computed over. */
	publicUrl: () => string;
	/** The integrations' keys and secrets, and second ones while they are being changed. Without any there is no such address. */
	keys: readonly HookKey[];
	/** Who gets the calls whose integration names no agent. */
	defaultAgentId?: string;
	/** What an agent does in Genesys to hand the customer over. Without it calls can only be listened to. */
	transfer?: string;
	openWithinMs?: number;
	silentAfterMs?: number;
	/** Where it says who came and who was turned away. */
	report?: GatewayReport;
	/** An error of ours while a message was handled, not of the peer. The first argument is no personal data. */
	failed?: (where: string, error: unknown) => void;
}

/** Where Genesys Cloud opens sessions: AudioHook Monitor, and Audio Connector. */
export const audiohookPath = '/telephony/audiohook';
export const connectorPath = '/telephony/audiohook/connector';

/** How long whoever is not let in waits for the answer, whatever was wrong. */
export const refusedAfterMs = 500;

/**
 * The gateway for Genesys Cloud: listening by AudioHook Monitor, and an executive on the line by Audio Connector. Who it is
 * is judged before the upgrade; an unknown key and a wrong signature get the same answer after the same time. From then on
 * whatever we have against a session is said in its own words, `disconnect`, and the client closes.
 */
export const audiohook: FastifyPluginAsync<AudiohookNeeds> = async (app, needs) => {
	const { clock, keys } = needs;
	const draining = new Set<() => Promise<void>>();
	const report = needs.report ?? noReport;
	const judge = credentials(clock, keys);
	const door = doorLimit();
	const joined = conversations({ intake: needs.intake, clock, transfer: needs.transfer });

	async function onlyKnown(request: FastifyRequest) {
		// An address that is not there is nobody's gateway.
		if (keys.length === 0) throw new Refusal('request.not-found');
		const header = headerOf(request);
		const authority = new URL(needs.publicUrl()).host;
		const why = judge({ target: request.raw.url ?? '', authority, header });
		const isNamed = header(sessionHeader) !== undefined && header(organizationHeader) !== undefined;
		if (why === undefined && isNamed) {
			const full = door.refusal();
			if (!full) return report.contact();
			report.refused(full.code);
			request.log.warn({ refusal: full.code }, 'an AudioHook session was refused before its upgrade');
			throw full;
		}
		const refusal = new Refusal('access.unproven');
		report.refused(refusal.code);
		request.log.warn(
			{ refusal: refusal.code, why: why ?? 'headers' },
			'an AudioHook session was refused before its upgrade',
		);
		await new Promise<void>((resolve) => {
			clock.after(refusedAfterMs, resolve);
		});
		throw refusal;
	}

	function route(
		path: string,
		open: (socket: WebSocket, common: Omit<HookSocketNeeds, 'begin'>) => HookLine & { drain(): Promise<void> },
	) {
		app.route({
			method: 'GET',
			url: path,
			websocket: true,
			onRequest: onlyKnown,
			handler(socket, request) {
				const header = headerOf(request);
				const { drain } = open(socket, {
					clock,
					connection: request.socket,
					begun: door.waits(socket),
					sessionId: header(sessionHeader) ?? '',
					organizationId: header(organizationHeader) ?? '',
					openWithinMs: needs.openWithinMs,
					silentAfterMs: needs.silentAfterMs,
					troubled: (code, callId) =>
						request.log.warn({ code, callId }, 'Genesys told of an error in an AudioHook session'),
					over({ callId, reason, why }) {
						draining.delete(drain);
						report.over(reason);
						request.log.info({ callId, reason, why }, 'an AudioHook session is over');
					},
					failed: (error) => needs.failed?.(path, error),
				});
				draining.add(drain);
			},
		});
	}
	route(audiohookPath, (socket, common) =>
		monitor(socket, { ...common, intake: joined, defaultAgentId: needs.defaultAgentId }),
	);
	if (needs.transfer) route(connectorPath, (socket, common) => connector(socket, { ...common, claim: joined.claim }));

	app.addHook('preClose', async () => {
		joined.close();
		// Each is hung up in time, if the client does not do it.
		await Promise.all([...draining].map((drain) => drain()));
	});
};

const sessionHeader = 'audiohook-session-id';
const organizationHeader = 'audiohook-organization-id';

/** A header's value, repeated ones joined. */
const headerOf = (request: FastifyRequest) => (name: string) => {
	const value = request.headers[name];
	return Array.isArray(value) ? value.join(', ') : value;
};
