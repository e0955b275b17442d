import type { Participant, RecordingMetadata } from '#server/telephony/siprec/metadata.ts';
import type { Leg } from '#shared/audio.ts';

/** Who is who on the streams of a recording. */
export interface Roles {
	/** The leg of each label that was asked about, in that order. */
	legs: Leg[];
	customer: Participant | undefined;
	agent: Participant | undefined;
}

/**
 * Tells customer from agent, which no standard does: the agent is whose address fits the operator's pattern; else a vendor's
 * word for who called; else the first stream is the caller's, and the caller is the customer.
 */
export function rolesOf(
	labels: readonly string[],
	{ participants }: RecordingMetadata,
	agents: RegExp | undefined,
): Roles {
	// Some name who is there and what is sent, and not who sends what: then they stand in the same order.
	const isUnsaid = participants.length === labels.length && participants.every(({ speaksOn }) => speaksOn.length === 0);
	const speaker = (label: string, place: number) =>
		isUnsaid ? participants[place] : participants.find(({ speaksOn }) => label !== '' && speaksOn.includes(label));
	const both = labels.slice(0, 2).map(speaker);
	const isAgent = (one: Participant | undefined) => (one?.aor && agents ? agents.test(one.aor) : undefined);
	const [agentFirst, callerSecond] = [
		isTheFirst(isAgent(both[0]), isAgent(both[1])),
		isTheFirst(both[1]?.isCaller, both[0]?.isCaller),
	];
	const isSwapped = labels.length > 1 && (agentFirst ?? callerSecond ?? false);
	const legs: Leg[] = isSwapped ? ['agent', 'customer'] : ['customer', 'agent'];
	const [customer, agent] = isSwapped ? [both[1], both[0]] : both;
	// A stream of everybody names nobody, or several: then who is there is told by the pattern alone.
	return {
		legs: legs.slice(0, labels.length),
		customer: labels.length > 1 ? customer : participants.find((one) => !isAgent(one)),
		agent: labels.length > 1 ? agent : participants.find(isAgent),
	};
}

/** Of two of whom one is something: whether it is the first. Undefined if what is known of both is the same. */
const isTheFirst = (first: boolean | undefined, second: boolean | undefined) =>
	first === second ? undefined : first === true || second === false;

/** The user part of an address of record, its scheme given or not: what the administrator's mapping, or a person's id, calls them. */
export const userOf = (aor: string | undefined): string | undefined =>
	/^(?:(?:sips?|tel):([^@;?]{1,200})|([^@:;?<>\s]{1,200})@)/i
		.exec(aor?.trim() ?? '')
		?.slice(1)
		.find(Boolean);
