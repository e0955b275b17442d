import { onTestFinished } from 'vitest';
import { type GatewayReport, noReport } from '#server/telephony/desk.ts';
import { rtpPorts } from '#server/telephony/rtp/ports.ts';
import { type SiprecGateway, siprec } from '#server/telephony/siprec/siprec.ts';
import type { Intake } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';

/** A recording server of its own on free ports, and the log it wrote. */
export async function siprecDoor(
	needs: { intake: Intake; clock: Clock; report?: GatewayReport; pairs?: number },
	config: {
		sources?: string;
		agentPattern?: string;
		agentId?: string;
		tls?: { port: number; cert: string; key: string };
	} = {},
): Promise<SiprecGateway & { log: string[] }> {
	const host = '127.0.0.1';
	const range = await freeRtpRange(needs.pairs ?? 8);
	const ports = rtpPorts({ host, ...range });
	const log: string[] = [];
	const note = (...said: unknown[]) => void log.push(JSON.stringify(said));
	const gateway = await siprec({
		intake: needs.intake,
		clock: needs.clock,
		config: { sources: host, host, port: 0, agentId: 'ann', ...config },
		rtp: { host, address: host, ...range, source: 'offer' },
		ports,
		report: needs.report ?? noReport,
		log: { info: note, warn: note },
		failed: (where, error) => note(where, String(error)),
	});
	onTestFinished(async () => {
		await gateway.close();
		ports.close();
	});
	return { ...gateway, log };
}
