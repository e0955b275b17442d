import type { CloseReason } from '#shared/close-codes.ts';
import type { RefusalCode } from '#shared/refusals.ts';
import type { TestHouse } from '#tests/support/house.ts';

/** What every platform's peer needs, plainly. */
export interface PeerOptions {
	/** Ycord's address, as the platform's `to` says. */
	address: string;
	/** What proves the platform: its key, token or secret. */
	key: string;
	/** Who is to get the call. */
	agent: string;
	/** Samples a second, one of the platform's `rates`. */
	rate: number;
	/** Who calls, where the platform says so. */
	label?: string;
}

/** One call, as its platform brings it. */
export interface Peer {
	/** As Ycord names the call. */
	readonly callId: string;
	/** Sends the next stretch of both legs, at once: µ-law of the peer's rate, equally long, in whole frames of 20 ms. */
	play(customer: Uint8Array, agent: Uint8Array): Promise<void>;
	/** The next so many frames of both legs are lost on the way; where the wire has no clock, there is just nothing for a while. */
	lose?(frames: number): void;
	/** Resolves when the server has handled everything sent so far; only where a wire can tell. */
	settled?(): Promise<void>;
	/** Ends the call in order. */
	hangUp(): Promise<void>;
	/** How the connection ended, in words; after `hangUp`, or because the server hung up. */
	readonly closed: Promise<string>;
}

/** A gateway's WebSocket as whoever attacks it sees it. */
export interface Wire {
	/** Where it is opened, with what, by who knows the key. */
	door(address: string, key: string): { path: string; headers: Record<string, string>; protocol?: string };
	/** How it is refused who shows nothing, and who shows something wrong. */
	refused: { without: RefusalCode; wrong: RefusalCode };
	/** What begins a call for this agent, message by message. */
	begin(agent: string, label: string): readonly string[];
	/** A message of sound. */
	sound: string | Uint8Array;
	/** How a second beginning ends it; none where later texts are not ours to read. */
	secondBegin?: CloseReason;
}

/** A platform whose wire is spoken by a peer of ours, written from its documents. */
export interface Platform {
	/** As the gateway's name in Ycord. */
	name: string;
	title: string;
	/** Samples a second that it can bring, the usual one first. */
	rates: readonly number[];
	/** It brings everybody in one sound, as the customer's leg. */
	hears?: 'mix';
	/** What `--key` is: the setting of Ycord that holds the same; none where an address is the proof. */
	keySetting?: string;
	/** Where it connects unless told, with Ycord started as usual on this machine. */
	to: string;
	/** Connects, proves who it is, and announces a call. Rejects with what the server said. */
	start(options: PeerOptions): Promise<Peer>;
	/** Its sound comes as packets, of which nobody can tell whether they were read. */
	byPackets?: true;
	/** Its WebSocket, where that is how it comes. */
	wire?: Wire;
	/** For a house of a test: what is set to take its calls, and where it is then reached unless at the house's own address. */
	inHouse(
		key: string,
		rate?: number,
	): Promise<{
		env: Record<string, string>;
		/** `at` is the house's address, or a way to it. */
		reach?: (app: TestHouse, at: string) => string;
		stop?: () => void;
	}>;
}
