import type { FastifyPluginAsync } from 'fastify';
import { type ForkNeeds, forkStream } from '#server/telephony/audio-fork/fork-stream.ts';
import { type GatewayReport, noReport } from '#server/telephony/desk.ts';
import { keyRefusal } from '#server/telephony/shown-key.ts';

export interface AudioForkNeeds extends Pick<ForkNeeds, 'intake' | 'clock' | 'startWithinMs' | 'silentAfterMs'> {
	/** What the platform shows as its password (HTTP Basic), and a second one while it is being changed. Without any there is no such address. */
	keys: readonly string[];
	/** Who gets the calls whose first message names no agent. */
	defaultAgentId?: string;
	/** Where it says who came and who was turned away. */
	report?: GatewayReport;
	/** An error of ours while a message was handled, not of the peer. The first argument is no personal data. */
	failed?: (where: string, error: unknown) => void;
}

/** Where audio forks are opened: jambonz' `listen`, FreeSWITCH's mod_audio_fork. */
export const audioForkPath = '/telephony/audio-fork';

/**
 * The gateway for L16 over WebSocket, as jambonz (`listen`) and FreeSWITCH (mod_audio_fork) send it: one text, then sound of one
 * or two channels at 8 or 16 kHz. Listening only: nothing is ever sent back, so nothing can be heard. [S3] The key is looked at
 * before the upgrade, and refused there by name. It offers the subprotocol that was asked for.
 */
export const audioFork: FastifyPluginAsync<AudioForkNeeds> = async (app, needs) => {
	const leaving = new Set<() => void>();
	const report = needs.report ?? noReport;
	app.route<{ Querystring: { rate?: unknown; mix?: unknown } }>({
		method: 'GET',
		url: audioForkPath,
		websocket: true,
		onRequest(request, _reply, done) {
			const refusal = keyRefusal(request.headers.authorization, needs.keys, 'YCORD_AUDIO_FORK_KEY');
			if (refusal) {
				// An address that is not there is nobody's gateway.
				if (needs.keys.length > 0) report.refused(refusal.code);
				request.log.warn({ refusal: refusal.code }, 'an audio fork was refused before its upgrade');
			} else report.contact();
			done(refusal);
		},
		handler(socket, request) {
			const { rate, mix } = request.query;
			const leave = forkStream(socket, {
				...needs,
				connection: request.socket,
				address: {
					...(typeof rate === 'string' ? { rate } : {}),
					...(typeof mix === 'string' ? { mix } : {}),
				},
				over({ callId, reason, why }) {
					leaving.delete(leave);
					report.over(reason);
					request.log.info({ callId, reason, why }, 'an audio fork is over');
				},
				failed: (error) => needs.failed?.(audioForkPath, error),
			});
			leaving.add(leave);
		},
	});
	app.addHook('preClose', async () => {
		for (const leave of leaving) leave();
	});
};
