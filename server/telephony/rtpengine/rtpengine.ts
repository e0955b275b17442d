import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type GatewayReport, noReport } from '#server/telephony/desk.ts';
import { refusedBody } from '#server/telephony/refused-body.ts';
import type { RtpPorts } from '#server/telephony/rtp/ports.ts';
import type { RtpConfig } from '#server/telephony/rtp/settings.ts';
import { readAnnounced, readCallId } from '#server/telephony/rtpengine/announced.ts';
import { type ForkedCall, forkedCall } from '#server/telephony/rtpengine/forked-call.ts';
import { ng } from '#server/telephony/rtpengine/ng.ts';
import type { RtpengineConfig } from '#server/telephony/rtpengine/settings.ts';
import { keyRefusal } from '#server/telephony/shown-key.ts';
import type { Intake } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

export interface RtpengineNeeds {
	/** Without it there is no such address. */
	config?: RtpengineConfig['rtpengine'];
	rtp: Pick<RtpConfig['rtp'], 'address' | 'source'>;
	/** Where sound may come in; shared with other gateways. */
	ports: RtpPorts;
	intake: Intake;
	clock: Clock;
	/** Where it says who came and who was turned away. */
	report?: GatewayReport;
	/** An error of ours. The first argument is no personal data. */
	failed?: (where: string, error: unknown) => void;
}

/** Where the SIP proxy says that a call began (POST) and ended (DELETE, `?callId=`). */
export const rtpenginePath = '/telephony/rtpengine/calls';

/**
 * The gateway for calls whose sound goes through rtpengine: the proxy announces a call, we subscribe to it over rtpengine's control
 * protocol and get a copy of both parties' RTP. Listening only: the call notices nothing. [S3]
 */
export const rtpengine: FastifyPluginAsync<RtpengineNeeds> = async (app, needs) => {
	const { config, clock, rtp } = needs;
	const report = needs.report ?? noReport;
	const engines = (config?.engines ?? []).map((address) => ng(address, clock));
	const calls = new Map<string, ForkedCall>();
	let isClosing = false;

	const onlyKnown = (request: FastifyRequest, _reply: unknown, done: (error?: Error) => void) => {
		const refusal = keyRefusal(request.headers.authorization, config?.keys ?? [], 'YCORD_RTPENGINE_KEY');
		if (refusal) {
			// An address that is not there is nobody's gateway.
			if (config) report.refused(refusal.code);
			request.log.warn({ refusal: refusal.code }, 'an announcement of a call was refused');
		} else report.contact();
		done(refusal);
	};

	function announced(request: FastifyRequest): Promise<{ callId: string }> {
		try {
			return listenTo(request);
		} catch (error) {
			// Why a call was not listened to is told by the call itself; here it has not come to one.
			report.refused(error instanceof Refusal ? error.code : 'request.failed');
			throw error;
		}
	}

	function listenTo(request: FastifyRequest): Promise<{ callId: string }> {
		const said = readAnnounced(request.body);
		const known = calls.get(said.callId);
		if (known) return known.again(said.tags);
		if (isClosing) throw new Refusal('server.draining');
		const agentId = said.agent ?? config?.agentId;
		if (!agentId) throw new Refusal('call.unknown-agent', 'none is named: say agent, or set YCORD_RTPENGINE_AGENT');
		const call = forkedCall(said, {
			...needs,
			...rtp,
			engines,
			agentId,
			over({ callId, reason }) {
				calls.delete(said.callId);
				const why = reason instanceof Refusal ? reason.code : reason;
				if (reason instanceof Refusal) report.refused(reason.code);
				app.log.info({ callId, reason: why }, 'a call of rtpengine is over');
			},
			failed: (error) => needs.failed?.(rtpenginePath, error),
		});
		calls.set(said.callId, call);
		return call.begun;
	}

	app.addHook('onError', async (request, _reply, error) => {
		const refusal = error instanceof Refusal ? undefined : refusedBody(error);
		if (refusal === undefined) return;
		report.refused(refusal);
		request.log.warn({ refusal }, 'an announcement of a call was refused');
	});
	app.route({
		method: 'POST',
		url: rtpenginePath,
		onRequest: onlyKnown,
		async handler(request, reply) {
			return reply.code(201).send(await announced(request));
		},
	});
	app.route({
		method: 'DELETE',
		url: rtpenginePath,
		onRequest: onlyKnown,
		async handler(request, reply) {
			// Of a call that is not here nobody minds that it is over.
			await calls.get(readCallId(request.query))?.hungUp();
			return reply.code(204).send();
		},
	});
	app.addHook('preClose', async () => {
		isClosing = true;
		await Promise.all([...calls.values()].map((call) => call.leave()));
		for (const engine of engines) engine.close();
	});
};
