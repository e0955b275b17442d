import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Access } from '#server/access/access.ts';
import { backPath, type IdentityProvider } from '#server/access/provider.ts';
import type { Identity } from '#server/http/identity.ts';
import { noUpgrade } from '#server/http/no-upgrade.ts';
import type { Tries } from '#server/http/tries.ts';
import { Refusal, refusalAnswer } from '#shared/refusals.ts';
import { SignInWays } from '#shared/rest.ts';

export interface ProviderRouteNeeds {
	/** Undefined where none is set. */
	provider: IdentityProvider | undefined;
	access: Access;
	identity: Identity;
	tries: Tries;
	ownAddress: () => string;
	now: () => number;
	secure: boolean;
}

/** Binds a sign-in that is under way to the browser that began it. [I5] */
const stateCookie = (secure: boolean) => `${secure ? '__Host-' : ''}ycord-provider`;

/** There to the identity provider and back. What goes wrong ends on the sign-in page, which says so. */
export const providerRoutes: FastifyPluginAsyncTypebox<ProviderRouteNeeds> = async (app, needs) => {
	const { provider, access, identity, tries, ownAddress, now, secure } = needs;
	app.addHook('onRequest', noUpgrade);
	app.get('/api/sign-in/ways', { schema: { response: { 200: SignInWays } } }, async () => ({
		provider: provider !== undefined,
	}));
	if (!provider) return;

	const cookie = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
	const orSay = async (reply: FastifyReply, work: () => Promise<string>) => {
		let to: string;
		try {
			to = await work();
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			to = `/sign-in?refused=${refusalAnswer(error).code}`;
		}
		return reply.header('cache-control', 'no-store').redirect(to, 303);
	};

	app.get('/sign-in/provider', async (request, reply) =>
		orSay(reply, async () => {
			tries.byAddress(request.ip);
			const { address, state } = await provider.begin();
			reply.setCookie(stateCookie(secure), state, { ...cookie, maxAge: 600 });
			return address;
		}),
	);

	// Whatever the provider adds, for its own use or a later version's, is the library's to judge.
	const query = Type.Record(Type.String(), Type.Unknown());
	app.get(backPath, { schema: { querystring: query } }, async (request, reply) =>
		orSay(reply, async () => {
			tries.byAddress(request.ip);
			const state = request.cookies[stateCookie(secure)];
			reply.clearCookie(stateCookie(secure), cookie);
			const { person, idToken } = await provider.finish(new URL(request.url, ownAddress()), state);
			if (!access.accounts.fromProvider(person, now())) throw new Refusal('access.shut-out');
			identity.remember(reply, person, idToken);
			request.log.info({ personId: person.id }, 'signed in by the identity provider');
			return `/sign-in?as=${person.role}`;
		}),
	);
};
