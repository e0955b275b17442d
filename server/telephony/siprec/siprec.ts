import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import type { GatewayReport } from '#server/telephony/desk.ts';
import type { RtpPorts } from '#server/telephony/rtp/ports.ts';
import { addressList, type RtpConfig } from '#server/telephony/rtp/settings.ts';
import { type Asked, newTag, sipEndpoint } from '#server/telephony/sip/endpoint.ts';
import { type SipTransport, sipTransport } from '#server/telephony/sip/transport.ts';
import {
	accepts,
	allowed,
	type Recording,
	type RecordingNeeds,
	recording,
} from '#server/telephony/siprec/recording.ts';
import type { SiprecConfig } from '#server/telephony/siprec/settings.ts';
import type { Gateway, Intake } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

export interface SiprecNeeds {
	config: NonNullable<SiprecConfig['siprec']>;
	rtp: RtpConfig['rtp'];
	/** Where sound may come in; shared with other gateways. */
	ports: RtpPorts;
	intake: Intake;
	clock: Clock;
	report: GatewayReport;
	log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
	/** An error of ours. The first argument is no personal data. */
	failed: (where: string, error: unknown) => void;
}

export interface SiprecGateway extends Gateway, Pick<SipTransport, 'port' | 'tlsPort'> {
	/** Hears this one too, whatever the settings say: ourselves, for a test call. Ends when told so. */
	expect(address: string, port: number): () => void;
}

/** What a recording session may require of us. (RFC 7866, 11.1; RFC 4028) */
const known = new Set(['siprec', 'timer']);

/**
 * The recording server (SRS) for SIPREC (RFC 7866): recorders send both sides of a call as RTP, we answer and listen. Over UDP and
 * TCP, TLS where a certificate is given; only addresses the operator names are answered. Nothing but reports of reception is ever
 * sent as media: it cannot be heard. [S3] Rejects if a port cannot be had.
 */
export async function siprec({
	config,
	rtp,
	ports,
	intake,
	clock,
	report,
	log,
	failed,
}: SiprecNeeds): Promise<SiprecGateway> {
	const sources = addressList(config.sources);
	const agents = config.agentPattern === undefined ? undefined : new RegExp(config.agentPattern, 'i');
	const { tls } = config;
	const recordings = new Map<string, Recording>();
	/** Ourselves, by address and port. */
	const expected = new Set<string>();
	let isClosing = false;

	const malformed = (why: string, { over }: { over: string }) => {
		report.refused('request.malformed');
		log.warn({ why, over }, 'a SIP message could not be read');
	};
	const no = (asked: Asked, status: number, reason: string, headers: readonly [string, string][] = []) =>
		asked.answer({ status, reason, toTag: newTag(), headers });

	const endpoint = sipEndpoint({
		clock,
		sentBy: (over) => `${bracketed(rtp.address)}:${portOf(over)}`,
		malformed,
		asked(asked) {
			const { method } = asked.request;
			if (method === 'CANCEL') {
				const meant = invitedBy.get(keyOf(asked));
				if (!meant) return no(asked, 481, 'Call/Transaction Does Not Exist');
				no(asked, 200, 'OK');
				return meant.cancel();
			}
			const unknown = (asked.request.headers.get('require') ?? []).filter((one) => !known.has(one.toLowerCase()));
			if (unknown.length > 0) return no(asked, 420, 'Bad Extension', [['Unsupported', unknown.join(', ')]]);
			if (asked.toTag !== undefined) {
				const meant = recordings.get(`${asked.callId} ${asked.toTag}`);
				return meant ? meant.request(asked) : no(asked, 481, 'Call/Transaction Does Not Exist');
			}
			report.contact();
			if (method === 'OPTIONS')
				return no(asked, 200, 'OK', [
					['Allow', allowed],
					['Accept', accepts],
					['Supported', 'siprec, timer'],
				]);
			if (method === 'INVITE') return invited(asked);
			if (methods.has(method)) return no(asked, 481, 'Call/Transaction Does Not Exist');
			no(asked, 405, 'Method Not Allowed', [['Allow', allowed]]);
		},
	});

	/** Which INVITE each recording began with, for CANCEL and for the same one coming another way. */
	const invitedBy = new Map<string, Recording>();
	const keyOf = ({ callId, fromTag }: Asked) => `${callId} ${fromTag}`;

	function invited(asked: Asked) {
		if (invitedBy.has(keyOf(asked))) return no(asked, 482, 'Loop Detected');
		if (isClosing) {
			report.refused('server.draining');
			return no(asked, 503, 'Service Unavailable', [['Retry-After', '10']]);
		}
		const needs: RecordingNeeds = {
			intake,
			clock,
			ports,
			address: rtp.address,
			contact: ({ request, peer: { over } }) => {
				// Who asks by sips wants it all the way (RFC 3261, 12.1.1); others may not know it.
				const scheme = over === 'TLS' && /^sips:/i.test(request.uri) ? 'sips' : 'sip';
				const transport = scheme === 'sip' && over !== 'UDP' ? `;transport=${over.toLowerCase()}` : '';
				return `${scheme}:ycord@${bracketed(rtp.address)}:${portOf(over)}${transport}`;
			},
			agents,
			defaultAgentId: config.agentId,
			source: rtp.source,
			ask: endpoint.ask,
			over({ callId, reason }) {
				recordings.delete(name);
				invitedBy.delete(keyOf(asked));
				if (reason instanceof Refusal) report.refused(reason.code);
				log.info({ callId, reason: reason instanceof Refusal ? reason.code : reason }, 'a recording session is over');
			},
			failed: (error) => failed('siprec', error),
		};
		const one = recording(asked, needs);
		const name = `${asked.callId} ${one.toTag}`;
		recordings.set(name, one);
		invitedBy.set(keyOf(asked), one);
	}

	const transport = await sipTransport({
		host: config.host,
		port: config.port,
		...(tls
			? { tls: { port: tls.port, cert: readFileSync(tls.cert, 'utf8'), key: readFileSync(tls.key, 'utf8') } }
			: {}),
		clock,
		mayCome: (address, from) =>
			sources.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') || expected.has(`${address} ${from}`),
		message(one, peer) {
			// What is thrown here reaches nobody's error handler: it must not get out.
			try {
				endpoint.message(one, peer);
			} catch (error) {
				failed('siprec', error);
			}
		},
		stranger(over) {
			report.refused('access.source-unknown');
			log.warn({ over }, 'a SIP message of an address that may not record here was dropped');
		},
		malformed,
	});
	const portOf = (over: Asked['peer']['over']) => (over === 'TLS' ? (transport.tlsPort ?? 0) : transport.port);

	return {
		name: 'siprec',
		port: transport.port,
		tlsPort: transport.tlsPort,
		expect(address, from) {
			expected.add(`${address} ${from}`);
			return () => void expected.delete(`${address} ${from}`);
		},
		async close() {
			if (isClosing) return;
			isClosing = true;
			for (const one of [...recordings.values()]) one.leave();
			endpoint.close();
			await transport.close();
		},
	};
}

const methods = new Set(['BYE', 'UPDATE', 'INFO', 'ACK']);
const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address);
