/**
 * What a call can be told to do, as TwiML. (www.twilio.com/docs/voice/twiml) Given by the REST API it may have 4,000
 * characters; with a conference's 128, a queue's 64 and a token's 43 none of these comes near.
 */

/** How long a conference's and a queue's name may be. (conference-resource, enqueue) */
export const maxConferenceName = 128;
export const maxQueueName = 64;

/**
 * The survey's stream, and after it the conference: `<Connect>` blocks until we close the stream, and then the call goes
 * on with the next verb. So whoever closes it, or if nobody is left to, the customer is back with the agent.
 */
export const surveyThenConference = (of: { streamUrl: string; token: string; conference: string }) =>
	response(
		`<Connect><Stream url="${escaped(of.streamUrl)}"><Parameter name="token" value="${escaped(of.token)}"/></Stream></Connect>`,
		conference(of.conference),
	);

/** Silent listening to a call that goes on into its conference: `<Start>` does not wait. */
export const listenThenConference = (of: {
	streamUrl: string;
	statusUrl: string;
	parameters: Readonly<Record<string, string>>;
	conference: string;
}) => {
	const parameters = Object.entries(of.parameters).map(
		([name, value]) => `<Parameter name="${escaped(name)}" value="${escaped(value)}"/>`,
	);
	const stream = `<Stream url="${escaped(of.streamUrl)}" track="both_tracks" statusCallback="${escaped(of.statusUrl)}">`;
	return response(`<Start>${stream}${parameters.join('')}</Stream></Start>`, conference(of.conference));
};

/** The conference alone: the way back of a customer who did not fall through to it. */
export const backToConference = (name: string) => response(conference(name));

/** A queue, for whoever takes the next customer from it. */
export const intoQueue = (name: string) => response(`<Enqueue>${escaped(name)}</Enqueue>`);

/** A sentence, and the end of the call. */
export const sayAndHangUp = (text: string) => response(`<Say>${escaped(text)}</Say>`, '<Hangup/>');

const response = (...verbs: string[]) => `<Response>${verbs.join('')}</Response>`;
/** Whoever comes makes no sound, and leaves the other one there. */
const conference = (name: string) =>
	`<Dial><Conference endConferenceOnExit="false" beep="false">${escaped(name)}</Conference></Dial>`;

/** As XML text or attribute value; what XML cannot hold at all is left out. (XML 1.0, 2.2 and 2.4) */
function escaped(text: string): string {
	const kept = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
	return kept.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
