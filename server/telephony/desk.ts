import type { Clock } from '#shared/clock.ts';
import { type CloseReason, closeCodes } from '#shared/close-codes.ts';
import type { RefusalCode } from '#shared/refusals.ts';

/** What a gateway can do, for whoever sets it up. */
export interface GatewayAbilities {
	/** Both voices apart, or one sound with everybody in it. */
	legs: 'both' | 'mix';
	/** A tap that nobody can hear; false for a gateway that is a participant of the call. */
	silent: boolean;
	/** Whether the wire says where sound belongs, whether it tells of a hold, and whether an executive can be brought on. */
	clock: boolean;
	hold: boolean;
	survey: boolean;
}

/** The known signal of a test call, both legs in 8 kHz µ-law and of one length. */
export interface TestSignal {
	/** Unique, fit for a platform's own id of a call. */
	platformId: string;
	/** Whom the call is to be for: known to the intake only while this test call is on. */
	agent: string;
	/** Where our own door is, from this machine: http:// and host and port. */
	here: string;
	customer: Uint8Array;
	agentVoice: Uint8Array;
}

/** One gateway as the administrator sees it. */
export interface GatewayEntry {
	name: string;
	title: string;
	/** Whether its settings let it take calls. */
	on: boolean;
	/** What to give to the platform. */
	addresses(): readonly { what: string; address: string }[];
	/** The settings it needs, in the order they are asked for, then those it may have; and whether they are given. Never their values. */
	settings: readonly { name: string; isSet: boolean }[];
	abilities: GatewayAbilities;
	/** The set-up guide, a file under docs/. */
	guide: string;
	/**
	 * Plays its platform against our own door, as the platform would: resolves once the call has begun, to what plays the next
	 * 20 ms of both legs and what hangs up. Rejects with an Error that says in words why not.
	 */
	testCall?(signal: TestSignal): Promise<TestCall>;
}

export interface TestCall {
	/** Why our door hung up on it, in words; undefined while it has not, and where that cannot be told. */
	readonly refusal?: string | undefined;
	/** Sends this much of both legs: the frames from `from` on, in samples. */
	play(from: number, samples: number): void;
	hangUp(): Promise<void>;
}

/** Why a gateway turned something away, by the name the peer was told. */
export type RefusedFor = RefusalCode | CloseReason;

/** Where a gateway says what happens at its door. Costs nothing to call. */
export interface GatewayReport {
	/** The platform has shown itself, with proof of who it is. */
	contact(): void;
	/** Something was turned away, before or after it had begun. */
	refused(why: RefusedFor): void;
	/** A connection is over; a refusal, if we hung up for a fault of the peer’s. */
	over(reason: string): void;
}

/** What the desk has noted of one gateway. */
export interface GatewayNoted {
	entry: GatewayEntry;
	lastContactMs: number | undefined;
	/** The last refusals, newest first, at most `refusalsKept`. */
	refusals: readonly { why: RefusedFor; atMs: number }[];
	/** How often each refusal was given since the start. */
	refusedCounts: ReadonlyMap<RefusedFor, number>;
}

/** Keeps what gateways say of themselves, for the administrator's page, `ycord doctor` and the metrics. */
export interface GatewayDesk {
	opens(entry: GatewayEntry): GatewayReport;
	all(): readonly GatewayNoted[];
	/** A test call is on: whoever comes to this gateway is ourselves, and no contact. Gives back what says that it is over. */
	testing(name: string): () => void;
}

/** How many refusals a gateway's card shows; a flood of them pushes the older ones out. [B1] */
export const refusalsKept = 20;

export function gatewayDesk({ now }: Pick<Clock, 'now'>): GatewayDesk {
	const noted: GatewayNoted[] = [];
	const inTest = new Set<string>();
	return {
		opens(entry) {
			const counts = new Map<RefusedFor, number>();
			const refusals: { why: RefusedFor; atMs: number }[] = [];
			const one = {
				entry,
				lastContactMs: undefined as number | undefined,
				refusals,
				refusedCounts: counts,
			};
			noted.push(one);
			const refused = (why: RefusedFor) => {
				counts.set(why, (counts.get(why) ?? 0) + 1);
				refusals.unshift({ why, atMs: now() });
				refusals.length = Math.min(refusals.length, refusalsKept);
			};
			return {
				refused,
				over(reason) {
					if (isFault(reason)) refused(reason);
				},
				contact() {
					if (!inTest.has(entry.name)) one.lastContactMs = now();
				},
			};
		},
		all: () => noted,
		testing(name) {
			inTest.add(name);
			return () => inTest.delete(name);
		},
	};
}

/** Where a platform opens its WebSocket: `ws:` on a machine of one's own, `wss:` everywhere else. */
export const socketAddress = (publicUrl: string, path: string) => `${publicUrl.replace(/^http/, 'ws')}${path}`;

/** For gateways that nobody looks at. */
export const noReport: GatewayReport = { contact() {}, refused() {}, over() {} };

/** Hung up by us, and not because we go away ourselves. */
const isFault = (reason: string): reason is CloseReason => Object.hasOwn(closeCodes, reason) && reason !== 'draining';
