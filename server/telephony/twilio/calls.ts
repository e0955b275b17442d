import type { Control } from '#server/telephony/control.ts';
import type { Parameters, StreamStart } from '#server/telephony/media-streams/dialect.ts';
import type { StreamIntake } from '#server/telephony/media-streams/listening-stream.ts';
import type { TwilioApi } from '#server/telephony/twilio/api.ts';
import { awaitedStreams, tokenLastsMs } from '#server/telephony/twilio/awaited-streams.ts';
import { type CallStreams, callStreams, lostForMs } from '#server/telephony/twilio/call-streams.ts';
import { type TwilioControl, twilioControl } from '#server/telephony/twilio/control.ts';
import type { FromSurvey, SurveyLine, SurveyStreamNeeds } from '#server/telephony/twilio/survey-stream.ts';
import { maxConferenceName, maxQueueName } from '#server/telephony/twilio/twiml.ts';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** With what Twilio can be asked, and of whose calls. */
export interface TwilioAccount {
	api: TwilioApi;
	accountSid: string;
}

export interface TwilioCallsNeeds {
	intake: StreamIntake;
	clock: Clock;
	/** Without it calls can only be listened to, and not found again when their stream is lost. */
	account: TwilioAccount | undefined;
	/** Where Twilio opens listening streams and survey streams, `wss`, without a query; and where it says what became of them. */
	listeningUrl: () => string;
	surveyUrl: () => string;
	statusUrl: () => string;
}

/** Stands between listening streams and the intake: which stream may come, what its call can be asked, what to do when it is gone. */
export interface TwilioCalls extends StreamIntake {
	/** Whose survey stream this is. */
	claim: SurveyStreamNeeds['claim'];
	/** A token for a listening stream that this call is about to open, good once. */
	expect(callSid: string): string;
	/** Asks for a listening stream on a live call that has none. Rejects with a refusal; it may have been done then or not. */
	listen(callSid: string, parameters: Parameters): Promise<void>;
	/** Stops the streams that were asked for by `listen` on calls of this conference, and with them their calls here. */
	stopListening(conference: string): Promise<void>;
	/** Twilio says that the telephone call is over. */
	callOver(callSid: string): void;
	/** Every customer goes back by themselves, and nothing comes back any more. */
	close(): void;
}

interface TwilioCall {
	control: Control;
	/** Of a call that can be taken. */
	takeable: TwilioControl | undefined;
	streams: CallStreams;
}

/** A stream that was asked for: of which conference, when, and what Twilio calls it, once it has said so. */
interface Asked {
	conference: string | undefined;
	atMs: number;
	streamSid?: string;
}

export function twilioCalls(needs: TwilioCallsNeeds): TwilioCalls {
	const { intake, clock, account } = needs;
	const surveys = awaitedStreams<(line: SurveyLine) => FromSurvey>(clock, account?.accountSid);
	const listenings = awaitedStreams<true>(clock, account?.accountSid);
	/** One for each call that is on. What was lost and did not come back goes when the next call comes. */
	const calls = new Map<string, TwilioCall>();
	/** The calls on which listening was asked for from here. */
	const asked = new Map<string, Asked>();

	function forget(callSid: string) {
		calls.delete(callSid);
		asked.delete(callSid);
	}
	function forgetLost() {
		for (const [callSid, { streams }] of calls)
			if (clock.now() - (streams.lostAtMs ?? clock.now()) >= lostForMs) forget(callSid);
		// Whatever Twilio answered, a stream that has not come by then does not come.
		for (const [callSid, { atMs }] of asked)
			if (clock.now() - atMs >= tokenLastsMs && !calls.has(callSid)) asked.delete(callSid);
	}

	/** Asks for a stream, with a token of its own. */
	async function start({ api }: TwilioAccount, callSid: string, track: Track, { token: _old, ...said }: Parameters) {
		const awaited = listenings.expect(callSid, true);
		try {
			const parameters = { ...said, token: awaited.token };
			return await api.listen(callSid, {
				url: needs.listeningUrl(),
				track,
				statusCallback: needs.statusUrl(),
				parameters,
			});
		} catch (error) {
			awaited.forget();
			throw error;
		}
	}

	function newCall({ callId: callSid, tracks, parameters }: StreamStart): TwilioCall {
		const track = tracks.length > 1 ? 'both_tracks' : tracks[0] === 'outbound' ? 'outbound_track' : 'inbound_track';
		const again =
			account && callSidPattern.test(callSid)
				? () =>
						start(account, callSid, track, parameters).then(
							(streamSid) => {
								const one = asked.get(callSid);
								if (one) one.streamSid = streamSid;
								return 'asked' as const;
							},
							(error) => (error instanceof Refusal && error.code === 'platform.call-over' ? 'over' : 'refused'),
						)
				: undefined;
		const streams = callStreams({ clock, again, ended: () => forget(callSid) });
		const cannot = whyNot(account, callSid, parameters);
		if (!account || cannot)
			return { control: { abilities: [], ...(cannot ? { cannot } : {}) }, takeable: undefined, streams };
		const queue = parameters.queue && parameters.queue.length <= maxQueueName ? parameters.queue : undefined;
		const withdrawKey = parameters.withdraw && keyPattern.test(parameters.withdraw) ? parameters.withdraw : undefined;
		const control = twilioControl({
			api: account.api,
			clock,
			awaited: surveys,
			streams,
			callSid,
			conference: parameters.conference ?? '',
			queue,
			withdrawKey,
			streamUrl: needs.surveyUrl,
		});
		return { control, takeable: control, streams };
	}

	return {
		started(call, refused, message) {
			forgetLost();
			const { callId: callSid, accountId, parameters } = message;
			if (account && accountId !== account.accountSid) {
				refused(new Refusal('access.stream-account', 'YCORD_TWILIO_ACCOUNT_SID'));
				return undefined;
			}
			if (parameters.token !== undefined && !listenings.claim(message)) {
				refused(new Refusal('access.stream-unexpected'));
				return undefined;
			}
			const known = calls.get(callSid);
			if (known?.streams.isMissed) return known.streams.goOn();
			const one = known ?? newCall(message);
			let isRefused = false;
			const live = intake.started(
				{ ...call, control: one.control },
				(refusal) => {
					isRefused = true;
					// A second stream of a call says nothing against the first.
					if (!known || known.streams.lostAtMs !== undefined) {
						one.streams.giveUp();
						forget(callSid);
					}
					refused(refusal);
				},
				message,
			);
			if (isRefused || !live) return undefined;
			calls.set(callSid, one);
			return one.streams.begin(live);
		},
		claim: surveys.claim,
		expect: (callSid) => listenings.expect(callSid, true).token,
		async listen(callSid, parameters) {
			forgetLost();
			if (!account || calls.has(callSid) || asked.has(callSid)) return;
			const one: Asked = { conference: parameters.conference, atMs: clock.now() };
			asked.set(callSid, one);
			try {
				one.streamSid = await start(account, callSid, 'both_tracks', parameters);
			} catch (error) {
				asked.delete(callSid);
				throw error;
			}
		},
		async stopListening(conference) {
			const stopped = [...asked].filter(([, one]) => one.conference === conference);
			await Promise.all(
				stopped.map(async ([callSid, { streamSid }]) => {
					if (streamSid && account) await account.api.stopListening(callSid, streamSid);
				}),
			);
		},
		callOver(callSid) {
			forgetLost();
			calls.get(callSid)?.streams.callOver();
			forget(callSid);
		},
		close() {
			surveys.close();
			listenings.close();
			for (const { takeable, streams } of calls.values()) {
				takeable?.close();
				streams.close();
			}
		},
	};
}

type Track = 'inbound_track' | 'outbound_track' | 'both_tracks';

/** Why an executive cannot be brought on the line of this call, in words for them. */
function whyNot(
	account: TwilioAccount | undefined,
	callSid: string,
	{ leg, conference }: Parameters,
): string | undefined {
	if (!account) return 'no Twilio API key is set';
	if (!callSidPattern.test(callSid)) return 'the call’s id is none of Twilio’s';
	if (leg === 'agent') return 'the stream hangs on the agent’s leg of the call, not on the customer’s';
	if (!conference || conference.length > maxConferenceName) return 'the stream’s start names no conference';
	return undefined;
}

/** One key of a telephone. */
const keyPattern = /^[0-9*#]$/;
/** What goes into the API's paths. */
export const callSidPattern = /^CA[0-9a-fA-F]{32}$/;
