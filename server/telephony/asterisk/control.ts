import type { Ari } from '#server/telephony/asterisk/ari.ts';
import type { Media } from '#server/telephony/asterisk/media.ts';
import type { Control, Fallback, Returned, Taking, Voice } from '#server/telephony/control.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** For calls that are in no bridge ARI can change: those that the dialplan's own Dial or Queue put together. */
export const inNoBridge: Control = {
	abilities: [],
	cannot: 'the dialplan keeps this call in a bridge of its own; see docs/asterisk.md',
};

/** Where the dialplan takes over a customer whose agent is gone. */
export const fallbackContext = 'ycord-fallback';

/**
 * What watches inside Asterisk while an agent waits: if the executive's channel is gone and nobody of ours takes the guard away, the dialplan brings
 * agent and customer together.
 */
export const guardContext = 'ycord-guard';

export interface AsteriskControl extends Control {
	take: NonNullable<Control['take']>;
	release: NonNullable<Control['release']>;
	/** The agent has hung up; the executive's channel is gone. */
	agentGone(): void;
	lineGone(channel: string): void;
	/** The server goes away: the agent comes back, then the executive goes. */
	leave(): Promise<Returned>;
	/** The call is over (`hasEnded`), or lives on and is not ours any more: then the agent is brought back by ourselves. */
	close(hasEnded: boolean): void;
}

export interface AsteriskControlNeeds {
	ari: Ari;
	clock: Clock;
	/** Begins the names of what is made for this call. */
	name: string;
	customer: string;
	agent: string;
	bridge: string;
	/** Makes the executive's channel: resolves when it is there and its sound too. */
	line(): Promise<{ channel: string; media: Media }>;
	/** Makes the channel that runs the guard's dialplan: resolves when that runs, rejects if there is none. */
	guard(channel: string, variables: Record<string, string>): Promise<void>;
	/** The agent is set aside: they are not on the call, and not heard. */
	aside(is: boolean): void;
}

/** How the bridge is named in which an agent waits: whoever finds it after a crash knows where they belong. */
export const waitingBridge = (name: string, bridge: string) => `${name}-waits-${bridge}`;
export const bridgeWaitedFor = (id: string): string | undefined => /-waits-(.+)$/.exec(id)?.[1];

/** Between two tries to bring an agent back to a call that nobody else asks about any more: first, and at last. */
const againAfterMs = 250;
const againAtLastMs = 16_000;

/**
 * The executive's channel comes into the call's bridge before the agent leaves it, and the agent is back before it goes: the
 * customer always hears somebody. The agent waits in a bridge of their own with music. If we die, the guard brings them back; where the dialplan's
 * could not, the bridge's name says where they belong.
 */
export function asteriskControl(needs: AsteriskControlNeeds): AsteriskControl {
	const { ari, clock, customer, agent, bridge } = needs;
	// Others for each turn: Asterisk still knows a name for a while after what had it is gone.
	let turns = 0;
	let waits = '';
	let guard = '';
	let line: { channel: string; media: Media } | undefined;
	let attempt: Promise<Voice> | undefined;
	let returning: Promise<Returned> | undefined;
	let isReturning = false;
	let isAgentGone = false;
	let isAside = false;
	let hasEnded = false;
	let isWanted = false;
	let lost = () => {};
	let giveUp = () => {};

	const path = (kind: 'bridges' | 'channels', id: string, verb = '') => `/${kind}/${encodeURIComponent(id)}${verb}`;
	const into = (of: string, channel: string) => ari.ask('POST', path('bridges', of, '/addChannel'), { channel });

	async function bring({ agent: microphone }: Taking, told: () => void): Promise<Voice> {
		lost = told;
		const asked = needs.line();
		const { promise: gaveUp, reject } = Promise.withResolvers<never>();
		giveUp = () => reject(new Refusal('survey.not-now', 'over'));
		const own = await Promise.race([asked, gaveUp]).catch((error) => {
			// If it comes all the same it is nobody's.
			asked.then(drop, () => {});
			throw error;
		});
		line = own;
		own.media.onGone(() => lineGone(own.channel));
		const mustGoOn = () => {
			if (!isWanted || hasEnded) throw new Refusal('survey.not-now', 'over');
			if (line !== own) throw new Refusal('platform.no-line');
		};
		try {
			mustGoOn();
			await into(bridge, own.channel).catch(notInStasis);
			mustGoOn();
			if (microphone === 'muted') await setAside(own.channel);
			mustGoOn();
		} catch (error) {
			// If this fails it is tried again: whoever took the line is told to release it.
			await backTogether().catch(() => {});
			dropLine();
			throw error;
		}
		return {
			say(frame) {
				if (line === own) own.media.say(frame);
			},
		};
	}

	async function setAside(executive: string) {
		const turn = `${needs.name}-${++turns}`;
		waits = waitingBridge(turn, bridge);
		guard = `${turn}-guard`;
		try {
			await needs.guard(guard, { __YCORD_AGENT: agent, __YCORD_CUSTOMER: customer, __YCORD_EXECUTIVE: executive });
			await ari.ask('POST', path('bridges', waits), { type: 'holding', name: waits });
		} catch (error) {
			// They may be there, if only the answer was lost.
			unguard();
			throw error;
		}
		isAside = true;
		needs.aside(true);
		// From one bridge to the other in one step, or they would be in none.
		await into(waits, agent)
			.catch(notInStasis)
			.catch((error: unknown) => {
				// What was refused has not been done. Of what was not answered nobody knows: then they are fetched, wherever they are.
				if (!(error instanceof Refusal) || error.code !== 'platform.unreachable') isBack();
				throw error;
			});
		await ari.try('POST', path('bridges', waits, '/moh'));
	}

	function unguard() {
		void ari.try('DELETE', path('channels', guard));
		void ari.try('DELETE', path('bridges', waits));
	}
	function isBack() {
		isAside = false;
		needs.aside(false);
		unguard();
	}

	/** The agent is on the call again; nothing happens if they never left. */
	async function backTogether() {
		if (!isAside || isAgentGone) return;
		await into(bridge, agent).catch((error: unknown) => {
			// They have left our hands: the guard has brought them back.
			if (!isRefusedWith('422', error)) throw error;
		});
		isBack();
	}

	function drop({ channel, media }: { channel: string; media: Media }) {
		media.close();
		void ari.try('DELETE', path('channels', channel));
	}
	function dropLine() {
		const own = line;
		line = undefined;
		if (own) drop(own);
	}

	async function bringBack(fallback: Fallback): Promise<Returned> {
		await attempt?.catch(() => {});
		if (hasEnded) return 'hung-up';
		try {
			await backTogether().catch((error: unknown) => {
				// The agent's channel is not there any more, or the bridge they belong in: they cannot come back to this call.
				if (!isOver(error)) throw error;
				isAgentGone = true;
				unguard();
				void ari.try('POST', path('channels', agent, '/continue'));
			});
			return isAgentGone ? await fallBack(fallback) : 'agent';
		} catch (error) {
			if (!isOver(error)) throw error;
			return 'hung-up';
		} finally {
			if (!isAside || isAgentGone) dropLine();
		}
	}

	async function fallBack(fallback: Fallback): Promise<Returned> {
		if (fallback === 'hang-up') {
			await ari.ask('DELETE', path('channels', customer));
			return 'hung-up';
		}
		await ari.ask('POST', path('channels', customer, '/continue'), {
			context: fallbackContext,
			extension: fallback,
			priority: '1',
		});
		return fallback;
	}

	function lineGone(channel: string) {
		if (line?.channel !== channel) return;
		line = undefined;
		// A take under way finds that out by itself.
		if (!attempt && !isReturning && !hasEnded) lost();
	}

	function release(fallback: Fallback): Promise<Returned> {
		// What is said from now on reaches nobody, however long the way back takes.
		isWanted = false;
		giveUp();
		const own = line;
		if (own) line = { channel: own.channel, media: { ...own.media, say() {} } };
		if (returning) return returning;
		isReturning = true;
		returning = bringBack(fallback)
			.catch((error) => {
				returning = undefined;
				throw error;
			})
			.finally(() => {
				isReturning = false;
			});
		return returning;
	}

	/** Until the agent is back, or Asterisk is not to be reached for long: who cleans up when it is there again does the rest. */
	async function insist() {
		for (let waitMs = againAfterMs; waitMs <= againAtLastMs; waitMs *= 2) {
			const isDone = await release('announcement').then(
				() => true,
				() => hasEnded,
			);
			if (isDone) return;
			await new Promise<void>((resolve) => {
				clock.after(waitMs, resolve);
			});
		}
		dropLine();
	}

	return {
		abilities: ['survey', 'returnToAgent', 'hold', 'hangUp'],
		take(taking, told) {
			if (hasEnded) return Promise.reject(new Refusal('survey.cannot', 'the call is over'));
			if (attempt || line || isReturning) return Promise.reject(new Refusal('survey.not-now', 'under way'));
			returning = undefined;
			isWanted = true;
			attempt = bring(taking, told).finally(() => {
				attempt = undefined;
			});
			return attempt;
		},
		release,
		leave() {
			const wasOn = line !== undefined;
			const back = release('announcement');
			if (wasOn) lost();
			return back;
		},
		agentGone() {
			isAgentGone = true;
		},
		lineGone,
		close(isEnd) {
			const wasOn = line !== undefined && !attempt && !isReturning;
			isWanted = false;
			giveUp();
			hasEnded ||= isEnd;
			if (!isEnd && (line || attempt || isAside)) void insist();
			if (isEnd) {
				dropLine();
				if (isAside) unguard();
			}
			if (wasOn) lost();
		},
	};
}

const isRefusedWith = (status: string, error: unknown) =>
	error instanceof Refusal && error.code === 'platform.refused' && error.detail === status;
const isOver = (error: unknown) => error instanceof Refusal && error.code === 'platform.call-over';

/** What of a call is not in an ARI application is refused as that: nobody can move it. (bridges.json: 409 for a bridge, 422 for a channel) */
function notInStasis(error: unknown): never {
	if (isRefusedWith('409', error)) throw new Refusal('survey.cannot', 'its bridge is not one of an ARI application');
	if (isRefusedWith('422', error)) throw new Refusal('survey.cannot', 'a channel of it is not in an ARI application');
	throw error;
}
