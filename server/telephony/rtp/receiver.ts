import { randomInt } from 'node:crypto';
import { isRtcp } from '#server/telephony/rtp/packet.ts';
import type { Peer, RtpPort } from '#server/telephony/rtp/ports.ts';
import { type Reported, readRtcp, type SenderSaid, writeReport } from '#server/telephony/rtp/report.ts';
import { type RtpStreamNeeds, rtpStream } from '#server/telephony/rtp/stream.ts';
import type { Clock } from '#shared/clock.ts';

/** How often what was received is reported. (RFC 3550, 6.2) */
export const reportEveryMs = 5000;

export interface RtpReceiverNeeds extends RtpStreamNeeds {
	port: RtpPort;
	clock: Clock;
	/**
	 * Who may send: the address of the session's description, from any port, or `first`: whoever sends first, which is
	 * for senders behind a translator only. Everybody else is not heard.
	 */
	source: { address: string } | 'first';
	/** An error of ours. */
	failed: (error: unknown) => void;
}

/** One leg's sound, as RTP on a port of its own. */
export interface RtpReceiver {
	readonly port: number;
	/** When something of this leg's sender came last, sound or not; undefined before the first. */
	readonly heardAtMs: number | undefined;
	/** Datagrams of others, and such that are no RTP. */
	readonly strangers: number;
	readonly malformed: number;
	/** The description changed: other payload types or another sender. */
	change(to: Partial<Pick<RtpReceiverNeeds, 'payloads' | 'source'>>): void;
	/** Lets go of the port. */
	close(): void;
}

/** Hears one leg, and reports to its sender what arrived. Sends nothing else, ever: a recording must not be heard. [S3] */
export function rtpReceiver(needs: RtpReceiverNeeds): RtpReceiver {
	const { port, clock } = needs;
	let { payloads, source } = needs;
	const stream = rtpStream({ ...needs, payloads: { get: (type: number) => payloads.get(type) } });
	const ownSsrc = randomInt(2 ** 32 - 1);
	let sender: Peer | undefined;
	let heardAtMs: number | undefined;
	let strangers = 0;
	let malformed = 0;
	let said: SenderSaid | undefined;
	let reported: Reported = { expected: 0, received: 0 };

	/** Whether this is who we listen to. */
	function known(from: Peer): boolean {
		if (source === 'first') return sender === undefined || sender.address === from.address;
		return source.address === from.address;
	}

	function rtcp(bytes: Buffer, from: Peer) {
		if (!known(from)) return;
		const told = readRtcp(bytes, clock.now());
		if (told.said) said = told.said;
	}

	function rtp(bytes: Buffer, from: Peer) {
		if (!known(from)) {
			strangers++;
			return;
		}
		// Both on one port is common, whatever the description says.
		if (isRtcp(bytes)) return rtcp(bytes, from);
		const outcome = stream.packet(bytes);
		if (outcome === 'malformed') {
			malformed++;
			return;
		}
		sender = from;
		heardAtMs = clock.now();
	}
	/** What is thrown in a socket's handler ends the process. */
	const guarded = (read: (bytes: Buffer, from: Peer) => void) => (bytes: Buffer, from: Peer) => {
		try {
			read(bytes, from);
		} catch (error) {
			needs.failed(error);
		}
	};
	port.onRtp(guarded(rtp));
	port.onRtcp(guarded(rtcp));

	function report() {
		if (!sender) return;
		const reception = stream.reception();
		port.sendRtcp(writeReport(ownSsrc, reception, reported, said, clock.now()), {
			address: sender.address,
			port: sender.port + 1,
		});
		if (reception) reported = reception;
	}
	const stop = clock.every(reportEveryMs, report);

	return {
		port: port.port,
		get heardAtMs() {
			return heardAtMs;
		},
		get strangers() {
			return strangers;
		},
		get malformed() {
			return malformed;
		},
		change(to) {
			payloads = to.payloads ?? payloads;
			source = to.source ?? source;
			sender = undefined;
		},
		close() {
			stop();
			port.close();
		},
	};
}
