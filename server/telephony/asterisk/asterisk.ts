import type { FastifyPluginAsync } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { hangUp } from '#server/hang-up.ts';
import { type AriEvent, asteriskRestInterface, deniedByAri } from '#server/telephony/asterisk/ari.ts';
import { audioSocketServer } from '#server/telephony/asterisk/audio-socket.ts';
import { awaitedLegs } from '#server/telephony/asterisk/awaited-legs.ts';
import { bridgeWaitedFor } from '#server/telephony/asterisk/control.ts';
import {
	type ListenedCall,
	type ListenedCallNeeds,
	listenedCall,
	type ToldCall,
} from '#server/telephony/asterisk/listened-call.ts';
import type { MediaRoad } from '#server/telephony/asterisk/media.ts';
import { mediaSocket } from '#server/telephony/asterisk/media-socket.ts';
import { audioSocketRoad, dialledOutRoad, dialledRoad } from '#server/telephony/asterisk/roads.ts';
import type { AsteriskConfig } from '#server/telephony/asterisk/settings.ts';
import { type GatewayReport, noReport } from '#server/telephony/desk.ts';
import { doorLimit } from '#server/telephony/door-limit.ts';
import { keyRefusal } from '#server/telephony/shown-key.ts';
import type { Intake } from '#server/telephony/telephony.ts';
import { disclosures } from '#shared/call.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

export interface AsteriskNeeds {
	/** Without it there is no Asterisk, and nothing at its address. */
	config?: AsteriskConfig['asterisk'];
	intake: Intake;
	clock: Clock;
	/** What our own channels and bridges are named after, beside the application. */
	site: string;
	report?: GatewayReport;
	/** It is open, with what a test call of it needs. */
	opened?: (gateway: AsteriskGateway) => void;
	/** An error of ours. The first argument is no personal data. */
	failed?: (where: string, error: unknown) => void;
}

/** What an open gateway listens with. */
export type AsteriskGateway = Pick<ListenedCallNeeds, 'ari' | 'road' | 'intake' | 'clock'>;

/** Where Asterisk's chan_websocket opens a leg's sound. */
export const asteriskMediaPath = '/telephony/asterisk/media';
/** What the dialplan calls its word that a call is to be listened to. */
export const listenEvent = 'YcordListen';
/** Calls the dialplan may tell of at once. [B1] */
const maxCalls = 2000;

const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
const Told = Type.Object({
	customer: text(100),
	agent: text(200),
	agent_channel: text(100),
	bridge: text(100),
	queue: text(200),
	number: text(200),
	language: text(40),
	label: text(200),
	disclosure: Type.Optional(Type.Enum([...disclosures])),
});

/**
 * The gateway for Asterisk: its REST interface tells of calls and does what is asked of them, its media channels bring their sound. Control
 * and media are apart: losing the first touches no call, losing the second is asked for again. Needs AudioSocket's port, where it is set.
 */
export const asterisk: FastifyPluginAsync<AsteriskNeeds> = async (app, needs) => {
	const { config, clock, intake } = needs;
	const report = needs.report ?? noReport;
	const failed = (error: unknown) => needs.failed?.('asterisk', error);
	const legs = awaitedLegs(clock);
	const limit = doorLimit();

	app.route<{ Querystring: { leg?: unknown } }>({
		method: 'GET',
		url: asteriskMediaPath,
		websocket: true,
		onRequest(request, _reply, done) {
			const keys = config?.media === 'websocket' ? config.mediaKeys : [];
			const refusal = keyRefusal(request.headers.authorization, keys, 'YCORD_ASTERISK_MEDIA_KEY') ?? limit.refusal();
			if (refusal) {
				if (keys.length > 0) report.refused(refusal.code);
				request.log.warn({ refusal: refusal.code }, 'a media socket of Asterisk was refused before its upgrade');
			} else report.contact();
			done(refusal);
		},
		handler(socket, request) {
			const begun = limit.waits(socket);
			const { leg } = request.query;
			const claimed = typeof leg === 'string' ? legs.claim(leg) : undefined;
			if (!claimed) {
				report.refused('unknown');
				return hangUp(socket, 'unknown', 'nobody waits for this leg');
			}
			mediaSocket(socket, {
				clock,
				connection: request.socket,
				format: claimed.format,
				started(media) {
					begun();
					claimed.started(media);
				},
				over: report.over,
				failed,
			});
		},
	});
	if (!config) return;

	/** Everything of ours at Asterisk begins with this: what is left after a crash is known by it. */
	const prefix = `${config.app}-${needs.site}-`;
	const calls = new Map<string, ListenedCall>();
	let isClosing = false;
	const ari = asteriskRestInterface({
		...config,
		clock,
		event,
		connected() {
			report.contact();
			app.log.info('Asterisk is there');
			void lookAround().catch(() => {});
		},
		lost(why) {
			app.log.warn({ why }, 'Asterisk’s events are lost; tried again');
			if (why === deniedByAri) report.refused('platform.denied');
		},
	});

	function event(told: AriEvent) {
		try {
			if (told.type === 'ChannelUserevent' && told.eventname === listenEvent) listen(told);
			for (const call of [...calls.values()]) call.event(told);
		} catch (error) {
			failed(error);
		}
	}

	function listen({ userevent, channel }: AriEvent) {
		report.contact();
		const fields = Object.fromEntries(
			Object.entries(userevent ?? {}).flatMap(([name, value]) =>
				typeof value === 'string' && value !== '' ? [[name.toLowerCase().replaceAll('-', '_'), value]] : [],
			),
		);
		const customer = fields.customer ?? channel?.id;
		const agentId = fields.agent ?? config?.agentId;
		const why = !customer || !Value.Check(Told, fields) ? 'malformed' : !agentId ? 'unknownAgent' : undefined;
		if (why || !customer || !agentId || isClosing || calls.size >= maxCalls) {
			report.refused(why ?? (isClosing ? 'draining' : 'full'));
			return app.log.warn({ why }, 'a call that Asterisk told of was not taken');
		}
		if (calls.has(customer)) return report.refused('call.exists');
		const { agent_channel: agentChannel, ...rest } = fields as Omit<ToldCall, 'agentChannel'> & {
			agent_channel?: string;
		};
		const call = listenedCall(
			{ ...rest, customer, agentId, agentChannel },
			{
				ari,
				road,
				intake,
				clock,
				app: config?.app ?? '',
				prefix,
				format: config?.format ?? 'ulaw',
				over({ callId, reason }) {
					calls.delete(customer);
					if (reason instanceof Refusal) report.refused(reason.code);
					app.log.info(
						{ callId, reason: reason instanceof Refusal ? reason.code : reason },
						'a call of Asterisk is over',
					);
				},
			},
		);
		calls.set(customer, call);
	}

	/**
	 * What happened while we did not hear: calls that are over, and what nobody of ours owns any more, from an earlier run or a call that was let go
	 * of while nothing could be asked. Agents go back to their calls, the rest goes.
	 */
	async function lookAround() {
		const known = [...calls.values()];
		const [channels, bridges] = await Promise.all([ari.ask('GET', '/channels'), ari.ask('GET', '/bridges')]);
		const ids = new Set(listOf(channels).map(({ id }) => id));
		for (const call of known) call.still(ids);
		const isLeft = ({ id }: { id: string }) =>
			id.startsWith(prefix) && ![...calls.values()].some(({ name }) => id.startsWith(name));
		const left = listOf(bridges).filter(isLeft);
		for (const { id, channels } of left) {
			const call = bridgeWaitedFor(id);
			// One by one: the music is a channel too, and cannot be moved.
			for (const channel of call ? channels : [])
				await ari.try('POST', `/bridges/${encodeURIComponent(call ?? '')}/addChannel`, { channel });
		}
		for (const { id } of listOf(channels).filter(isLeft))
			await ari.try('DELETE', `/channels/${encodeURIComponent(id)}`);
		for (const { id } of left) await ari.try('DELETE', `/bridges/${encodeURIComponent(id)}`);
	}

	async function roadOf(at: NonNullable<AsteriskConfig['asterisk']>): Promise<MediaRoad> {
		if (at.media === 'websocket') return dialledRoad(at, legs);
		if (at.media === 'incoming') return dialledOutRoad(at, ari, clock, failed);
		const { host, port } = at.audioSocket ?? { host: '127.0.0.1', port: 0 };
		const server = await audioSocketServer({ host, port, clock, claim: legs.claim, refused: report.refused, failed });
		return audioSocketRoad(`${host.includes(':') ? `[${host}]` : host}:${server.port}`, legs, server.close);
	}
	const road = await roadOf(config).catch((error) => {
		ari.close();
		throw error;
	});
	needs.opened?.({ ari, road, intake, clock });

	app.addHook('preClose', async () => {
		isClosing = true;
		await Promise.all([...calls.values()].map((call) => call.leave()));
		ari.close();
		await road.close();
	});
};

const Listed = Type.Array(Type.Object({ id: Type.String(), channels: Type.Optional(Type.Array(Type.String())) }));
const listOf = (answer: unknown): { id: string; channels: string[] }[] =>
	Value.Check(Listed, answer) ? answer.map(({ id, channels = [] }) => ({ id, channels })) : [];
