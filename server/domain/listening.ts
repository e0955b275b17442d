import { type Call, isOn, termsOf } from '#server/domain/call.ts';
import type { Disclosure } from '#shared/call.ts';
import { Refusal } from '#shared/refusals.ts';

/** The one who hears, as the record names them. */
export interface Listener {
	id: string;
	name: string;
	role: 'executive' | 'supervisor';
}

/** Why somebody stopped hearing. */
export type StopReason =
	| 'left'
	| 'connection-lost'
	| 'call-ended'
	| 'removed'
	| 'replaced'
	| 'sound-refused'
	| 'server-stopped';

/** One person's hearing of one session. A state carries only what is true in it. */
export type Listening =
	| { at: 'none' }
	| { at: 'invited'; listener: Listener; secretHash: string; expiresAtMs: number }
	| { at: 'declined' | 'withdrawn' | 'removed'; listener: Listener }
	| { at: 'admitted' | 'listening' | 'left'; listener: Listener; secretHash: string | undefined };

export type ListeningCommand =
	| { type: 'invite'; listener: Listener; secretHash: string; expiresAtMs: number }
	| { type: 'withdraw-invitation' | 'decline-invitation' | 'remove-listener' }
	| { type: 'accept-invitation'; nowMs: number }
	| { type: 'join-call'; listener: Listener }
	| { type: 'start-listening'; required: Disclosure }
	| { type: 'stop-listening'; reason: StopReason; audibleMs: number; lostMs: number }
	| { type: 'refuse-sound'; bytes: number };

export type ListeningEvent =
	| { type: 'invited'; listener: Listener; secretHash: string; expiresAtMs: number }
	| { type: 'invitation-withdrawn' | 'invitation-declined' | 'invitation-accepted' | 'listener-removed' }
	| { type: 'joined'; listener: Listener }
	/** The disclosure under which hearing began is part of the record. [C1] [L1] */
	| { type: 'listening-started'; disclosure: Disclosure }
	/** What was sent to this ear and what the slow connection lost since `listening-started`. [L1] */
	| { type: 'listening-stopped'; reason: StopReason; audibleMs: number; lostMs: number }
	/** A listening connection tried to send sound; it was closed. [S1] */
	| { type: 'sound-refused'; bytes: number };

/**
 * The state diagram. [C1]: nothing leads from `invited` to `listening` but being admitted. [S1]: an attempt to send sound
 * is recorded whatever the listening has come to.
 */
const open = {
	none: ['invite', 'join-call'],
	invited: ['accept-invitation', 'decline-invitation', 'withdraw-invitation', 'refuse-sound'],
	declined: ['refuse-sound'],
	withdrawn: ['refuse-sound'],
	admitted: ['accept-invitation', 'start-listening', 'remove-listener', 'withdraw-invitation', 'refuse-sound'],
	listening: ['accept-invitation', 'stop-listening', 'remove-listener', 'refuse-sound'],
	left: ['accept-invitation', 'start-listening', 'remove-listener', 'refuse-sound'],
	removed: ['stop-listening', 'refuse-sound'],
} satisfies Record<Listening['at'], ListeningCommand['type'][]>;

/** Disclosures from the least to the most that a customer was told. */
const strength: Disclosure[] = ['notice', 'announced', 'asked'];

export const noListening: Listening = { at: 'none' };

export function decideListening(listening: Listening, command: ListeningCommand, call: Call): ListeningEvent[] {
	const asked: string[] = open[listening.at];
	if (!asked.includes(command.type)) throw notNow(listening);
	// Somebody who stops hearing is recorded whatever the call has come to; everything else needs a call that is on.
	if (command.type !== 'stop-listening' && command.type !== 'refuse-sound') {
		if (call.at === 'none') throw new Refusal('call.unknown');
		if (!isOn(call)) throw new Refusal('call.ended');
	}
	switch (command.type) {
		case 'invite':
			return [
				{
					type: 'invited',
					listener: command.listener,
					secretHash: command.secretHash,
					expiresAtMs: command.expiresAtMs,
				},
			];
		case 'withdraw-invitation':
			// Who joined by their own right, a supervisor, was not invited by the agent.
			if (listening.at === 'admitted' && listening.secretHash === undefined) throw notNow(listening);
			return [{ type: 'invitation-withdrawn' }];
		case 'decline-invitation':
			return [{ type: 'invitation-declined' }];
		case 'accept-invitation':
			if (listening.at !== 'invited') return [];
			if (command.nowMs > listening.expiresAtMs) throw new Refusal('invitation.expired');
			return [{ type: 'invitation-accepted' }];
		case 'join-call':
			return [{ type: 'joined', listener: command.listener }];
		case 'start-listening': {
			const needed = [command.required, termsOf(call)?.disclosure ?? command.required].map((one) =>
				strength.indexOf(one),
			);
			const told = call.at === 'none' ? -1 : strength.indexOf(call.facts.disclosure);
			if (call.at === 'none' || told < Math.max(...needed)) throw new Refusal('call.disclosure-missing');
			return [{ type: 'listening-started', disclosure: call.facts.disclosure }];
		}
		case 'stop-listening':
			return [
				{
					type: 'listening-stopped',
					reason: command.reason,
					audibleMs: command.audibleMs,
					lostMs: command.lostMs,
				},
			];
		case 'remove-listener':
			return [{ type: 'listener-removed' }];
		case 'refuse-sound':
			return [{ type: 'sound-refused', bytes: command.bytes }];
	}
}

/** Whether this listening can still lead to hearing. */
export const mayStillHear = ({ at }: Listening) =>
	at === 'invited' || at === 'admitted' || at === 'listening' || at === 'left';

function notNow(listening: Listening): Refusal {
	switch (listening.at) {
		case 'none':
			return new Refusal('listening.unknown');
		case 'removed':
			return new Refusal('listening.removed');
		case 'withdrawn':
			return new Refusal('invitation.withdrawn');
		default:
			return new Refusal('listening.not-now', listening.at);
	}
}

export function evolveListening(listening: Listening, event: ListeningEvent): Listening {
	if (event.type === 'invited')
		return {
			at: 'invited',
			listener: event.listener,
			secretHash: event.secretHash,
			expiresAtMs: event.expiresAtMs,
		};
	if (event.type === 'joined') return { at: 'admitted', listener: event.listener, secretHash: undefined };
	if (listening.at === 'none') return listening;
	const { listener } = listening;
	const secretHash = 'secretHash' in listening ? listening.secretHash : undefined;
	switch (event.type) {
		case 'invitation-withdrawn':
			return { at: 'withdrawn', listener };
		case 'invitation-declined':
			return { at: 'declined', listener };
		case 'invitation-accepted':
			return { at: 'admitted', listener, secretHash };
		case 'listening-started':
			return { at: 'listening', listener, secretHash };
		case 'listening-stopped':
			return listening.at === 'removed' ? listening : { at: 'left', listener, secretHash };
		case 'listener-removed':
			return { at: 'removed', listener };
		case 'sound-refused':
			return listening;
	}
}
