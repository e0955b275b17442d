import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type GatewayReport, noReport, type RefusedFor } from '#server/telephony/desk.ts';
import { type RtpPorts, rtpPorts } from '#server/telephony/rtp/ports.ts';
import { type SiprecGateway, siprec } from '#server/telephony/siprec/siprec.ts';
import type { Intake } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';
import { handClock } from '#tests/support/clock.ts';
import { freeRtpRange } from '#tests/support/free-ports.ts';
import { recordingIntake } from '#tests/support/recording-intake.ts';
import { type SiprecPeerOptions, siprecPeer } from '#tests/support/siprec-peer.ts';

/** A recording server of its own on free ports, and the log it wrote. */
export async function siprecDoor(
	needs: { intake: Intake; clock: Clock; report?: GatewayReport; pairs?: number; ports?: RtpPorts },
	config: {
		sources?: string;
		agentPattern?: string;
		agentId?: string;
		tls?: { port: number; cert: string; key: string };
	} = {},
): Promise<SiprecGateway & { log: string[] }> {
	const host = '127.0.0.1';
	const range = await freeRtpRange(needs.pairs ?? 8);
	const ports = needs.ports ?? rtpPorts({ host, ...range });
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

/** A recording server, what it made of things, and recorders on demand. */
export async function siprecTrial(config: Parameters<typeof siprecDoor>[1] = {}, pairs = 8, ports?: RtpPorts) {
	const intake = recordingIntake();
	const clock = handClock();
	const refused: RefusedFor[] = [];
	const report = { contact() {}, refused: (why: RefusedFor) => void refused.push(why), over() {} };
	const gateway = await siprecDoor({ intake, clock, report, pairs, ...(ports ? { ports } : {}) }, config);
	return {
		intake,
		clock,
		refused,
		gateway,
		log: gateway.log,
		async recorder(options: Partial<SiprecPeerOptions> = {}) {
			const peer = await siprecPeer({ port: gateway.port, ...options });
			onTestFinished(() => peer.close());
			return peer;
		},
	};
}

/** Resolves when the server has handled what was sent before, on this connection. */
export const settled = async (peer: {
	ask(method: string, headers?: string[], inDialog?: boolean): Promise<unknown>;
}) => void (await peer.ask('OPTIONS', [], false));

const pem = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
/** TLS on any free port, with a certificate of the tests' own. */
export const testTls = { port: 0, cert: pem('cert'), key: pem('key') };
