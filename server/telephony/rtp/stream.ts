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

/**
 * How far a sender's clock may be from when its packets come. Beyond, it is put right at the next gap (more than this without a
 * packet), at a jump of its own of more than `offMs`, and at the latest when it has lasted so long: a network that held packets
 * back brings them all at once, and they are not late for long.
 */
const offMs = 500;
const gapMs = 1000;
/** A timestamp this far from what is expected is another clock, whatever it says. (protocols 7.2) */
const maxJumpMs = 10_000;
/** Nor does a sender's clock go back by more than this while its packets go on. */
const maxBackMs = 1000;
/**
 * A sequence number this far back, or ahead, is a sender that began anew if the next one follows it, else a stray of long ago.
 * (RFC 3550, A.1)
 */
const maxMisorder = 100;
const maxDropout = 3000;

/**
 * One leg's RTP, on the call's time line: sequence numbers and timestamps unwrapped, a new sender or a wild clock begins where it
 * arrives, and not before what has been. Order, gaps and repetitions within a clock are the port's own business (`LiveCall.sound`).
 */
export function rtpStream({ payloads, codec, nowMs, sound, digit }: RtpStreamNeeds): RtpStream {
	const perMs = rateOf[codec] / 1000;
	const recoded = recoding(codec);
	let sender: Sender | undefined;
	/** The end of what has been placed, in samples since the call's start. */
	let reached = 0;

	/** Where the packet belongs by its sender's clock; `nowhere`: a stray; `anew`: by another clock. */
	function placed({ clock, highest }: Sender, packet: RtpPacket, arrivedMs: number): number | 'nowhere' | 'anew' {
		if (!clock) return 'anew';
		// The difference to the newest as a signed 32-bit number: right across a wrap, and for what comes out of order.
		const step = (packet.timestamp - clock.firstTimestamp - clock.unwrapped) | 0;
		const isNewer = signed16(packet.sequence - highest) > 0;
		if (!isNewer && (step > 0 || step < -maxJumpMs * perMs)) return 'nowhere';
		if (isNewer && (step > maxJumpMs * perMs || step < -maxBackMs * perMs)) return 'anew';
		const at = clock.firstAt + clock.unwrapped + step;
		const isOff = Math.abs(at - arrivedMs * perMs) > offMs * perMs;
		if (isNewer) clock.offSinceMs = isOff ? (clock.offSinceMs ?? arrivedMs) : undefined;
		const isGap = arrivedMs - clock.arrivedMs > gapMs || Math.abs(step) > offMs * perMs;
		const isLasting = arrivedMs - (clock.offSinceMs ?? arrivedMs) > gapMs;
		return isNewer && isOff && (isGap || isLasting) ? 'anew' : at;
	}

	function clockFrom({ timestamp }: RtpPacket, arrivedMs: number): SenderClock {
		const arrived = Math.round(arrivedMs * perMs);
		// Two senders in turn would otherwise push each other into the future.
		const isAhead = reached - arrived > offMs * perMs;
		return {
			firstTimestamp: timestamp,
			firstAt: isAhead ? arrived : Math.max(reached, arrived),
			unwrapped: 0,
			arrivedMs,
			offSinceMs: undefined,
			transit: undefined,
		};
	}

	return {
		packet(bytes) {
			const packet = readPacket(bytes);
			if (!packet) return 'malformed';
			const what = payloads.get(packet.payloadType);
			if (sender?.ssrc !== packet.ssrc) {
				if (!what) return 'left-out';
				sender = senderOf(packet);
			}
			let ahead = signed16(packet.sequence - sender.highest);
			if (ahead < -maxMisorder || ahead > maxDropout) {
				const isRestart = packet.sequence === sender.restartsAt;
				sender.restartsAt = (packet.sequence + 1) & 0xffff;
				if (!isRestart) return 'left-out';
				sender = senderOf(packet);
				ahead = 0;
			}
			sender.received++;
			const arrivedMs = nowMs();
			const isNewest = ahead > 0 || sender.received === 1;
			const at = what && what !== 'event' && packet.payload.length > 0 ? placed(sender, packet, arrivedMs) : 'nowhere';
			if (ahead > 0) sender.highest += ahead;
			if (what === 'event') return eventIn(sender, packet);
			if (!what || at === 'nowhere') return 'left-out';
			if (at === 'anew') sender.clock = clockFrom(packet, arrivedMs);
			const clock = sender.clock as SenderClock;
			const from = at === 'anew' ? clock.firstAt : at;
			if (isNewest) clock.unwrapped = from - clock.firstAt;
			clock.arrivedMs = arrivedMs;
			const transit = arrivedMs * perMs - from;
			if (clock.transit !== undefined) sender.jitter += (Math.abs(transit - clock.transit) - sender.jitter) / 16;
			clock.transit = transit;
			reached = Math.max(reached, from + packet.payload.length);
			sound(what === codec ? packet.payload : recoded(packet.payload), from);
			return 'sound';
		},
		reception: () =>
			sender && {
				ssrc: sender.ssrc,
				highest: sender.highest >>> 0,
				expected: sender.highest - sender.firstSequence + 1,
				received: sender.received,
				jitter: Math.round(sender.jitter),
			},
	};

	/** A key: its three ends are one. (RFC 4733, 2.5.1.4) */
	function eventIn(from: Sender, { payload, timestamp }: RtpPacket): RtpOutcome {
		if (payload.length < 4) return 'malformed';
		const isEnd = ((payload[1] as number) & 0x80) !== 0;
		if (!isEnd || timestamp === from.lastKey) return 'left-out';
		from.lastKey = timestamp;
		digit?.();
		return 'digit';
	}
}

/** One sender's packets, whatever they carry. */
interface Sender {
	ssrc: number;
	firstSequence: number;
	/** The highest sequence number, with its cycles. */
	highest: number;
	received: number;
	/** The sequence number after one that was far off. */
	restartsAt: number | undefined;
	/** The timestamp of the last key that was told. */
	lastKey: number | undefined;
	jitter: number;
	/** Known from the first sound on: a key's timestamp is that of when it was pressed. */
	clock: SenderClock | undefined;
}

/** One sender's clock, and how it stands on the call's. */
interface SenderClock {
	firstTimestamp: number;
	/** The place in the call of the first timestamp. */
	firstAt: number;
	/** Samples from the first timestamp to that of the newest packet. */
	unwrapped: number;
	arrivedMs: number;
	/** Since when it is further off than it may be. */
	offSinceMs: number | undefined;
	transit: number | undefined;
}

const senderOf = ({ ssrc, sequence }: RtpPacket): Sender => ({
	ssrc,
	firstSequence: sequence,
	highest: sequence,
	received: 0,
	restartsAt: undefined,
	lastKey: undefined,
	jitter: 0,
	clock: undefined,
});

/** The lower 16 bits as a signed number: a difference of sequence numbers across their wrap. */
const signed16 = (difference: number) => (difference << 16) >> 16;

/** Brings one companding into the other; what it gives back is good until it is called again. */
function recoding(to: 'pcmu' | 'pcma'): (data: Uint8Array) => Uint8Array {
	const from = to === 'pcmu' ? 'pcma' : 'pcmu';
	/** Every byte of one as the nearest of the other. */
	const table = Uint8Array.from(tableOf[from], (sample) => encoderOf[to](sample));
	let room = new Uint8Array(160);
	return (data) => {
		if (room.length !== data.length) room = new Uint8Array(data.length);
		for (let place = 0; place < data.length; place++) room[place] = table[data[place] as number] as number;
		return room;
	};
}
