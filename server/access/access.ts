import type { Accounts } from '#server/access/accounts.ts';

/** What a sign-in link is minted with. Times are server time, ms since 1970. */
export interface LinkTerms {
	nowMs: number;
	expiresAtMs: number;
	/** Signs in once and is then used up; without it the link is good until it expires or is revoked. */
	once?: boolean;
}

/** How long a browser session lasts, in server time, ms since 1970. */
export interface SessionTerms {
	nowMs: number;
	expiresAtMs: number;
}

/**
 * Who holds which key to the house: sign-in links and browser sessions. Kept apart from the journal, where nothing can
 * be taken back. A secret is given out once, when it is made, and only its SHA-256 is kept. What is asked with a secret
 * that is unknown, expired, used up or revoked is answered alike, with `undefined`.
 */
export interface Access {
	/** A new link's secret, 256 random bits as base64url. */
	mintLink(personId: string, terms: LinkTerms): string;
	/** Whose link this is, while it is good. */
	useLink(secret: string, nowMs: number): string | undefined;
	/** Ends all sign-in links of a person; the sessions they opened stay. */
	revokeLinks(personId: string): void;
	/** A new secret by which a person chooses a password, once. */
	mintWelcome(personId: string, terms: Omit<LinkTerms, 'once'>): string;
	/** Whose it is, while it is good; it stays so. */
	welcome(secret: string, nowMs: number): string | undefined;
	/** The same, and it is used up. */
	useWelcome(secret: string, nowMs: number): string | undefined;
	revokeWelcomes(personId: string): void;
	/** A new browser session's secret, for its cookie. */
	openSession(personId: string, terms: SessionTerms): string;
	/** The browser session that a cookie opens, while it lasts. */
	session(cookieSecret: string, nowMs: number): BrowserSession | undefined;
	/** Whose it is. */
	personOf(cookieSecret: string, nowMs: number): string | undefined;
	/** Signs one browser out; a session that is not there is as good as ended. */
	endSession(cookieSecret: string): void;
	/** Signs a person out everywhere. */
	endSessions(personId: string): void;
	/** Tells the ids of sessions that have ended before their time, once they have. Gives back what stops telling. */
	onEnded(tell: (sessionIds: readonly string[]) => void): () => void;
	/** People who sign in with a password. */
	readonly accounts: Accounts;
	/** Whom platforms' names for agents mean. */
	readonly agents: MappedAgents;
	/** What other programs show when they ask. */
	readonly services: ServiceKeys;
	close(): void;
}

/** What a service key may be for. */
export const serviceScopes = ['protection', 'metrics'] as const;
export type ServiceScope = (typeof serviceScopes)[number];

/** A service key as it may be shown: never the key. */
export interface ServiceKey {
	id: number;
	/** Of the program that has it; two keys may have one name while one follows the other. */
	name: string;
	scopes: ServiceScope[];
	madeMs: number;
	/** When it was last shown, to the minute; undefined: never. */
	usedMs?: number;
}

/** Keys of other programs. Kept as hashes; a key is given out once, when it is made. */
export interface ServiceKeys {
	/** Refuses with `access.too-many-service-keys`. */
	make(name: string, scopes: readonly ServiceScope[], nowMs: number): string;
	/** Whose key this is. */
	use(key: string, nowMs: number): ServiceKey | undefined;
	all(): ServiceKey[];
	/** Whether there was such a key; it is good for nothing from that moment on. */
	remove(id: number): boolean;
}

/** Service keys at a time. [B1] */
export const maxServiceKeys = 200;

/** One browser's session. The id names it and opens nothing. */
export interface BrowserSession {
	id: string;
	personId: string;
	expiresAtMs: number;
}

/** That a gateway's name for an agent means a person, and who said so when. */
export interface MappedAgent {
	gateway: string;
	name: string;
	personId: string;
	byId: string;
	atMs: number;
}

/** What the administrator says of platforms' names for agents. Names are compared letter by letter. */
export interface MappedAgents {
	/** In place of what was said of this name before. Refuses with `gateway.too-many-agents`. */
	map(agent: MappedAgent): void;
	/** Whether there was such a name. */
	unmap(gateway: string, name: string): boolean;
	personOf(gateway: string, name: string): string | undefined;
	/** All of them, by gateway and name. */
	all(): MappedAgent[];
}

/** Names that can be mapped, of all gateways. [B1] */
export const maxMappedAgents = 5000;

/** Links and sessions one person can have at a time; a new one beyond ends the person's own oldest. [B1] */
export const maxPerPerson = 100;
