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
	const speaker = (label: string | undefined) =>
		participants.find(({ speaksOn }) => label !== undefined && speaksOn.includes(label));
	const both = labels.slice(0, 2).map(speaker);
	const isAgent = (one: Participant | undefined) => one?.aor && agents?.test(one.aor);
	const fits = both.map(isAgent);
	const callers = both.map((one) => one?.isCaller);
	const isSwapped = fits[0] !== fits[1] ? fits[0] === true : callers[1] === true && callers[0] !== true;
	const legs: Leg[] = isSwapped ? ['agent', 'customer'] : ['customer', 'agent'];
	const [customer, agent] = isSwapped ? [both[1], both[0]] : both;
	// A stream of everybody names nobody, or several: then who is there is told by the pattern alone.
	return {
		legs: legs.slice(0, labels.length),
		customer: labels.length > 1 ? customer : participants.find((one) => !isAgent(one)),
		agent: labels.length > 1 ? agent : participants.find(isAgent),
	};
}

/** The user part of an address of record: what the administrator's mapping, or a person's id, calls them. */
export const userOf = (aor: string | undefined): string | undefined =>
	/^(?:sips?|tel):([^@;?]{1,200})/i.exec(aor ?? '')?.[1];
