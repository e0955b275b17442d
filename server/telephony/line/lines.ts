import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { hangUp } from '#server/hang-up.ts';
import { type LineCall, lineCall } from '#server/telephony/line/line-call.ts';
import type { End } from '#server/telephony/line/line-end.ts';
import type { Gateway, Intake } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';
import type { LineEnd as LineEndShown } from '#shared/rest.ts';

/** Lines that may be open at once, talked on or not. Whoever asks for one more is refused with `call.full`. [B1] */
export const maxOpenLines = 500;

/** Lines one agent may have open at once: half, so that nobody takes those of everybody. Refused with `call.full`. [B1] */
export const maxLinesOfOneAgent = 250;

export interface LinesNeeds {
	intake: Intake;
	clock: Clock;
	/** 256 random bits as base64url. */
	newSecret: () => string;
	/** What a call is named within this gateway: letters, digits, `_ . -`. */
	newId: () => string;
	/** An error of ours while a message was handled, not of a peer. */
	failed: (callId: string, error: unknown) => void;
}

/** The browser lines: two links each, for a customer and an agent with a microphone in a tab. */
export interface Lines extends Gateway {
	/**
	 * Opens a line. The secrets are given out once; here only their hashes are kept. `follow` calls what it is given when the
	 * agent is not signed in any more, which ends the line [I1], and gives back what stops that. Refuses with `call.full`, `server.draining`.
	 */
	open(of: { agentId: string; agentName: string; label: string; follow?: (signedOut: () => void) => () => void }): {
		callId: string;
		agentSecret: string;
		customerSecret: string;
	};
	/** What an end's page shows before the microphone is asked for; undefined if there is no such line (any more). */
	end(secret: string): LineEndShown | undefined;
	/** Takes the connection of one end. An unknown secret is hung up on: a browser would not see an HTTP status. */
	connect(secret: string, socket: WebSocket, connection?: Socket): void;
	/** How many lines are open. */
	count(): number;
}

export function lines({ intake, clock, newSecret, newId, failed }: LinesNeeds): Lines {
	const open = new Map<string, LineCall>();
	const openedBy = new Map<string, string>();
	const links = new Map<string, { end: End; line: LineCall; label: string; agentName: string }>();
	let isClosed = false;

	return {
		name: 'line',
		open({ agentId, agentName, label, follow }) {
			if (isClosed) throw new Refusal('server.draining');
			if (open.size >= maxOpenLines) throw new Refusal('call.full', `${maxOpenLines} lines`);
			const own = [...openedBy.values()].filter((one) => one === agentId).length;
			if (own >= maxLinesOfOneAgent) throw new Refusal('call.full', `${maxLinesOfOneAgent} lines for one agent`);
			const platformId = newId();
			const callId = `line-${platformId}`;
			const agentSecret = newSecret();
			const customerSecret = newSecret();
			const hashes = { agent: hashOf(agentSecret), customer: hashOf(customerSecret) };
			let stopFollowing = () => {};
			const line = lineCall({
				intake,
				clock,
				callId,
				platformId,
				agentId,
				label,
				over() {
					stopFollowing();
					open.delete(callId);
					openedBy.delete(callId);
					links.delete(hashes.agent);
					links.delete(hashes.customer);
				},
				failed: (error) => failed(callId, error),
			});
			open.set(callId, line);
			openedBy.set(callId, agentId);
			links.set(hashes.agent, { end: 'agent', line, label, agentName });
			links.set(hashes.customer, { end: 'customer', line, label, agentName });
			if (follow) stopFollowing = follow(() => line.signedOut());
			return { callId, agentSecret, customerSecret };
		},
		end(secret) {
			const link = links.get(hashOf(secret));
			if (!link) return undefined;
			const { end, label, agentName, line } = link;
			return { end, label, agentName, taken: line.isTaken(end) };
		},
		connect(secret, socket, connection) {
			const link = links.get(hashOf(secret));
			if (link) link.line.join(link.end, socket, connection);
			else hangUp(socket, isClosed ? 'draining' : 'unknown');
		},
		count: () => open.size,
		async close() {
			isClosed = true;
			for (const line of open.values()) line.close();
			open.clear();
			openedBy.clear();
			links.clear();
		},
	};
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');
