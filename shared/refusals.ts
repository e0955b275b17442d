/**
 * Every "no" Ycord says, by code: what was wrong, what would be right, the HTTP status where one is needed, and whether
 * the same request may succeed later. Texts are for people; `{…}` is filled in where it is refused.
 */
export const refusals = {
	'request.malformed': { status: 400, retry: false, text: 'This is not a message Ycord knows: {detail}.' },
	'request.too-large': { status: 413, retry: false, text: 'This message is larger than {detail}.' },
	'request.too-many': {
		status: 429,
		retry: true,
		text: 'That was too many requests at once. Wait a moment, then try again.',
	},
	'request.not-found': { status: 404, retry: false, text: 'There is nothing at this address.' },
	'request.wrong-origin': {
		status: 403,
		retry: false,
		text: 'This request came from another site. Open Ycord at its own address.',
	},
	'request.failed': {
		status: 500,
		retry: true,
		text: 'Something went wrong on our side. It has been noted; try again.',
	},
	'access.sign-in': { status: 401, retry: false, text: 'Sign in first: open your link again, or ask for a new one.' },
	'access.link-unknown': {
		status: 401,
		retry: false,
		text: 'This sign-in link is not valid (any more). Ask for a new one.',
	},
	'access.service-key': {
		status: 401,
		retry: false,
		text: 'This needs a service key in Authorization: Bearer, made by ycord service-keys; what was shown is none, or was taken away.',
	},
	'access.too-many-service-keys': {
		status: 409,
		retry: false,
		text: 'There are as many service keys as there can be: take one away first.',
	},
	'access.service-scope': {
		status: 403,
		retry: false,
		text: 'This service key may not ask for this: make one with the scope it needs.',
	},
	'access.wrong': {
		status: 401,
		retry: false,
		text: 'This name and this password do not sign in. Check both; whoever runs Ycord can give you a new link.',
	},
	'access.code-needed': { status: 401, retry: false, text: 'Now the code that your authenticator shows.' },
	'access.code-wrong': {
		status: 401,
		retry: false,
		text: 'This code does not fit, or was used already. Take the next one that your authenticator shows.',
	},
	'access.code-missing': {
		status: 403,
		retry: false,
		text: 'Here a code of an authenticator is needed too, and you have none yet. Ask whoever runs Ycord for a new link.',
	},
	'access.too-many-tries': {
		status: 429,
		retry: true,
		text: 'That was too many tries. Wait a minute, then try again.',
	},
	'access.busy': { status: 503, retry: true, text: 'Many people are signing in just now. Try again in a moment.' },
	'access.welcome-unknown': {
		status: 401,
		retry: false,
		text: 'This link is not valid (any more): it works once, within a day. Ask whoever runs Ycord for a new one.',
	},
	'access.password-weak': { status: 400, retry: false, text: '{detail}' },
	'access.provider-down': {
		status: 503,
		retry: true,
		text: 'The identity provider cannot be reached right now. Try again in a moment, or sign in with a password.',
	},
	'access.provider-refused': {
		status: 401,
		retry: false,
		text: 'The identity provider did not sign you in, or its answer did not fit. Begin again.',
	},
	'access.no-role': {
		status: 403,
		retry: false,
		text: 'The identity provider knows you, and you have no role in Ycord. Ask whoever runs Ycord for one.',
	},
	'access.no-team': {
		status: 403,
		retry: false,
		text: 'The identity provider knows you, and names no team of yours. Ask whoever runs Ycord to look at it.',
	},
	'access.shut-out': { status: 403, retry: false, text: 'You may not sign in here any more. Ask whoever runs Ycord.' },
	'people.exists': { status: 409, retry: false, text: 'Somebody has the id {detail} already.' },
	'people.unknown': { status: 404, retry: false, text: 'Nobody here has the id {detail}.' },
	'people.listed': {
		status: 409,
		retry: false,
		text: '{detail} is listed in the people’s file (YCORD_PEOPLE), and is changed there.',
	},
	'people.by-provider': {
		status: 409,
		retry: false,
		text: '{detail} signs in at the identity provider, and is changed there.',
	},
	'people.too-many': { status: 409, retry: false, text: 'There are {detail} people, which is the limit.' },
	'access.signature-missing': { status: 401, retry: false, text: 'This request is not signed by the phone platform.' },
	'access.signature-wrong': {
		status: 403,
		retry: false,
		text: 'The signature does not fit: check the auth token, and that YCORD_PUBLIC_URL is the address the platform was given.',
	},
	'access.key-missing': {
		status: 401,
		retry: false,
		text: 'The platform shows no key: give it {detail}.',
	},
	'access.key-wrong': { status: 403, retry: false, text: 'The key does not fit: check {detail}.' },
	'access.stream-unexpected': {
		status: 403,
		retry: false,
		text: 'Nobody waits for this stream: its token is unknown, expired, of another call, or was used before.',
	},
	'access.stream-account': {
		status: 403,
		retry: false,
		text: 'This is of another account than the one that was set: {detail}.',
	},
	'access.unproven': {
		status: 401,
		retry: false,
		text: 'Nothing shows that this comes from the phone platform: check key, secret and clocks, and that YCORD_PUBLIC_URL is the address it was given.',
	},
	'access.source-unknown': {
		status: 403,
		retry: false,
		text: 'This address may not bring calls here: add it to {detail}.',
	},
	'gateway.audible': {
		status: 403,
		retry: false,
		text: 'Ycord would be a participant of this call, not a silent tap. Set {detail} to true to allow that.',
	},
	'media.none': { status: 415, retry: false, text: 'Nothing of what was offered can be heard here: {detail}.' },
	'media.no-ports': {
		status: 503,
		retry: true,
		text: 'All ports for sound are taken: wait, or give more of them in {detail}.',
	},
	'access.denied': { status: 403, retry: false, text: '{detail}' },
	'call.unknown': { status: 404, retry: false, text: 'There is no such call, or it is not yours to see.' },
	'call.ended': { status: 409, retry: false, text: 'The call has ended.' },
	'call.erased': { status: 410, retry: false, text: 'What was personal in this call has been erased.' },
	'call.exists': { status: 409, retry: false, text: 'A call with this id is already on the line.' },
	'call.not-now': { status: 409, retry: false, text: 'Not possible while the call is {detail}.' },
	'call.silent-unrecorded': {
		status: 503,
		retry: true,
		text: 'Nobody hears the call now, but that could not be put on record. It stays silent; protect it again.',
	},
	'call.unknown-agent': {
		status: 404,
		retry: false,
		text: 'Nobody here is the agent “{detail}”. A call without a known agent cannot be listened to.',
	},
	'policy.nobody': { status: 403, retry: false, text: 'By the policy of this queue nobody may listen to this call.' },
	'policy.listener': {
		status: 403,
		retry: false,
		text: 'By the policy of this queue only certain people may listen to this call, and this is none of them.',
	},
	'policy.full': {
		status: 409,
		retry: true,
		text: 'As many listen to this call as the policy of its queue allows. Try again when somebody has left.',
	},
	'call.disclosure-missing': {
		status: 409,
		retry: false,
		text: 'The disclosure this call needs is not on record yet.',
	},
	'gateway.unknown': { status: 404, retry: false, text: 'There is no such gateway.' },
	'gateway.no-test': {
		status: 409,
		retry: false,
		text: 'No test call can be made: {detail} is not set up, or has none.',
	},
	'gateway.testing': { status: 409, retry: true, text: 'A test call is on already. Wait until it is over.' },
	'gateway.too-many-agents': { status: 409, retry: false, text: '{detail} agents are mapped, which is the limit.' },
	'gateway.not-agent': { status: 400, retry: false, text: 'Nobody here is the agent “{detail}”.' },
	'invitation.unknown': {
		status: 404,
		retry: false,
		text: 'This invitation is not valid. Ask the agent for a new link.',
	},
	'invitation.used': {
		status: 409,
		retry: false,
		text: 'This invitation was already opened in another browser. Ask the agent for a new link.',
	},
	'invitation.expired': {
		status: 410,
		retry: false,
		text: 'This invitation has expired. Ask the agent for a new link.',
	},
	'invitation.withdrawn': { status: 410, retry: false, text: 'The agent has withdrawn this invitation.' },
	'invitation.exists': { status: 409, retry: false, text: '{detail} is already invited to this call.' },
	'invitation.unknown-executive': { status: 404, retry: false, text: 'Nobody here is the executive “{detail}”.' },
	'listening.unknown': { status: 404, retry: false, text: 'There is no such listening, or it is not yours.' },
	'listening.not-now': { status: 409, retry: false, text: 'Not possible: this listening is {detail}.' },
	'listening.removed': { status: 403, retry: false, text: 'A supervisor has ended your listening to this call.' },
	'listening.too-many': {
		status: 409,
		retry: false,
		text: 'This call has had {detail} listenings, which is the limit.',
	},
	'listening.full': {
		status: 503,
		retry: true,
		text: 'Ycord is full right now. Those already listening are not disturbed; try again shortly.',
	},
	'note.lane': {
		status: 403,
		retry: false,
		text: 'A {detail} note cannot be written here: agents write to the team or privately, and an answer goes to no more people than what it answers.',
	},
	'note.unknown': { status: 404, retry: false, text: 'There is no such note, or it is not yours to see.' },
	'note.not-yours': { status: 403, retry: false, text: 'Only the author of a note may do this.' },
	'note.own': { status: 409, retry: false, text: 'This is your own note.' },
	'note.deleted': { status: 409, retry: false, text: 'The note has been deleted.' },
	'note.one-level': {
		status: 409,
		retry: false,
		text: 'This note is an answer itself. Answer the note it belongs to.',
	},
	'note.narrower': {
		status: 409,
		retry: false,
		text: 'A note can be shown to more people, never to fewer: they may have seen it. This one is for {detail} already.',
	},
	'note.link': {
		status: 409,
		retry: false,
		text: 'A note is linked to a pinhole or a suggestion that its author may see.',
	},
	'note.too-many-links': { status: 409, retry: false, text: 'This note has {detail} links, which is the limit.' },
	'note.too-many-edits': {
		status: 409,
		retry: false,
		text: 'This note was changed {detail} times, which is the limit.',
	},
	'note.empty': { status: 400, retry: false, text: 'The note has no text.' },
	'note.card-number': {
		status: 422,
		retry: false,
		text: 'The note carries what looks like a card number. Take the digits out.',
	},
	'text.card-number': {
		status: 422,
		retry: false,
		text: 'This text carries what looks like a card number. Take the digits out.',
	},
	'note.id-taken': {
		status: 409,
		retry: false,
		text: 'Another note has this id already. Send it again under a new one.',
	},
	'note.too-many': { status: 409, retry: false, text: 'This session has {detail} notes, which is the limit.' },
	'survey.not-now': { status: 409, retry: false, text: 'Not possible: the survey is {detail}.' },
	'survey.unknown': { status: 404, retry: false, text: 'There is no such survey in this call.' },
	'survey.exists': { status: 409, retry: false, text: 'This survey was offered already.' },
	'survey.script-unknown': {
		status: 404,
		retry: false,
		text: 'There is no such script for this queue in that language.',
	},
	'survey.nobody': {
		status: 409,
		retry: false,
		text: 'The customer is told who comes on the line, and no executive is listening. Wait for one, or invite one.',
	},
	'survey.another-executive': { status: 403, retry: false, text: 'This is {detail}’s to do.' },
	'survey.not-listening': {
		status: 409,
		retry: false,
		text: 'Listen to the call first: without its sound you would not hear the customer.',
	},
	'survey.cannot': { status: 409, retry: false, text: 'This phone platform cannot bring you on the line: {detail}.' },
	'survey.protected': { status: 409, retry: false, text: 'The call is protected. Wait until it is not.' },
	'survey.silent-unrecorded': {
		status: 503,
		retry: true,
		text: 'The customer does not hear the executive any more, but that could not be put on record. Press it again.',
	},
	'survey.question-unknown': { status: 404, retry: false, text: 'This question is not in the script.' },
	'survey.answer': { status: 400, retry: false, text: 'This is not an answer to that question; expected {detail}.' },
	'platform.denied': {
		status: 502,
		retry: false,
		text: 'The phone platform does not accept Ycord’s key. Whoever runs Ycord has to look at it.',
	},
	'platform.call-over': { status: 409, retry: false, text: 'The phone platform says that this call is over.' },
	'platform.busy': { status: 503, retry: true, text: 'The phone platform is busy. Try again in a moment.' },
	'platform.unreachable': {
		status: 503,
		retry: true,
		text: 'The phone platform did not answer, so it may have done it or not. Look, then try again.',
	},
	'platform.refused': { status: 502, retry: true, text: 'The phone platform would not do it ({detail}).' },
	'platform.no-line': { status: 503, retry: true, text: 'The phone platform did not bring the line in time.' },
	'platform.no-transfer': {
		status: 503,
		retry: true,
		text: 'The customer was not handed over in time: {detail}.',
	},
	'search.empty': { status: 400, retry: false, text: 'Say what to look for: words, a tag or a kind.' },
	'search.unavailable': {
		status: 503,
		retry: true,
		text: 'Notes cannot be searched right now. They are all there; try again in a moment.',
	},
	'results.unavailable': {
		status: 503,
		retry: true,
		text: 'Results cannot be counted right now. They are all there; try again in a moment.',
	},
	'call.full': { status: 503, retry: true, text: 'This server carries as many calls as it can ({detail}).' },
	'call.too-many-waiting': {
		status: 503,
		retry: true,
		text: 'As many connections as may ({detail}) have been opened here and say nothing. Try again shortly.',
	},
	'line.unknown': { status: 404, retry: false, text: 'This line is not open (any more). Ask for a new link.' },
	'line.taken': { status: 409, retry: false, text: 'Somebody is already on this end of the line.' },
	'wav.unreadable': { status: 400, retry: false, text: '{detail}' },
	'journal.conflict': { status: 409, retry: true, text: 'Somebody else changed this first. Try again.' },
	'journal.full': {
		status: 503,
		retry: true,
		text: 'More is being recorded right now than the disk can take. Try again in a moment.',
	},
	'journal.unavailable': {
		status: 503,
		retry: true,
		text: 'This could not be put on record, or not be read from it. It was not done; try again.',
	},
	'journal.unsure': {
		status: 503,
		retry: true,
		text: 'The record was lost in the middle and did not say whether this is on it. Look, then try again.',
	},
	'connection.lost': { status: 503, retry: true, text: 'The connection was lost before the answer came. Try again.' },
	'server.draining': { status: 503, retry: true, text: 'This server is about to restart. Try again in a moment.' },
} as const satisfies Record<string, { status: number; retry: boolean; text: string }>;
export type RefusalCode = keyof typeof refusals;

/** A named no. `detail` fills the text's gap and must never hold personal text or secrets. */
export class Refusal extends Error {
	readonly code: RefusalCode;
	readonly detail: string | undefined;
	constructor(code: RefusalCode, detail?: string) {
		super(refusals[code].text.replace('{detail}', detail ?? ''));
		this.name = 'Refusal';
		this.code = code;
		this.detail = detail;
	}
}

/** A refusal as it goes over the wire, in HTTP answers and on the live socket alike. */
export interface RefusalAnswer {
	code: RefusalCode;
	message: string;
	/** Whether the same request may succeed later. */
	retry: boolean;
}

/** What is told of an error: a refusal as it is, anything else only as "something went wrong". */
export function refusalAnswer(error: unknown): RefusalAnswer {
	const refusal = error instanceof Refusal ? error : new Refusal('request.failed');
	return { code: refusal.code, message: refusal.message, retry: refusals[refusal.code].retry };
}
