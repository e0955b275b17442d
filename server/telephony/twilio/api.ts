import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Clock } from '#shared/clock.ts';
import { Refusal } from '#shared/refusals.ts';

/** How long Twilio may take for one answer. */
export const answerWithinMs = 5000;
/** How often a request that is safe to repeat is sent, and how long after the first answer; twice as long each time. */
const maxTries = 3;
const againAfterMs = 250;
/** "The call is not in progress". (www.twilio.com/docs/api/errors/21220) */
const notInProgress = 21_220;

/** The account and its API key: HTTP basic authentication with the key's SID and secret. (docs/usage/requests-to-twilio) */
export interface TwilioKey {
	accountSid: string;
	key: string;
	secret: string;
	/** Where the API is, without a path. */
	url: string;
}

/** A listening stream to be started on a live call. (docs/voice/api/stream-resource) */
export interface ListeningStream {
	url: string;
	track: 'inbound_track' | 'outbound_track' | 'both_tracks';
	/** Where Twilio says what becomes of it. */
	statusCallback: string;
	parameters: Readonly<Record<string, string>>;
}

/**
 * What is asked of Twilio's REST API. Everything rejects with a refusal: `platform.denied` (the key), `.call-over`, `.busy`,
 * `.refused`, or `.unreachable`, and then it may have been done or not. Nothing that was said or is secret is in them.
 */
export interface TwilioApi {
	/** New TwiML for a live call, sent once: asked again only if Twilio says it was not looked at. */
	redirect(callSid: string, twiml: string, stop?: AbortSignal): Promise<void>;
	/** New TwiML for a live call that may well be given twice. */
	sendBack(callSid: string, twiml: string): Promise<void>;
	hangUp(callSid: string): Promise<void>;
	/** The calls that talk in the conference of this name now; none if there is no such conference. */
	talking(conference: string): Promise<string[]>;
	/** Gives back Twilio's name of the stream. */
	listen(callSid: string, stream: ListeningStream): Promise<string>;
	stopListening(callSid: string, streamSid: string): Promise<void>;
}

export interface TwilioApiNeeds {
	key: TwilioKey;
	clock: Clock;
	/** What the log should say of a request that was refused. */
	refused?: (what: string, refusal: Refusal) => void;
}

interface Request {
	/** For the log. */
	what: string;
	path: string;
	/** Sent as a form by POST; without it the request is a GET. */
	form?: Readonly<Record<string, string>>;
	/** Whether doing it twice comes to the same as doing it once. */
	repeatable: boolean;
	stop?: AbortSignal | undefined;
}

export function twilioApi({ key, clock, refused }: TwilioApiNeeds): TwilioApi {
	const account = `${key.url}/2010-04-01/Accounts/${key.accountSid}`;
	const authorization = `Basic ${Buffer.from(`${key.key}:${key.secret}`).toString('base64')}`;

	/** One try. Resolves with the answer, or rejects with the refusal it comes to. */
	async function tried({ path, form, stop }: Request): Promise<unknown> {
		const aborting = new AbortController();
		const stopWaiting = clock.after(answerWithinMs, () => aborting.abort());
		try {
			const answer = await fetch(`${account}${path}`, {
				method: form ? 'POST' : 'GET',
				headers: { authorization, accept: 'application/json' },
				...(form ? { body: new URLSearchParams(form) } : {}),
				signal: stop ? AbortSignal.any([stop, aborting.signal]) : aborting.signal,
				// The key goes nowhere else.
				redirect: 'error',
			});
			const said = await answer.json().catch(() => undefined);
			if (answer.ok) return said;
			throw refusalOf(answer.status, said);
		} catch (error) {
			throw error instanceof Refusal ? error : new Refusal('platform.unreachable');
		} finally {
			stopWaiting();
		}
	}

	async function ask(request: Request): Promise<unknown> {
		for (let tries = 1; ; tries++) {
			try {
				return await tried(request);
			} catch (error) {
				const refusal = error as Refusal;
				refused?.(request.what, refusal);
				// What was refused with 429 has not been done. (docs/api/errors/20429)
				const mayRepeat =
					refusal.code === 'platform.busy' || (request.repeatable && refusal.code === 'platform.unreachable');
				if (!mayRepeat || tries === maxTries || request.stop?.aborted) throw refusal;
			}
			await new Promise<void>((resolve) => {
				clock.after(againAfterMs * 2 ** (tries - 1), resolve);
			});
		}
	}

	async function list<Schema extends TSchema>(what: string, path: string, schema: Schema): Promise<Static<Schema>> {
		return checked(what, schema, await ask({ what, path, repeatable: true }));
	}

	function checked<Schema extends TSchema>(what: string, schema: Schema, said: unknown): Static<Schema> {
		if (Value.Check(schema, said)) return said;
		const refusal = new Refusal('platform.refused', 'its answer is not as documented');
		refused?.(what, refusal);
		throw refusal;
	}

	return {
		async redirect(callSid, twiml, stop) {
			await ask({ what: 'redirect', path: `/Calls/${callSid}.json`, form: { Twiml: twiml }, repeatable: false, stop });
		},
		async sendBack(callSid, twiml) {
			await ask({ what: 'send back', path: `/Calls/${callSid}.json`, form: { Twiml: twiml }, repeatable: true });
		},
		async hangUp(callSid) {
			await ask({ what: 'hang up', path: `/Calls/${callSid}.json`, form: { Status: 'completed' }, repeatable: true });
		},
		async talking(conference) {
			const named = new URLSearchParams({ FriendlyName: conference, Status: 'in-progress' });
			const { conferences } = await list('find the conference', `/Conferences.json?${named}`, Conferences);
			const calls: string[] = [];
			for (const { sid } of conferences) {
				const path = `/Conferences/${sid}/Participants.json`;
				const { participants } = await list('see who is in the conference', path, Participants);
				for (const { call_sid, coaching, status } of participants)
					if (!coaching && (status ?? 'connected') === 'connected') calls.push(call_sid);
			}
			return calls;
		},
		async listen(callSid, { url, track, statusCallback, parameters }) {
			const form: Record<string, string> = { Url: url, Track: track, StatusCallback: statusCallback };
			for (const [index, [name, value]] of Object.entries(parameters).entries()) {
				form[`Parameter${index + 1}.Name`] = name;
				form[`Parameter${index + 1}.Value`] = value;
			}
			const said = await ask({ what: 'listen', path: `/Calls/${callSid}/Streams.json`, form, repeatable: false });
			return checked('listen', Started, said).sid;
		},
		async stopListening(callSid, streamSid) {
			const path = `/Calls/${callSid}/Streams/${streamSid}.json`;
			await ask({ what: 'stop listening', path, form: { Status: 'stopped' }, repeatable: true });
		},
	};
}

/** One page is enough: a name has one conference in progress, and two or three people talk in it. */
const Conferences = Type.Object({
	conferences: Type.Array(Type.Object({ sid: Type.String({ pattern: '^CF\\w{32}$' }) })),
});
const Participants = Type.Object({
	participants: Type.Array(
		Type.Object({
			call_sid: Type.String(),
			/** Heard by the one they coach, not by the customer. */
			coaching: Type.Optional(Type.Boolean()),
			status: Type.Optional(Type.String()),
		}),
	),
});

const Started = Type.Object({ sid: Type.String({ pattern: '^MZ\\w{32}$' }) });

function refusalOf(status: number, said: unknown): Refusal {
	const code = Value.Check(WithCode, said) ? said.code : undefined;
	if (status === 401 || status === 403) return new Refusal('platform.denied');
	if (status === 429) return new Refusal('platform.busy');
	if (status >= 500) return new Refusal('platform.unreachable');
	if (code === notInProgress) return new Refusal('platform.call-over');
	return new Refusal('platform.refused', code === undefined ? `HTTP ${status}` : `HTTP ${status}, error ${code}`);
}
const WithCode = Type.Object({ code: Type.Integer() });
