import type { CallAboutGiven } from '#server/telephony/call-about.ts';
import type { Control } from '#server/telephony/control.ts';
import type { Codec, Leg } from '#shared/audio.ts';
import type { Disclosure } from '#shared/call.ts';
import type { Refusal } from '#shared/refusals.ts';

/** What a gateway knows of a call when its first leg arrives. */
export interface IncomingCall {
	/** The gateway's name, also the first part of the call's id. */
	gateway: string;
	/** What the platform calls it; unique within the gateway. Letters, digits, `_ . -`; at most 80. */
	platformId: string;
	/** The agent: a person's id, or the platform's own name for them, which the administrator's mapping turns into one. At most 200. */
	agentId: string;
	/** How the call is shown. Never a whole telephone number: use `shortened`. */
	label: string;
	/** The codec of every leg of this call. */
	codec: Codec;
	/** The legs this call will have. */
	legs: readonly Leg[];
	/** What the customer was told before this gateway let the call in. [C1] */
	disclosure: Disclosure;
	rehearsal: boolean;
	/** What the platform says of the call: queue, numbers, language, labels. Shortened and cut behind the port. */
	about?: CallAboutGiven | undefined;
	/** `mix`: the wire has everybody in one sound. It is brought as the customer's leg, and shown as everybody's. */
	hears?: 'legs' | 'mix' | undefined;
	/** Ycord is a participant of the call there, not a tap: whoever is in the call is told. [S3] */
	audible?: true | undefined;
	/** What the platform can be asked to do with this call; nothing, if this is not given. */
	control?: Control;
}

/** Why a gateway's call is over: a hang-up it was told of, or its sound lost without one. */
export type GatewayEnd = 'hung-up' | 'lost';

/**
 * A call a gateway has brought in. Nothing here can send sound toward the call, and nothing a listener does changes
 * what a gateway is told. [S2] [S3]
 */
export interface LiveCall {
	readonly callId: string;
	/**
	 * One leg's sound, in the call's codec, any number of whole samples. `at` is the position of its first sample since
	 * the call's start in samples where the wire has a clock; without it the house's own clock is used. Frames may come
	 * late, twice or not at all. Bytes are copied before this returns.
	 */
	sound(leg: Leg, data: Uint8Array, at?: number): void;
	/** The platform put the customer on hold, or took them off it. */
	held(): void;
	resumed(): void;
	/**
	 * The platform stopped the sound on purpose, and may not say why: the call is protected until `unpaused`. Who had it
	 * protected before keeps it so. [P1] [P2]
	 */
	paused(): void;
	unpaused(): void;
	/**
	 * The sound stopped without a hang-up: the call may live on. It ends as lost unless it comes back in time: half a minute, or
	 * what is given by a gateway that knows the call to live on and will tell of its end.
	 */
	lost(withinMs?: number): void;
	/** The call is over, also one whose sound was lost. Nothing may be called after this. */
	ended(reason: GatewayEnd): void;
}

/** The door through which gateways bring calls in. */
export interface Intake {
	/**
	 * Brings a call onto Ycord, or the sound of a lost one back (same gateway and platform id). The call can be used at
	 * once; putting it on record takes a moment longer, and nobody hears it before. If it is refused (`call.unknown-agent`,
	 * `call.exists`, `call.full`, `server.draining`), `refused` is called once and everything on the call does nothing.
	 */
	started(call: IncomingCall, refused: (refusal: Refusal) => void): LiveCall;
}

/** What a running gateway gives back. */
export interface Gateway {
	readonly name: string;
	/** Lets its calls go and stops taking new ones. */
	close(): Promise<void>;
}

/** A telephone number as it may be shown and logged: its last three digits. */
export const shortened = (number: string) => `…${number.replace(/\D/g, '').slice(-3)}`;
