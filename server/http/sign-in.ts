import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Access } from '#server/access/access.ts';
import type { People } from '#server/access/people.ts';
import type { IdentityProvider } from '#server/access/provider.ts';
import type { Ask } from '#server/ask.ts';
import type { Identity } from '#server/http/identity.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import type { SessionView } from '#server/projections/session-view.ts';
import type { Sessions } from '#server/projections/sessions.ts';
import { OpenInvitation } from '#shared/call.ts';
import { Role } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';
import { InvitationOpened, People as PeopleList, SignedIn, SignedOut, SignIn } from '#shared/rest.ts';

/** What signing in needs. */
export interface SignInNeeds {
	access: Access;
	people: People;
	identity: Identity;
	sessions: Sessions;
	ask: Ask;
	hashOf: (secret: string) => string;
	now: () => number;
	/** Nobody else can listen just now: then an invitation stays as it is, to be opened a little later. [B2] */
	full: () => boolean;
	demo: boolean;
	/** Where people may have signed in who sign out here. */
	provider: Pick<IdentityProvider, 'end'> | undefined;
}

/** Links become people here: sign-in links, invitation links, and whom an agent can invite. */
export const signIn: FastifyPluginAsyncTypebox<SignInNeeds> = async (app, needs) => {
	const { access, people, identity, sessions, ask, hashOf, now, full, demo, provider } = needs;
	app.addHook('onRequest', noUpgrade);
	app.addHook('onRequest', async (request) => identity.mustBeOurs(request));

	app.post('/api/sign-in', { schema: { body: SignIn, response: { 200: SignedIn } } }, async (request, reply) => {
		const personId = access.useLink(request.body.secret, now());
		const person = personId === undefined ? undefined : people.find(personId);
		if (!person) throw new Refusal('access.link-unknown');
		identity.remember(reply, person);
		return { person, demo };
	});

	const asRole = Type.Object({ as: Role }, { additionalProperties: false });
	const signedOut = { 200: SignedOut, 204: Type.Null() };
	app.post('/api/sign-out', { schema: { querystring: asRole, response: signedOut } }, async (request, reply) => {
		const idToken = identity.forget(request, reply, request.query.as);
		const onwards = idToken === undefined ? undefined : await provider?.end(idToken);
		return onwards === undefined ? reply.code(204).send(null) : { onwards };
	});

	/**
	 * The secret is the credential and works once: it signs this browser in as the person invited. In a browser where that
	 * person is signed in already, opening it again leads to the same seat (a reload, a second click in a mail).
	 */
	app.post(
		'/api/invitations/open',
		{ schema: { body: OpenInvitation, response: { 200: InvitationOpened } } },
		async (request, reply) => {
			const found = sessions.invitation(hashOf(request.body.secret));
			if (!found) throw new Refusal('invitation.unknown');
			const { session, listeningId } = found;
			const personId = session.listenings.get(listeningId)?.personId ?? '';
			const person = people.find(personId);
			if (!person) throw new Refusal('invitation.unknown');
			const seat = { person, listeningId, callId: session.callId, demo };
			const already = identity.signedInAs(request, person);
			await accept(session, listeningId, person.id, already);
			if (!already) identity.remember(reply, person);
			return seat;
		},
	);

	async function accept(session: SessionView, listeningId: string, personId: string, already: boolean) {
		const { at } = session.listenings.get(listeningId) ?? {};
		if (at === 'removed') throw new Refusal('listening.removed');
		if (at === 'withdrawn') throw new Refusal('invitation.withdrawn');
		if (at === 'declined') throw new Refusal('listening.not-now', at);
		if (already && at !== 'invited') return;
		if (at === 'invited' && full()) throw new Refusal('listening.full');
		const accepted = await ask.house(personId, session.callId, {
			of: 'listening',
			listeningId,
			command: { type: 'accept-invitation', nowMs: now() },
		});
		if (accepted.length === 0 && !already) throw new Refusal('invitation.used');
	}

	// Whom an agent can invite, and nobody else: a list of colleagues is nobody's business.
	const query = Type.Object({ as: Role, role: Type.Literal('executive') }, { additionalProperties: false });
	app.get('/api/people', { schema: { querystring: query, response: { 200: PeopleList } } }, async (request) => {
		identity.mustBe(request, ['agent']);
		return { people: people.withRole(request.query.role) };
	});
};
