import { type AwaitedCustomers, awaitedCustomers } from '#server/telephony/audiohook/awaited-customers.ts';
import { type HookControl, hookControl } from '#server/telephony/audiohook/control.ts';
import { type Conversation, conversation } from '#server/telephony/audiohook/conversation.ts';
import type { Control } from '#server/telephony/control.ts';
import type { Intake, LiveCall } from '#server/telephony/telephony.ts';
import type { Clock } from '#shared/clock.ts';

/** A lost call may come back for as long as the intake waits for it; after that it is a call of its own. */
const forgottenAfterMs = 30_000;

export interface ConversationsNeeds {
	intake: Intake;
	clock: Clock;
	/** What an agent presses in Genesys to hand the customer over; without it calls can only be listened to. */
	transfer: string | undefined;
}

/** Stands between sessions and the intake: joins a conversation's sessions, and gives each call the control it can have. */
export interface Conversations extends Intake {
	claim: AwaitedCustomers['claim'];
	/** Every customer goes back by their flow. */
	close(): void;
}

interface Takeable {
	control: HookControl;
	conversation: Conversation;
}

const withoutConnector: Control = { abilities: [], cannot: 'no Audio Connector is set up' };

export function conversations({ intake, clock, transfer }: ConversationsNeeds): Conversations {
	const awaited = awaitedCustomers();
	/** One for each call that can be taken and is on. What was lost and did not come back goes when the next call comes. */
	const calls = new Map<string, Takeable>();

	function forgetLost() {
		for (const [id, { conversation }] of calls)
			if (clock.now() - (conversation.lostAtMs ?? clock.now()) >= forgottenAfterMs) calls.delete(id);
	}

	function takeable(platformId: string, transfer: string): Takeable {
		// Genesys opens the next session by itself, when the customer is with an agent again.
		const joined = conversation({ clock, ended: () => calls.delete(platformId) });
		const callId = `audiohook-${platformId}`;
		const of = { conversationId: platformId, callId, conversation: joined };
		return { conversation: joined, control: hookControl({ clock, awaited, transfer, ...of }) };
	}

	return {
		started(call, refused): LiveCall {
			if (!transfer) return intake.started({ ...call, control: withoutConnector }, refused);
			forgetLost();
			const { platformId } = call;
			const known = calls.get(platformId);
			if (known?.conversation.isMissed) return known.conversation.goOn();
			const one = known ?? takeable(platformId, transfer);
			let isRefused = false;
			const live = intake.started({ ...call, control: one.control }, (refusal) => {
				isRefused = true;
				if (!known) calls.delete(platformId);
				refused(refusal);
			});
			if (isRefused) return live;
			calls.set(platformId, one);
			return one.conversation.begin(live);
		},
		claim: awaited.claim,
		close() {
			for (const { control, conversation } of calls.values()) {
				control.close();
				conversation.close();
			}
		},
	};
}
