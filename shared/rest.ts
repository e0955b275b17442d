import { type Static, Type } from 'typebox';
import { secretPattern } from '#shared/ids.ts';
import { Person, Role } from '#shared/people.ts';

const strict = { additionalProperties: false };

/** POST /api/sign-in: a sign-in link's secret for a cookie. */
export const SignIn = Type.Object({ secret: Type.String({ pattern: secretPattern }) }, strict);
export const SignedIn = Type.Object({ person: Person, demo: Type.Boolean() });
export type SignedIn = Static<typeof SignedIn>;

/** POST /api/invitations/open: an invitation's secret for a seat. */
export const InvitationOpened = Type.Object({
	person: Person,
	listeningId: Type.String(),
	callId: Type.String(),
	demo: Type.Boolean(),
});
export type InvitationOpened = Static<typeof InvitationOpened>;

/** GET /api/people?role=executive: who can be invited. */
export const PeopleQuery = Type.Object({ role: Role }, strict);
export const People = Type.Object({ people: Type.Array(Person) });
export type People = Static<typeof People>;

/** POST /api/lines: opens a browser line for the signed-in agent; the paths are shown once. */
export const LineOpened = Type.Object({ callId: Type.String(), agentPath: Type.String(), customerPath: Type.String() });
export type LineOpened = Static<typeof LineOpened>;
/** POST /api/lines body: how the call is labelled on screen. */
export const OpenLine = Type.Object({ label: Type.String({ minLength: 1, maxLength: 60 }) }, strict);
/** GET /api/lines/:secret: what the page of a line's end says before the microphone is asked for. */
export const LineEnd = Type.Object({
	end: Type.Enum(['customer', 'agent']),
	label: Type.String(),
	agentName: Type.String(),
	taken: Type.Boolean(),
});
export type LineEnd = Static<typeof LineEnd>;
