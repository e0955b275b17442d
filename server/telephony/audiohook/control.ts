import type { AwaitedCustomers } from '#server/telephony/audiohook/awaited-customers.ts';
import type { FromSurvey, SurveyLine } from '#server/telephony/audiohook/connector.ts';
import type { Conversation } from '#server/telephony/audiohook/conversation.ts';
import type { Control, Fallback, Returned, Voice } from '#server/telephony/control.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** How long the agent has to press the transfer in Genesys, until the customer is with us. */
export const transferWithinMs = 60_000;
/** How long Genesys may take to let go of the customer. */
export const releaseWithinMs = 5000;

/** A Genesys conversation that an executive can be brought on. */
export interface HookControl extends Control {
	take: NonNullable<Control['take']>;
	release: NonNullable<Control['release']>;
	onWithdrawn: NonNullable<Control['onWithdrawn']>;
	/** The server goes away: the customer goes back by the flow. */
	close(): void;
}

export interface HookControlNeeds {
	clock: Clock;
	awaited: AwaitedCustomers;
	conversation: Conversation;
	conversationId: string;
	callId: string;
	/** What the agent presses in Genesys, as they find it there. */
	transfer: string;
}

/**
 * The agent transfers the customer to an Architect flow, whose Audio Connector action opens a two-way session to us; when that
 * is closed the flow goes on and brings the customer back. So nothing is asked of Genesys, and if our machine dies the flow
 * goes on by itself. Whichever microphone `Taking.agent` asks for, the agent is not on the call meanwhile.
 */
export function hookControl(needs: HookControlNeeds): HookControl {
	const { clock, awaited, conversation, conversationId, callId, transfer } = needs;
	let line: SurveyLine | undefined;
	let attempt: Promise<Voice> | undefined;
	let returning: Promise<Returned> | undefined;
	let withdrawn = () => {};
	let giveUp: (why: Refusal) => void = () => {};
	let isClosing = false;

	async function bring(lost: () => void): Promise<Voice> {
		const { promise: arriving, resolve: arrived, reject } = Promise.withResolvers<SurveyLine>();
		giveUp = reject;
		const stopWaiting = clock.after(transferWithinMs, () => reject(new Refusal('platform.no-transfer', transfer)));
		const forget = awaited.expect(conversationId, (opened) => {
			line = opened;
			arrived(opened);
			return fromLine(opened, lost);
		});
		conversation.handing();
		try {
			const { say } = await arriving;
			return { say };
		} catch (error) {
			conversation.back();
			throw error;
		} finally {
			stopWaiting();
			forget();
		}
	}

	function fromLine(opened: SurveyLine, lost: () => void): FromSurvey {
		const { heard, over } = conversation.survey();
		return {
			callId,
			heard,
			withdrew: () => withdrawn(),
			over(asked) {
				over();
				if (line === opened) line = undefined;
				if (asked && !isClosing) return;
				if (!isClosing) conversation.back();
				lost();
			},
		};
	}

	async function bringBack(fallback: Fallback): Promise<Returned> {
		giveUp(new Refusal('survey.not-now', 'over'));
		const leaving = line;
		const released = leaving?.close({ ycord: 'held', ycordFallback: fallback });
		await attempt?.catch(() => {});
		if (released) {
			let stopWaiting = () => {};
			const late = new Promise<void>((resolve) => {
				stopWaiting = clock.after(releaseWithinMs, resolve);
			});
			await Promise.race([released, late]);
			stopWaiting();
			conversation.back();
		}
		return conversation.isOver ? 'hung-up' : 'agent';
	}

	return {
		abilities: ['survey', 'returnToAgent'],
		agentMust: `In Genesys, press ${transfer}`,
		take(_taking, lost) {
			if (conversation.isOver) return Promise.reject(new Refusal('survey.cannot', 'the call is over'));
			if (attempt || line || isClosing) return Promise.reject(new Refusal('survey.not-now', 'under way'));
			attempt = bring(lost).finally(() => {
				attempt = undefined;
			});
			return attempt;
		},
		release(fallback) {
			returning ??= bringBack(fallback).finally(() => {
				returning = undefined;
			});
			return returning;
		},
		onWithdrawn(told) {
			withdrawn = told;
		},
		close() {
			isClosing = true;
			giveUp(new Refusal('server.draining'));
			void line?.close({ ycord: 'held' });
		},
	};
}
