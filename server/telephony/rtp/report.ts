import type { Reception } from '#server/telephony/rtp/stream.ts';

/** What a sender said of its clock last. */
export interface SenderSaid {
	ssrc: number;
	/** The middle 32 bits of its NTP time. */
	middle: number;
	atMs: number;
}

const senderReport = 200;
const receiverReport = 201;
const sourceDescription = 202;
const goodbye = 203;

/** What an RTCP datagram says that we need (RFC 3550, 6.4.1, 6.6): the sender's report, and whether it leaves. */
export function readRtcp(bytes: Buffer, atMs: number): { said?: SenderSaid; leaves: boolean } {
	const found: { said?: SenderSaid; leaves: boolean } = { leaves: false };
	for (let from = 0; from + 4 <= bytes.length; ) {
		const until = from + 4 + bytes.readUInt16BE(from + 2) * 4;
		if ((bytes[from] as number) >> 6 !== 2 || until > bytes.length) return found;
		const type = bytes[from + 1];
		if (type === senderReport && until - from >= 20)
			found.said = { ssrc: bytes.readUInt32BE(from + 4), middle: bytes.readUInt32BE(from + 10), atMs };
		if (type === goodbye) found.leaves = true;
		from = until;
	}
	return found;
}

/** What was expected and received up to the last report: the next one tells the loss since. */
export interface Reported {
	expected: number;
	received: number;
}

/** A receiver's report with the source description that has to go with it (RFC 3550, 6.1): of nobody, if nothing came. */
export function writeReport(
	ownSsrc: number,
	reception: Reception | undefined,
	before: Reported,
	said: SenderSaid | undefined,
	nowMs: number,
): Buffer {
	const name = Buffer.from('ycord');
	const report = Buffer.alloc(reception ? 32 : 8);
	report[0] = 0x80 | (reception ? 1 : 0);
	report[1] = receiverReport;
	report.writeUInt16BE(report.length / 4 - 1, 2);
	report.writeUInt32BE(ownSsrc, 4);
	if (reception) {
		const lost = reception.expected - reception.received;
		const [expected, received] = [reception.expected - before.expected, reception.received - before.received];
		const fraction = expected > 0 && expected > received ? Math.floor(((expected - received) * 256) / expected) : 0;
		report.writeUInt32BE(reception.ssrc, 8);
		report[12] = Math.min(fraction, 255);
		// 24 bits, signed: packets that came twice make it negative.
		report.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, lost)), 13, 3);
		report.writeUInt32BE(reception.highest, 16);
		report.writeUInt32BE(reception.jitter >>> 0, 20);
		if (said && said.ssrc === reception.ssrc) {
			report.writeUInt32BE(said.middle, 24);
			report.writeUInt32BE(Math.round(((nowMs - said.atMs) * 65_536) / 1000) >>> 0, 28);
		}
	}
	// One chunk: SSRC, CNAME, and zeros up to four bytes, at least one.
	const description = Buffer.alloc(4 + Math.ceil((4 + 2 + name.length + 1) / 4) * 4);
	description[0] = 0x81;
	description[1] = sourceDescription;
	description.writeUInt16BE(description.length / 4 - 1, 2);
	description.writeUInt32BE(ownSsrc, 4);
	description[8] = 1;
	description[9] = name.length;
	name.copy(description, 10);
	return Buffer.concat([report, description]);
}
