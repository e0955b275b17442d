import type { Control, Fallback, Returned, Voice } from '#server/telephony/control.ts';
import type { TwilioApi } from '#server/telephony/twilio/api.ts';
import type { AwaitedStreams } from '#server/telephony/twilio/awaited-streams.ts';
import type { CallStreams } from '#server/telephony/twilio/call-streams.ts';
import type { FromSurvey, SurveyLine } from '#server/telephony/twilio/survey-stream.ts';
import { backToConference, intoQueue, sayAndHangUp, surveyThenConference } from '#server/telephony/twilio/twiml.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal, type RefusalCode } from '#shared/refusals.ts';

/** How long Twilio may take from being asked until the survey stream is there. */
export const lineWithinMs = 10_000;
/** How often is looked who is in the conference, and how many times until the customer is told to go there once more. */
export const lookEveryMs = 500;
const maxLooks = 6;
/** What a customer hears whose agent is gone, where the queue's policy says so. */
const farewell =
	'Your agent is no longer on the line. Thank you for your time. Please call us again if there is anything else.';

/** A Twilio call that an executive can be brought on. */
export interface TwilioControl extends Control {
	take: NonNullable<Control['take']>;
	release: NonNullable<Control['release']>;
	onWithdrawn: NonNullable<Control['onWithdrawn']>;
	/** The server goes away: the customer goes back by themselves. */
	close(): void;
}

export interface TwilioControlNeeds {
	api: TwilioApi;
	clock: Clock;
	awaited: AwaitedStreams<(line: SurveyLine) => FromSurvey>;
	streams: CallStreams;
	callSid: string;
	/** The conference in which customer and agent talk. */
	conference: string;
	/** The queue for a customer whose agent is gone. */
	queue: string | undefined;
	/** The key of their telephone by which the customer takes their consent back. */
	withdrawKey: string | undefined;
	/** Where Twilio opens the survey stream: `wss`, without a query. */
	streamUrl: () => string;
}

/**
 * The customer's call leaves the conference for a bidirectional stream, and when that is closed goes on with the next verb,
 * which is the conference again. The agent stays where they are, alone, neither muted nor on hold: whoever put them on hold
 * would have to take them off it, and if we died in between the customer would come back to silence. So nothing but the end
 * of a socket, ours or our machine's, is needed for both to talk again. Whichever microphone `Taking.agent` asks for, the
 * agent is not heard meanwhile, and hears the conference's own wait sound or nothing.
 */
export function twilioControl(needs: TwilioControlNeeds): TwilioControl {
	const { api, clock, streams, callSid } = needs;
	let line: SurveyLine | undefined;
	let attempt: Promise<Voice> | undefined;
	let withdrawn = () => {};
	let giveUp: (why: Refusal) => void = () => {};
	/** Whether the customer was sent off, or may have been, and is not known to be back. */
	let isAway = false;
	/** The way back that is under way, or was the last one. */
	let returning: Promise<Returned> | undefined;
	let isReturning = false;
	let isClosing = false;

	async function bring(lost: () => void): Promise<Voice> {
		const { promise: arriving, resolve: arrived, reject } = Promise.withResolvers<SurveyLine>();
		giveUp = reject;
		arriving.catch(() => {});
		const stopping = new AbortController();
		const stopWaiting = clock.after(lineWithinMs, () => reject(new Refusal('platform.no-line')));
		const awaited = needs.awaited.expect(callSid, (opened) => {
			line = opened;
			arrived(opened);
			return fromLine(opened, lost);
		});
		const wasAway = isAway;
		isAway = true;
		streams.moving();
		try {
			const streamUrl = needs.streamUrl();
			const twiml = surveyThenConference({ streamUrl, token: awaited.token, conference: needs.conference });
			const asked = api.redirect(callSid, twiml, stopping.signal);
			// The stream may be there before the answer is, and nobody waits for that any more.
			await Promise.race([asked, arriving]);
			const { say } = await arriving;
			return { say };
		} catch (error) {
			stopping.abort();
			awaited.forget();
			if (error instanceof Refusal && notDone.has(error.code)) isAway = wasAway;
			// If even this fails: the stream is not claimed when it comes, is closed, and the customer goes on to the conference.
			if (isAway) await api.sendBack(callSid, backToConference(needs.conference)).catch(() => {});
			streams.settled();
			throw error;
		} finally {
			stopWaiting();
			awaited.forget();
		}
	}

	function fromLine(opened: SurveyLine, lost: () => void): FromSurvey {
		const { heard, over } = streams.survey();
		return {
			heard,
			pressed(digit) {
				if (digit === needs.withdrawKey) withdrawn();
			},
			over(asked) {
				over();
				if (line === opened) line = undefined;
				if (asked && !isClosing) return;
				// Twilio goes on with the next verb here too, unless the customer has hung up.
				if (!isClosing) streams.settled();
				lost();
			},
		};
	}

	async function bringBack(fallback: Fallback): Promise<Returned> {
		giveUp(new Refusal('survey.not-now', 'over'));
		line?.close();
		await attempt?.catch(() => {});
		if (!isAway) return 'agent';
		if (streams.isOver) return 'hung-up';
		streams.moving();
		try {
			const to = await back(fallback);
			isAway = false;
			return to;
		} catch (error) {
			if (!isOver(error)) throw error;
			isAway = false;
			return 'hung-up';
		} finally {
			streams.settled();
		}
	}

	/** Looks until customer and agent are in the conference together, or the agent is not. */
	async function back(fallback: Fallback): Promise<Returned> {
		for (let looks = 1; looks <= maxLooks; looks++) {
			if (streams.isOver) return 'hung-up';
			const talking = await api.talking(needs.conference);
			if (!talking.some((one) => one !== callSid)) return fallBack(fallback);
			if (talking.includes(callSid)) return 'agent';
			await new Promise<void>((resolve) => {
				clock.after(lookEveryMs, resolve);
			});
		}
		await api.sendBack(callSid, backToConference(needs.conference));
		return 'agent';
	}

	async function fallBack(fallback: Fallback): Promise<Returned> {
		if (fallback === 'hang-up') {
			await api.hangUp(callSid);
			return 'hung-up';
		}
		if (fallback === 'queue' && needs.queue) {
			await api.sendBack(callSid, intoQueue(needs.queue));
			return 'queue';
		}
		await api.sendBack(callSid, sayAndHangUp(farewell));
		return 'announcement';
	}

	return {
		abilities: ['survey', 'returnToAgent', 'hangUp', 'announce'],
		take(_taking, lost) {
			if (attempt || line || isReturning) return Promise.reject(new Refusal('survey.not-now', 'under way'));
			returning = undefined;
			attempt = bring(lost).finally(() => {
				attempt = undefined;
			});
			return attempt;
		},
		release(fallback) {
			if (returning) return returning;
			isReturning = true;
			returning = bringBack(fallback)
				.catch((error) => {
					// Where they are is not known: it can be asked again.
					returning = undefined;
					throw error;
				})
				.finally(() => {
					isReturning = false;
				});
			return returning;
		},
		onWithdrawn(told) {
			withdrawn = told;
		},
		close() {
			isClosing = true;
			giveUp(new Refusal('server.draining'));
			line?.close();
		},
	};
}

/** What was refused with these has not been done. */
const notDone: ReadonlySet<RefusalCode> = new Set([
	'platform.denied',
	'platform.busy',
	'platform.call-over',
	'platform.refused',
]);
const isOver = (error: unknown) => error instanceof Refusal && error.code === 'platform.call-over';
