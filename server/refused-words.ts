import type { RefusedFor } from '#server/telephony/desk.ts';
import { closeCodes } from '#shared/close-codes.ts';
import { Refusal, type RefusalCode } from '#shared/refusals.ts';

/** What whoever sets a gateway up can do about an attempt that was turned away. */
const todo: Partial<Record<RefusedFor, string>> = {
	'access.signature-missing': 'It was not the platform, or a proxy in between takes the signature’s header away.',
	'access.signature-wrong':
		'Compare the auth token with the platform’s, and the address given there with the one Ycord shows, letter by letter.',
	'access.key-missing': 'Give the platform the key: it shows none.',
	'access.key-wrong': 'Compare the key at the platform with the one in Ycord’s setting, letter by letter.',
	'access.unproven':
		'Compare API key and client secret at the platform with Ycord’s settings, and the address given there; look whether both clocks are right. The log says which it was.',
	'gateway.audible': 'Decide whether Ycord may be a participant of calls, and set YCORD_ALLOW_AUDIBLE to true if so.',
	'access.stream-unexpected':
		'A stream has to be started by Ycord, or with its token: look whether another rule starts one.',
	'access.stream-account': 'Compare the account in Ycord’s settings with the platform’s.',
	'access.source-unknown': 'Add the address of the platform, or of the proxy before it, to the setting.',
	forbidden:
		'A stream came with a token that was used, is old or of another call, or from another account: the log has which.',
	'media.none': 'Let the platform offer G.711 (PCMU or PCMA), in the clear.',
	'media.no-ports': 'Give more ports in YCORD_RTP_PORTS: a call takes four.',
	'call.unknown-agent': 'Say under Agents whom the platform means.',
	unknownAgent: 'Say under Agents whom the platform means, or let the platform name the agent.',
	'call.exists': 'The platform sends one call twice: look whether two rules of its start a stream for it.',
	'call.full': 'Raise YCORD_MAX_CALLS, if the machine can carry more.',
	full: 'Raise YCORD_MAX_CALLS, if the machine can carry more.',
	malformed: 'What came is not this platform’s protocol: compare its settings with the guide, field by field.',
	noStart: 'The connection was opened and nothing came: look whether something in between holds messages back.',
	silent: 'The connection went dead: look for a proxy or a firewall that closes idle connections.',
	tooLarge: 'A message was larger than the platform ever sends: something else talks to this address.',
	tooMany: 'More came than a call can be: something else talks to this address.',
	failed: 'This is a fault in Ycord: the log has it.',
	'request.failed': 'This is a fault in Ycord: the log has it.',
	'server.draining': 'Ycord was about to restart. Nothing to do.',
};
const otherwise = 'Compare the platform’s settings with the guide, field by field.';

/** A refusal in plain words, and what to do about it. */
export function refusedWords(why: RefusedFor): { says: string; todo: string } {
	return { says: says(why), todo: todo[why] ?? otherwise };
}

function says(why: RefusedFor): string {
	// A refusal's own detail is not kept: it may be somebody's name.
	const own = withoutDetail[why];
	if (own) return own;
	if (Object.hasOwn(closeCodes, why)) return capital(`${closeCodes[why as keyof typeof closeCodes].text}.`);
	return new Refusal(why as RefusalCode).message;
}

/** What is said in place of a text that needs its detail. */
const withoutDetail: Partial<Record<RefusedFor, string>> = {
	'call.unknown-agent': 'Nobody here is the agent the call came for.',
	unknownAgent: 'Nobody here is the agent the call came for.',
	'call.full': 'Ycord carried as many calls as it may.',
	'access.key-missing': 'No key was shown.',
	'access.key-wrong': 'The key does not fit.',
	'gateway.audible': 'Ycord would be a participant of the call, not a silent tap, and nobody has allowed that.',
	'media.none': 'Nothing of what was offered can be heard here.',
	'media.no-ports': 'All ports for sound were taken.',
	'access.stream-account': 'It is of another account than the one that was set.',
	'access.source-unknown': 'The address it came from may not bring calls here.',
};

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
