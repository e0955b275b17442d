import { v7 } from 'uuid';
import { AskRefused } from '#client/live/ask-refused.ts';
import { connectionLost, tooManyAsks } from '#client/live/refused-here.ts';
import type { SessionCommand } from '#shared/call.ts';
import type { Clock } from '#shared/clock.ts';
import type { AskResult, ToServer } from '#shared/live.ts';
import type { RefusalAnswer } from '#shared/refusals.ts';

/** The questions of one connection that have no answer yet. */
export interface Asks {
	ask(callId: string, command: SessionCommand): Promise<AskResult>;
	done(id: string, result: AskResult | undefined): void;
	refused(id: string, refusal: RefusalAnswer): void;
	/** The link is gone: whoever waits is told so. Nothing is asked twice by itself. */
	lost(): void;
}

/** Questions waiting at once; the newest is refused. [B1] */
const mostWaiting = 100;
const patienceMs = 30_000;
/** Below the server's limit, so that an impatient hand is slowed down here instead of being hung up on. */
const pace = { burst: 20, everyMs: 100 };

export function asks(send: (message: ToServer) => boolean, clock: Clock): Asks {
	interface Waiting {
		message: ToServer & { type: 'ask' };
		resolve(result: AskResult): void;
		reject(error: AskRefused): void;
		stopWaiting(): void;
	}
	const waiting = new Map<string, Waiting>();
	/** Not sent yet, for the pace. */
	let unsent: Waiting[] = [];
	let sentAtMs: number[] = [];
	let stopPacing: (() => void) | undefined;

	const settle = (id: string) => {
		const one = waiting.get(id);
		if (!one) return undefined;
		waiting.delete(id);
		unsent = unsent.filter((other) => other !== one);
		one.stopWaiting();
		return one;
	};
	const refuse = (id: string, refusal: RefusalAnswer) => settle(id)?.reject(new AskRefused(refusal));
	const sendNext = () => {
		stopPacing = undefined;
		while (unsent.length > 0) {
			const sinceMs = clock.now() - pace.burst * pace.everyMs;
			sentAtMs = sentAtMs.filter((atMs) => atMs > sinceMs);
			if (sentAtMs.length >= pace.burst) {
				stopPacing = clock.after(pace.everyMs, sendNext);
				return;
			}
			const next = unsent.shift() as Waiting;
			sentAtMs.push(clock.now());
			if (!send(next.message)) refuse(next.message.id, connectionLost);
		}
	};

	return {
		ask(callId, command) {
			return new Promise((resolve, reject) => {
				if (waiting.size >= mostWaiting) return reject(new AskRefused(tooManyAsks));
				const id = v7();
				const stopWaiting = clock.after(patienceMs, () => refuse(id, connectionLost));
				const one: Waiting = { message: { type: 'ask', id, callId, command }, resolve, reject, stopWaiting };
				waiting.set(id, one);
				unsent.push(one);
				if (!stopPacing) sendNext();
			});
		},
		done: (id, result) => settle(id)?.resolve(result ?? {}),
		refused: refuse,
		lost() {
			stopPacing?.();
			stopPacing = undefined;
			for (const id of [...waiting.keys()]) refuse(id, connectionLost);
		},
	};
}
