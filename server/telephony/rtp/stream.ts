import { type RtpPacket, readPacket } from '#server/telephony/rtp/packet.ts';
import { type Codec, rateOf } from '#shared/audio.ts';
import { encoderOf, tableOf } from '#shared/g711.ts';

/** What a payload type carries, by the session's description. */
export type RtpPayload = 'pcmu' | 'pcma' | 'event';

/** What one leg's stream needs. */
export interface RtpStreamNeeds {
	/** What the session's description agreed on; everything else (comfort noise, video, another codec) is left out. */
	payloads: Pick<ReadonlyMap<number, RtpPayload>, 'get'>;
	/** The codec of the call; sound in the other one is brought into it. */
	codec: Exclude<Codec, 'pcmu16'>;
	/** Where the call is now, in ms since its start: one clock for all its legs. */
	nowMs: () => number;
	/** Sound in the call's codec, at its first sample's place in the call. The bytes are good until this returns. */
	sound: (data: Uint8Array, at: number) => void;
	/** Somebody pressed a key. Which one is nobody's business here. */
	digit?: (() => void) | undefined;
}

/** What came of one datagram. */
export type RtpOutcome = 'sound' | 'digit' | 'left-out' | 'malformed';

/** What a receiver's report says of a stream. (RFC 3550, 6.4.1) */
export interface Reception {
	ssrc: number;
	/** Cycles in the upper 16 bits, the highest sequence number in the lower. */
	highest: number;
	expected: number;
	received: number;
	/** In timestamp units. (A.8) */
	jitter: number;
}

export interface RtpStream {
	packet(bytes: Buffer): RtpOutcome;
	reception(): Reception | undefined;
}

/** More than this without a packet is a gap at which a leg may be put right again. */
const gapMs = 1000;
/** How far a sender's clock may be from where the packet came before such a gap puts it right. */
const offMs = 500;
/** A timestamp this far from what is expected is another clock, whatever it says. (protocols 7.2) */
const maxJumpMs = 10_000;
/** Nor does a sender's clock go back by more than this while its packets go on. */
const maxBackMs = 1000;
/** Beyond this a sequence number that goes back is a sender that began anew; within, a packet out of order. */
const maxMisorder = 100;

/**
 * One leg's RTP, on the call's time line: sequence numbers and timestamps unwrapped, a new sender or a wild clock begins where it
 * arrives, never before what has been. Order, gaps and repetitions within a clock are the port's own business (`LiveCall.sound`).
 */
export function rtpStream({ payloads, codec, nowMs, sound, digit }: RtpStreamNeeds): RtpStream {
	const perMs = rateOf[codec] / 1000;
	let clock: SenderClock | undefined;
	/** The end of what has been placed, in samples since the call's start. */
	let reached = 0;
	/** The timestamp of the last key that was told: its three ends are one. (RFC 4733, 2.5.1.4) */
	let lastDigit: number | undefined;

	function begin(packet: RtpPacket, arrivedMs: number): SenderClock {
		lastDigit = undefined;
		return {
			ssrc: packet.ssrc,
			firstTimestamp: packet.timestamp,
			firstAt: Math.max(reached, Math.round(arrivedMs * perMs)),
			unwrapped: 0,
			arrivedMs,
			firstSequence: packet.sequence,
			highest: packet.sequence,
			received: 0,
			jitter: 0,
			transit: undefined,
		};
	}

	/** Where the packet belongs by its sender's clock; undefined if that clock cannot be meant. */
	function placed(sender: SenderClock, packet: RtpPacket, arrivedMs: number): number | undefined {
		// The difference to the last one as a signed 32-bit number: right across a wrap, and for what comes out of order.
		const step = (packet.timestamp - sender.firstTimestamp - sender.unwrapped) | 0;
		const isNewer = ((packet.sequence - sender.highest) << 16) >> 16 > 0;
		if (step > maxJumpMs * perMs || (isNewer && step < -maxBackMs * perMs)) return undefined;
		const at = sender.firstAt + sender.unwrapped + step;
		const isOff = Math.abs(at - arrivedMs * perMs) > offMs * perMs;
		if (arrivedMs - sender.arrivedMs > gapMs && isOff) return undefined;
		return at;
	}

	function note(sender: SenderClock, packet: RtpPacket, at: number, arrivedMs: number) {
		sender.received++;
		sender.arrivedMs = arrivedMs;
		const ahead = ((packet.sequence - sender.highest) << 16) >> 16;
		if (ahead > 0) {
			sender.highest += ahead;
			sender.unwrapped = at - sender.firstAt;
		}
		const transit = arrivedMs * perMs - at;
		if (sender.transit !== undefined) sender.jitter += (Math.abs(transit - sender.transit) - sender.jitter) / 16;
		sender.transit = transit;
	}

	return {
		packet(bytes) {
			const packet = readPacket(bytes);
			if (!packet) return 'malformed';
			const what = payloads.get(packet.payloadType);
			if (!what) return 'left-out';
			const arrivedMs = nowMs();
			const back = clock ? ((clock.highest - packet.sequence) << 16) >> 16 : 0;
			if (clock?.ssrc !== packet.ssrc || back > maxMisorder) clock = begin(packet, arrivedMs);
			if (what === 'event') {
				if (packet.payload.length < 4) return 'malformed';
				const isEnd = ((packet.payload[1] as number) & 0x80) !== 0;
				if (!isEnd || packet.timestamp === lastDigit) return 'left-out';
				lastDigit = packet.timestamp;
				digit?.();
				return 'digit';
			}
			if (packet.payload.length === 0) return 'left-out';
			let at = placed(clock, packet, arrivedMs);
			if (at === undefined) {
				clock = begin(packet, arrivedMs);
				at = clock.firstAt;
			}
			note(clock, packet, at, arrivedMs);
			reached = Math.max(reached, at + packet.payload.length);
			sound(what === codec ? packet.payload : recoded(packet.payload, what, codec), at);
			return 'sound';
		},
		reception: () =>
			clock && clock.received > 0
				? {
						ssrc: clock.ssrc,
						highest: clock.highest >>> 0,
						expected: clock.highest - clock.firstSequence + 1,
						received: clock.received,
						jitter: Math.round(clock.jitter),
					}
				: undefined,
	};
}

/** One sender's clock, and how it stands on the call's. */
interface SenderClock {
	ssrc: number;
	firstTimestamp: number;
	/** The place in the call of the first timestamp. */
	firstAt: number;
	/** Samples from the first timestamp to that of the newest packet. */
	unwrapped: number;
	arrivedMs: number;
	firstSequence: number;
	/** The highest sequence number, with its cycles. */
	highest: number;
	received: number;
	jitter: number;
	transit: number | undefined;
}

type G711 = 'pcmu' | 'pcma';
const tables = new Map<string, Uint8Array>();

/** Every byte of one companding as the nearest of the other. */
function tableBetween(from: G711, to: G711): Uint8Array {
	const name = `${from} ${to}`;
	const table = tables.get(name) ?? Uint8Array.from(tableOf[from], (sample) => encoderOf[to](sample));
	tables.set(name, table);
	return table;
}

function recoded(data: Uint8Array, from: G711, to: G711): Uint8Array {
	const table = tableBetween(from, to);
	const other = new Uint8Array(data.length);
	for (let place = 0; place < data.length; place++) other[place] = table[data[place] as number] as number;
	return other;
}
