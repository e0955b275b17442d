import type { FastifyInstance } from 'fastify';
import { CannotStart } from '#server/cannot-start.ts';
import type { Config } from '#server/config.ts';
import { audioFork } from '#server/telephony/audio-fork/audio-fork.ts';
import { audioForkEntry } from '#server/telephony/audio-fork/entry.ts';
import { audiohook } from '#server/telephony/audiohook/audiohook.ts';
import { audiohookEntry } from '#server/telephony/audiohook/entry.ts';
import type { GatewayDesk } from '#server/telephony/desk.ts';
import { rtpPorts } from '#server/telephony/rtp/ports.ts';
import { siprecEntry } from '#server/telephony/siprec/entry.ts';
import { siprec } from '#server/telephony/siprec/siprec.ts';
import type { Gateway, Intake } from '#server/telephony/telephony.ts';
import { twilioEntry } from '#server/telephony/twilio/entry.ts';
import { twilio } from '#server/telephony/twilio/twilio.ts';
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
	await http.register(audioFork, {
		...shared,
		report: desk.opens(audioForkEntry(config, address)),
		keys: config.audioForkKeys,
		...(config.audioForkAgent ? { defaultAgentId: config.audioForkAgent } : {}),
	});
	await http.register(audiohook, {
		...shared,
		report: desk.opens(audiohookEntry(config, address)),
		keys: config.audiohookKeys,
		...(config.audiohookAgent ? { defaultAgentId: config.audiohookAgent } : {}),
		...(config.audiohookTransfer ? { transfer: config.audiohookTransfer } : {}),
	});
	const ports = rtpPorts(config.rtp);
	const siprecReport = desk.opens(siprecEntry(config));
	const open: Gateway[] = [];
	if (config.siprec)
		open.push(
			await siprec({
				...shared,
				config: config.siprec,
				rtp: config.rtp,
				ports,
				report: siprecReport,
				log: http.log,
			}).catch((error) => {
				throw new CannotStart(`SIPREC cannot be opened on ${config.siprec?.host}: ${error.message}`);
			}),
		);
	const close = async () => {
		for (const one of open.splice(0)) await one.close();
		ports.close();
	};
	http.addHook('preClose', close);
	return { close };
}
