import { connectionLost } from '#client/live/refused-here.ts';
import type { AgentMapping, Gateways, MapAgent, TestCallResult, UnmapAgent } from '#shared/gateways.ts';
import type { Role } from '#shared/people.ts';
import type { RefusalAnswer, RefusalCode } from '#shared/refusals.ts';
import type {
	ChoosePassword,
	FoundNotes,
	InvitationOpened,
	LineEnd,
	LineOpened,
	NoteHistory,
	NoteSearch,
	PasswordSignIn,
	People,
	SessionRecord,
	SignedIn,
	SignedOut,
	SignInWays,
	Welcome,
} from '#shared/rest.ts';
import type { SurveyChoices } from '#shared/survey.ts';
import type { ResultsQuery, SurveyResults } from '#shared/survey-results.ts';

/** The server said no, or (`connection.lost`, status 0) could not be reached. */
export class RestRefused extends Error {
	readonly code: RefusalCode;
	readonly retry: boolean;
	/** The HTTP status. */
	readonly status: number;
	constructor({ code, message, retry }: RefusalAnswer, status: number) {
		super(message);
		this.name = 'RestRefused';
		this.code = code;
		this.retry = retry;
		this.status = status;
	}
}

/** The part of `fetch` that is used. */
export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** Every question this client asks over HTTP; each rejects with `RestRefused`. */
export interface Rest {
	/** Trades a sign-in link's secret for a cookie. */
	signIn(secret: string): Promise<SignedIn>;
	signInWithPassword(given: PasswordSignIn): Promise<SignedIn>;
	/** What the link shows by which somebody chooses a password. */
	welcome(secret: string): Promise<Welcome>;
	/** Uses it up, and signs in. */
	choosePassword(chosen: ChoosePassword): Promise<SignedIn>;
	/** Signs this browser out in one role. */
	signOut(as: Role): Promise<SignedOut | null>;
	/** How people sign in here. */
	signInWays(): Promise<SignInWays>;
	/** Trades an invitation's secret for a seat. */
	openInvitation(secret: string): Promise<InvitationOpened>;
	/** The people of a role, for whoever is signed in as `as`. */
	people(role: Role, as?: Role): Promise<People>;
	/** What the customer of a call may be asked, for whoever is signed in as `as`. */
	surveyChoices(callId: string, as: Role): Promise<SurveyChoices>;
	/** Opens a browser line for the signed-in agent. */
	openLine(label: string): Promise<LineOpened>;
	/** What stands at the end of a line that a link leads to. */
	lineEnd(secret: string): Promise<LineEnd>;
	/** The notes that `search` finds among those that whoever is signed in as `as` may see. */
	findNotes(search: NoteSearch & { as: Role }): Promise<FoundNotes>;
	/** A whole session, as whoever is signed in as `as` may see it. */
	sessionRecord(callId: string, as: Role): Promise<SessionRecord>;
	/** What a note said, first to last, for whoever is signed in as `as`. */
	noteHistory(callId: string, noteId: string, as: Role): Promise<NoteHistory>;
	/** What came of surveys, of the calls that whoever is signed in as `as` may count. */
	surveyResults(query: ResultsQuery & { as: Role }): Promise<SurveyResults>;
	/** How every gateway stands; for administrators, as the rest below. */
	gateways(): Promise<Gateways>;
	/** Runs a known signal through a gateway; takes some seconds. */
	testCall(gateway: string): Promise<TestCallResult>;
	/** Whom platforms' names for agents mean. */
	agentMapping(): Promise<AgentMapping>;
	mapAgent(agent: MapAgent): Promise<AgentMapping>;
	unmapAgent(agent: UnmapAgent): Promise<AgentMapping>;
}

const administrator = 'as=administrator';
const patienceMs = 20_000;
const unclear: RefusalAnswer = {
	code: 'request.failed',
	message: 'Something went wrong on our side. It has been noted; try again.',
	retry: true,
};

/** A refusal of ours, or nothing: a proxy in between answers in its own words. */
const refusalIn = (answer: unknown): RefusalAnswer | undefined =>
	typeof answer === 'object' && answer !== null && 'code' in answer && 'message' in answer
		? (answer as RefusalAnswer)
		: undefined;

export function rest(fetch: Fetch): Rest {
	const call = async <Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> => {
		const headers: Record<string, string> = { accept: 'application/json' };
		// Another site's form cannot send this type without being asked first, so it is also what keeps those out.
		if (body) headers['content-type'] = 'application/json';
		const init = {
			method,
			headers,
			signal: AbortSignal.timeout(patienceMs),
			...(body && { body: JSON.stringify(body) }),
		};
		const response = await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' }).catch(() => {
			throw new RestRefused(connectionLost, 0);
		});
		const answer: unknown = response.status === 204 ? null : await response.json().catch(() => undefined);
		if (!response.ok || answer === undefined) throw new RestRefused(refusalIn(answer) ?? unclear, response.status);
		return answer as Answer;
	};
	return {
		signIn: (secret) => call('POST', '/api/sign-in', { secret }),
		signInWithPassword: (given) => call('POST', '/api/sign-in/password', given),
		welcome: (secret) => call('POST', '/api/welcome', { secret }),
		choosePassword: (chosen) => call('POST', '/api/welcome/password', chosen),
		signInWays: () => call('GET', '/api/sign-in/ways'),
		signOut: (as) => call('POST', `/api/sign-out?as=${as}`),
		openInvitation: (secret) => call('POST', '/api/invitations/open', { secret }),
		people: (role, as = 'agent') => call('GET', `/api/people?role=${role}&as=${as}`),
		surveyChoices: (callId, as) => call('GET', `/api/calls/${encodeURIComponent(callId)}/survey?as=${as}`),
		openLine: (label) => call('POST', '/api/lines?as=agent', { label }),
		lineEnd: (secret) => call('GET', `/api/lines/${encodeURIComponent(secret)}`),
		findNotes: (search) => call('GET', `/api/notes?${new URLSearchParams(search)}`),
		sessionRecord: (callId, as) => call('GET', `/api/calls/${encodeURIComponent(callId)}/record?as=${as}`),
		noteHistory: (callId, noteId, as) =>
			call('GET', `/api/calls/${encodeURIComponent(callId)}/notes/${encodeURIComponent(noteId)}/history?as=${as}`),
		surveyResults: (query) => call('GET', `/api/survey/results?${new URLSearchParams(query)}`),
		gateways: () => call('GET', `/api/gateways?${administrator}`),
		testCall: (gateway) => call('POST', `/api/gateways/${encodeURIComponent(gateway)}/test-call?${administrator}`),
		agentMapping: () => call('GET', `/api/gateways/agents?${administrator}`),
		mapAgent: (agent) => call('POST', `/api/gateways/agents?${administrator}`, agent),
		unmapAgent: (agent) => call('POST', `/api/gateways/agents/remove?${administrator}`, agent),
	};
}

export const {
	signIn,
	signInWithPassword,
	welcome,
	choosePassword,
	signOut,
	signInWays,
	openInvitation,
	people,
	surveyChoices,
	openLine,
	lineEnd,
	findNotes,
	sessionRecord,
	noteHistory,
	surveyResults,
	gateways,
	testCall,
	agentMapping,
	mapAgent,
	unmapAgent,
} = rest((path, init) => fetch(path, init));
