import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access, BrowserSession } from '#server/access/access.ts';
import type { People } from '#server/access/people.ts';
import type { SessionEnds } from '#server/access/session-ends.ts';
import { personLimit } from '#server/http/person-limit.ts';
import { callRoles, type Person, type Role, roles } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** Who asks, and how a browser is told to remember it. */
export interface Identity {
	/** The person signed in on this browser in the role in calls that `?as=` names; undefined if there is none. */
	who(request: FastifyRequest): Person | undefined;
	/**
	 * The person in the role that `?as=` names, refusing with `access.sign-in`, and with `access.denied` for a role that may
	 * not. Whoever takes part in calls may, unless said; an administrator only where it is said.
	 */
	mustBe(request: FastifyRequest, allowed?: readonly Role[]): Person;
	/** Whether this browser is signed in as just this person. */
	signedInAs(request: FastifyRequest, person: Person): boolean;
	/** Calls `ended` once when this browser is not signed in as this person any more [I1]. Gives back what stops following. */
	follow(request: FastifyRequest, person: Person, ended: () => void): () => void;
	/** Signs this browser in; with what an identity provider gave, to sign out there. Refuses with `request.too-many` who does so again and again. */
	remember(reply: FastifyReply, person: Person, idToken?: string): void;
	/** Signs this browser out in a role; gives back what an identity provider gave when it was signed in. */
	forget(request: FastifyRequest, reply: FastifyReply, role: Role): string | undefined;
	/** Refuses with `request.wrong-origin` what a page of another site sent. */
	mustBeOurs(request: FastifyRequest): void;
}

/** How long a browser stays signed in. */
export const sessionMs = 12 * 60 * 60_000;

/**
 * How often one person can be signed in. Each time waits for the disk, and everybody's sound waits with it: whoever has a
 * link that is good for long must not make it stutter. [B2]
 */
const signInsPerSecond = 1;
const signInBurst = 30;

/**
 * A cookie a role, so that one browser can be agent, executive and supervisor in three tabs without mixing them up. Under
 * https it bears the prefix that keeps other hosts of the same domain from setting it. (RFC 6265bis, 4.1.3.2) [I2]
 */
const cookieOf = (role: Role, secure: boolean) => `${secure ? '__Host-' : ''}ycord-${role}`;

/** ID tokens kept for signing out; the oldest gives way. [B1] */
const mostIdTokens = 5000;

/** What identity needs. `origins` are the addresses our own pages are served from. */
export interface IdentityNeeds {
	access: Access;
	ends: SessionEnds;
	people: People;
	now: () => number;
	origins: () => readonly string[];
	secure: boolean;
}

export function identity({ access, ends, people, now, origins, secure }: IdentityNeeds): Identity {
	const sessionIn = (request: FastifyRequest, role: Role): BrowserSession | undefined => {
		const secret = request.cookies[cookieOf(role, secure)];
		return secret ? access.session(secret, now()) : undefined;
	};
	const inRole = (request: FastifyRequest, role: Role | undefined) => {
		const session = role && sessionIn(request, role);
		const person = session && people.find(session.personId);
		return person?.role === role ? person : undefined;
	};
	/** In memory only: they are personal, and after a restart whoever signs out here is still signed in there. [B1] */
	const idTokens = new Map<string, string>();
	const keepToken = (secret: string, idToken: string) => {
		const [oldest] = idTokens.keys();
		if (idTokens.size >= mostIdTokens && oldest !== undefined) idTokens.delete(oldest);
		idTokens.set(secret, idToken);
	};
	const forgetIn = (request: FastifyRequest, role: Role) => {
		const secret = request.cookies[cookieOf(role, secure)];
		if (!secret) return undefined;
		access.endSession(secret);
		const idToken = idTokens.get(secret);
		idTokens.delete(secret);
		return idToken;
	};
	const cookie = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
	const limit = personLimit(signInsPerSecond, signInBurst, now);
	const asked = (request: FastifyRequest, among: readonly Role[]) =>
		inRole(
			request,
			among.find((one) => one === (request.query as { as?: unknown }).as),
		);
	return {
		who: (request) => asked(request, callRoles),
		mustBe(request, allowed = callRoles) {
			const person = asked(request, roles);
			if (!person) throw new Refusal('access.sign-in');
			if (!allowed.includes(person.role))
				throw new Refusal(
					'access.denied',
					`Only ${allowed.join(' or ')} may do this; you are signed in as ${person.role}.`,
				);
			return person;
		},
		signedInAs: (request, person) => inRole(request, person.role)?.id === person.id,
		follow(request, person, ended) {
			const session = sessionIn(request, person.role);
			if (session?.personId === person.id) return ends.follow(session, ended);
			ended();
			return () => {};
		},
		remember(reply, person, idToken) {
			limit(person);
			// Whoever was signed in here in this role has left this browser: nobody sees on as them.
			const before = sessionIn(reply.request, person.role);
			if (before && before.personId !== person.id) forgetIn(reply.request, person.role);
			const secret = access.openSession(person.id, { nowMs: now(), expiresAtMs: now() + sessionMs });
			if (idToken !== undefined) keepToken(secret, idToken);
			reply.setCookie(cookieOf(person.role, secure), secret, { ...cookie, maxAge: sessionMs / 1000 });
		},
		forget(request, reply, role) {
			reply.clearCookie(cookieOf(role, secure), cookie);
			return forgetIn(request, role);
		},
		mustBeOurs(request) {
			const { origin } = request.headers;
			// A browser always names the page's origin here; a program that is not a browser names none and has no cookies to steal.
			if (origin !== undefined && !origins().includes(origin)) throw new Refusal('request.wrong-origin');
		},
	};
}
