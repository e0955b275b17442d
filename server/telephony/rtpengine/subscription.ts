import { heardPayloads } from '#server/telephony/rtp/heard-line.ts';
import type { RtpPayload } from '#server/telephony/rtp/stream.ts';
import { type Bencoded, type Dictionary, isDictionary } from '#server/telephony/rtpengine/bencode.ts';
import { type Description, readSdp } from '#server/telephony/sdp/sdp.ts';

/** Who talks, by their SIP tags. Without the agent's, whoever else is in the call is the agent. */
export interface CallTags {
	customer: string;
	agent?: string | undefined;
}

/** What rtpengine would send of a call: for each leg one `m=` line. */
export interface Offered {
	sdp: Description;
	customer: OfferedLeg;
	agent: OfferedLeg;
}

export interface OfferedLeg {
	/** The place of its line among the `m=` lines. */
	place: number;
	payloads: ReadonlyMap<number, RtpPayload>;
	/** Where it is sent from. */
	address: string | undefined;
}

/** Asks for a copy of both parties' sound, under a name of our own; one that has it already is begun anew. PCMU is added to what they talk in, for a call in a codec we do not hear. */
export const subscribeRequest = (
	callId: string,
	{ customer, agent }: CallTags,
	toTag: string,
): Dictionary & { command: string } => ({
	command: 'subscribe request',
	'call-id': callId,
	...(agent === undefined ? { flags: ['all'] } : { 'from-tags': [customer, agent] }),
	'to-tag': toTag,
	codec: { transcode: ['PCMU'] },
});

/** Without the flag rtpengine wants every codec of the parties accepted, those that we do not hear too. */
export const subscribeAnswer = (callId: string, toTag: string, sdp: string): Dictionary & { command: string } => ({
	command: 'subscribe answer',
	'call-id': callId,
	'to-tag': toTag,
	sdp,
	flags: ['allow transcoding'],
});

/** Reads what a subscribe request is answered with. A text says, in our own words, why nobody can be heard. */
export function readOffered(answer: Dictionary, { customer, agent }: CallTags): Offered | { wrong: string } {
	const { sdp: text, 'from-tags': given } = answer;
	if (typeof text !== 'string' || !Array.isArray(given)) return { wrong: 'an answer without sdp or from-tags' };
	const sdp = readSdp(text);
	if ('wrong' in sdp) return { wrong: 'an sdp that cannot be read' };
	const tags: Bencoded[] = given;
	if (tags.length !== 2) return { wrong: `${tags.length} parties where two talk; name both tags` };
	// The lines come in the order of the tags; a party that sends video too has more than one.
	const audio = sdp.media.flatMap((line, place) => (line.kind === 'audio' ? [{ line, place }] : []));
	if (audio.length !== 2) return { wrong: `${audio.length} audio lines of two parties` };
	const legOf = (tag: Bencoded | undefined): OfferedLeg | undefined => {
		const { line, place = 0 } = audio[tags.indexOf(tag ?? '')] ?? {};
		const payloads = line && heardPayloads(line);
		return payloads && { place, payloads, address: line.address };
	};
	if (!tags.includes(customer)) return { wrong: 'nobody has the tag that is said to be the customer’s' };
	const legs = {
		customer: legOf(customer),
		agent: legOf(agent ?? tags.find((tag) => tag !== customer)),
	};
	if (!legs.customer || !legs.agent) return { wrong: 'a party whose sound is neither PCMU nor PCMA over plain RTP' };
	return { sdp, customer: legs.customer, agent: legs.agent };
}

/** Whether a call, as `query` tells of it, still has the subscription: among what its parties say of who hears them. */
export function isSubscribed({ tags }: Dictionary, toTag: string): boolean {
	if (!isDictionary(tags)) return false;
	return Object.entries(tags).some(([tag, party]) => tag !== toTag && mentions(party, toTag));
}

function mentions(value: Bencoded, text: string): boolean {
	if (typeof value !== 'object') return value === text;
	return Object.values(value).some((one) => mentions(one, text));
}
