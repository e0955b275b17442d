import type { Control } from '#server/telephony/control.ts';
import type { LiveCall } from '#server/telephony/telephony.ts';
import type { TwilioApi } from '#server/telephony/twilio/api.ts';
import { awaitedStreams } from '#server/telephony/twilio/awaited-streams.ts';
import { type CallStreams, callStreams } from '#server/telephony/twilio/call-streams.ts';
import { type TwilioControl, twilioControl } from '#server/telephony/twilio/control.ts';
import type { Start } from '#server/telephony/twilio/protocol.ts';
import type { StreamIntake } from '#server/telephony/twilio/stream.ts';
import type { SurveyStreamNeeds } from '#server/telephony/twilio/survey-stream.ts';
import { maxConferenceName, maxQueueName } from '#server/telephony/twilio/twiml.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** A lost call may come back for as long as the intake waits for it; after that it is a call of its own. */
const forgottenAfterMs = 30_000;

export interface TakeableCallsNeeds {
	intake: StreamIntake;
	clock: Clock;
	api: TwilioApi;
	accountSid: string;
	/** Where Twilio opens listening streams and survey streams: `wss`, without a query. */
	listeningUrl: () => string;
	surveyUrl: () => string;
}

/** Stands between listening streams and the intake, and gives each call the control it can have. */
export interface TakeableCalls extends StreamIntake {
	/** Whose survey stream this is. */
	claim: SurveyStreamNeeds['claim'];
	/** Every customer goes back by themselves, and nothing comes back any more. */
	close(): void;
}

interface Takeable {
	control: TwilioControl;
	streams: CallStreams;
}

export function takeableCalls(needs: TakeableCallsNeeds): TakeableCalls {
	const { intake, clock, api } = needs;
	const awaited = awaitedStreams(clock, needs.accountSid);
	/** One for each call that can be taken and is on. What was lost and did not come back goes when the next call comes. */
	const calls = new Map<string, Takeable>();

	function forgetLost() {
		for (const [callSid, { streams }] of calls)
			if (clock.now() - (streams.lostAtMs ?? clock.now()) >= forgottenAfterMs) calls.delete(callSid);
	}

	function takeable({ start }: Start, conference: string): Takeable {
		const { callSid, tracks, customParameters: parameters = {} } = start;
		const track = tracks.length > 1 ? 'both_tracks' : tracks[0] === 'outbound' ? 'outbound_track' : 'inbound_track';
		const streams = callStreams({
			clock,
			again: () =>
				api.listen(callSid, { url: needs.listeningUrl(), track, parameters }).then(
					() => 'asked' as const,
					(error) => (error instanceof Refusal && error.code === 'platform.call-over' ? 'over' : 'refused'),
				),
			ended: () => calls.delete(callSid),
		});
		const queue = parameters.queue && parameters.queue.length <= maxQueueName ? parameters.queue : undefined;
		const withdrawKey = parameters.withdraw && keyPattern.test(parameters.withdraw) ? parameters.withdraw : undefined;
		const control = twilioControl({
			api,
			clock,
			awaited,
			streams,
			callSid,
			conference,
			queue,
			withdrawKey,
			streamUrl: needs.surveyUrl,
		});
		return { control, streams };
	}

	return {
		started(call, refused, message): LiveCall {
			forgetLost();
			const { callSid } = message.start;
			const known = calls.get(callSid);
			if (known?.streams.isMissed) return known.streams.goOn();
			const cannot = whyNot(message, needs.accountSid);
			if (!known && cannot) return intake.started({ ...call, control: { abilities: [], cannot } }, refused, message);
			const one = known ?? takeable(message, message.start.customParameters?.conference ?? '');
			let isRefused = false;
			const live = intake.started(
				{ ...call, control: one.control },
				(refusal) => {
					isRefused = true;
					if (!known) calls.delete(callSid);
					refused(refusal);
				},
				message,
			);
			if (isRefused) return live;
			calls.set(callSid, one);
			return one.streams.begin(live);
		},
		claim: awaited.claim,
		close() {
			for (const { control, streams } of calls.values()) {
				control.close();
				streams.close();
			}
		},
	};
}

/** What a call can be asked whose platform has given Ycord no key. */
export const withoutKey: Control = { abilities: [], cannot: 'no Twilio API key is set' };

/** Why an executive cannot be brought on the line of this call, in words for them. */
function whyNot({ start }: Start, accountSid: string): string | undefined {
	const { leg, conference } = start.customParameters ?? {};
	if (start.accountSid !== accountSid || !callSidPattern.test(start.callSid))
		return 'the call belongs to another Twilio account than the key';
	if (leg === 'agent') return 'the stream hangs on the agent’s leg of the call, not on the customer’s';
	if (!conference || conference.length > maxConferenceName) return 'the stream’s start names no conference';
	return undefined;
}

/** One key of a telephone. */
const keyPattern = /^[0-9*#]$/;
/** What goes into the API's paths. */
const callSidPattern = /^CA[0-9a-fA-F]{32}$/;
