import type { FastifyInstance } from 'fastify';
import { CannotStart } from '#server/cannot-start.ts';
import type { Config } from '#server/config.ts';
import { type AsteriskGateway, asterisk } from '#server/telephony/asterisk/asterisk.ts';
import { asteriskEntry } from '#server/telephony/asterisk/entry.ts';
import { audioFork } from '#server/telephony/audio-fork/audio-fork.ts';
import { audioForkEntry } from '#server/telephony/audio-fork/entry.ts';
import { audiohook } from '#server/telephony/audiohook/audiohook.ts';
import { audiohookEntry } from '#server/telephony/audiohook/entry.ts';
import type { GatewayDesk } from '#server/telephony/desk.ts';
import { keyedStreams } from '#server/telephony/media-streams/keyed-streams.ts';
import { plivoDialect } from '#server/telephony/plivo/dialect.ts';
import { plivoEntry } from '#server/telephony/plivo/entry.ts';
import { rtpPorts } from '#server/telephony/rtp/ports.ts';
import { rtpengineEntry } from '#server/telephony/rtpengine/entry.ts';
import { rtpengine } from '#server/telephony/rtpengine/rtpengine.ts';
import { siprecEntry } from '#server/telephony/siprec/entry.ts';
import { type SiprecGateway, siprec } from '#server/telephony/siprec/siprec.ts';
import type { Intake } from '#server/telephony/telephony.ts';
import { telnyxDialect } from '#server/telephony/telnyx/dialect.ts';
import { telnyxEntry } from '#server/telephony/telnyx/entry.ts';
import { twilioEntry } from '#server/telephony/twilio/entry.ts';
import { twilio } from '#server/telephony/twilio/twilio.ts';
import { vonageEntry } from '#server/telephony/vonage/entry.ts';
import { vonage } from '#server/telephony/vonage/vonage.ts';
import type { Clock } from '#shared/clock.ts';

export interface GatewaysNeed {
	config: Config;
	intake: Intake;
	clock: Clock;
	desk: GatewayDesk;
	/** How browsers and phone platforms reach this server. */
	publicUrl: () => string;
	/** An error of ours while a platform was listened to. The first argument is no personal data. */
	failed: (where: string, error: unknown) => void;
}

/** Opens the doors of every phone platform. A gateway without its settings is shown on the desk, and answers nobody. */
export async function openGateways(http: FastifyInstance, needs: GatewaysNeed): Promise<{ close(): Promise<void> }> {
	const { config, desk, ...shared } = needs;
	const address = needs.publicUrl;
	await http.register(twilio, {
		...shared,
		report: desk.opens(twilioEntry(config, address)),
		authTokens: config.twilioAuthTokens,
		...(config.twilioAgent ? { defaultAgentId: config.twilioAgent } : {}),
		...(config.twilioApi ? { key: config.twilioApi } : {}),
	});
	await http.register(keyedStreams, {
		...shared,
		dialect: telnyxDialect,
		report: desk.opens(telnyxEntry(config, address)),
		keys: config.telnyxKeys,
		...(config.telnyxAgent ? { defaultAgentId: config.telnyxAgent } : {}),
	});
	await http.register(keyedStreams, {
		...shared,
		dialect: plivoDialect,
		report: desk.opens(plivoEntry(config, address)),
		keys: config.plivoKeys,
		...(config.plivoAgent ? { defaultAgentId: config.plivoAgent } : {}),
	});
	await http.register(audioFork, {
		...shared,
		report: desk.opens(audioForkEntry(config, address)),
		keys: config.audioForkKeys,
		...(config.audioForkAgent ? { defaultAgentId: config.audioForkAgent } : {}),
	});
	await http.register(vonage, {
		...shared,
		report: desk.opens(vonageEntry(config, address)),
		keys: config.vonageKeys,
		mayBeAudible: config.allowAudible,
		...(config.vonageAgent ? { defaultAgentId: config.vonageAgent } : {}),
	});
	await http.register(audiohook, {
		...shared,
		report: desk.opens(audiohookEntry(config, address, shared.clock.now)),
		keys: config.audiohookKeys,
		...(config.audiohookAgent ? { defaultAgentId: config.audiohookAgent } : {}),
		...(config.audiohookTransfer ? { transfer: config.audiohookTransfer } : {}),
	});
	let openAsterisk: AsteriskGateway | undefined;
	await http.register(asterisk, {
		...shared,
		site: config.site,
		report: desk.opens(asteriskEntry(config, address, () => openAsterisk)),
		opened(gateway) {
			openAsterisk = gateway;
		},
		...(config.asterisk ? { config: config.asterisk } : {}),
	});
	const ports = rtpPorts(config.rtp);
	await http.register(rtpengine, {
		...shared,
		rtp: config.rtp,
		ports,
		report: desk.opens(rtpengineEntry(config, address, needs.clock)),
		...(config.rtpengine ? { config: config.rtpengine } : {}),
	});
	let recorder: SiprecGateway | undefined;
	const siprecReport = desk.opens(siprecEntry(config, () => recorder, needs.clock));
	if (config.siprec)
		recorder = await siprec({
			...shared,
			config: config.siprec,
			rtp: config.rtp,
			ports,
			report: siprecReport,
			log: http.log,
		}).catch((error) => {
			throw new CannotStart(`SIPREC cannot be opened on ${config.siprec?.host}: ${error.message}`);
		});
	const close = async () => {
		await recorder?.close();
		ports.close();
	};
	http.addHook('preClose', close);
	return { close };
}
