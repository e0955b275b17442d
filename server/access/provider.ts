import {
	allowInsecureRequests,
	authorizationCodeGrant,
	buildAuthorizationUrl,
	buildEndSessionUrl,
	ClientError,
	ClientSecretBasic,
	ClientSecretPost,
	Configuration,
	calculatePKCECodeChallenge,
	discovery,
	enableNonRepudiationChecks,
	fetchUserInfo,
	randomNonce,
	randomPKCECodeVerifier,
	randomState,
} from 'openid-client';
import { type Claims, personOf, providerPersonId } from '#server/access/claims.ts';
import type { ProviderConfig } from '#server/access/provider-settings.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** Signing in at an identity provider: authorization code with PKCE. (OpenID Connect Core 1.0, 3.1; RFC 7636) */
export interface IdentityProvider {
	/** Where the browser goes to sign in, and the state by which it is known again. Refuses with `access.provider-down`. */
	begin(): Promise<{ address: string; state: string }>;
	/**
	 * Who came back, by the address they came back to and the state that their browser kept. Refuses with
	 * `access.provider-down`, `access.provider-refused`, `access.no-role`, `access.no-team`.
	 */
	finish(cameBackTo: URL, state: string | undefined): Promise<{ person: Person; idToken: string }>;
	/** Where the browser goes to sign out there too; undefined where the provider has no such address, or cannot be reached. */
	end(idToken: string): Promise<string | undefined>;
}

export interface ProviderNeeds {
	provider: NonNullable<ProviderConfig['provider']>;
	/** Where browsers reach this server. */
	ownAddress: () => string;
	now: () => number;
	/** Something the provider said was not right: a constant word and codes, no personal data. */
	refused: (why: string) => void;
	/** Who signed in there and is nobody here any more: what they have open has to go. [I1] */
	lost: (personId: string) => void;
}

/** The page's path to which the provider sends people back, to be told to the provider. */
export const backPath = '/sign-in/provider/back';

/** Sign-ins under way; the oldest is forgotten for a new one beyond. [B1] */
const mostUnderWay = 1000;
/** How long somebody may take at the provider. */
const patienceMs = 10 * 60_000;
/** How long the provider may take to answer us. */
const timeoutSeconds = 10;

export function identityProvider({ provider, ownAddress, now, refused, lost }: ProviderNeeds): IdentityProvider {
	const underWay = new Map<string, { verifier: string; nonce: string; untilMs: number }>();
	let known: Promise<Configuration> | undefined;
	const configuration = async () => {
		known ??= discovered(provider);
		try {
			return await known;
		} catch (error) {
			// Asked again by whoever comes next.
			known = undefined;
			refused(wordOf(error));
			throw new Refusal('access.provider-down');
		}
	};
	const take = (state: string | undefined) => {
		const one = state === undefined ? undefined : underWay.get(state);
		if (state === undefined || !one) return undefined;
		underWay.delete(state);
		return one.untilMs > now() ? one : undefined;
	};

	const meant = (claims: Claims & { sub: string }) => {
		try {
			return personOf(claims, provider);
		} catch (error) {
			lost(providerPersonId(provider.issuer, claims.sub));
			throw error;
		}
	};

	return {
		async begin() {
			const config = await configuration();
			const [verifier, nonce, state] = [randomPKCECodeVerifier(), randomNonce(), randomState()];
			const [oldest] = underWay.keys();
			if (underWay.size >= mostUnderWay && oldest !== undefined) underWay.delete(oldest);
			underWay.set(state, { verifier, nonce, untilMs: now() + patienceMs });
			const address = buildAuthorizationUrl(config, {
				redirect_uri: `${ownAddress()}${backPath}`,
				scope: provider.scopes,
				code_challenge: await calculatePKCECodeChallenge(verifier),
				code_challenge_method: 'S256',
				state,
				nonce,
			});
			return { address: address.href, state };
		},
		async finish(cameBackTo, state) {
			const begun = take(state);
			if (!begun || state === undefined) throw new Refusal('access.provider-refused');
			const config = await configuration();
			try {
				const tokens = await authorizationCodeGrant(config, cameBackTo, {
					pkceCodeVerifier: begun.verifier,
					expectedNonce: begun.nonce,
					expectedState: state,
					idTokenExpected: true,
				});
				const claims = tokens.claims();
				if (!claims || !tokens.id_token) throw new Refusal('access.provider-refused');
				const asked = config.serverMetadata().userinfo_endpoint
					? await fetchUserInfo(config, tokens.access_token, claims.sub)
					: {};
				// What is signed wins over what is only told.
				return { person: meant({ ...asked, ...claims }), idToken: tokens.id_token };
			} catch (error) {
				if (error instanceof Refusal) throw error;
				refused(wordOf(error));
				throw new Refusal(isUnreachable(error) ? 'access.provider-down' : 'access.provider-refused');
			}
		},
		async end(idToken) {
			const config = await configuration().catch(() => undefined);
			if (!config?.serverMetadata().end_session_endpoint) return undefined;
			return buildEndSessionUrl(config, {
				id_token_hint: idToken,
				post_logout_redirect_uri: `${ownAddress()}/sign-in`,
			}).href;
		},
	};
}

/** What the provider says of itself, and how it wants to be shown our secret. */
async function discovered({ issuer, clientId, clientSecret }: ProviderNeeds['provider']): Promise<Configuration> {
	const execute = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
	const found = await discovery(new URL(issuer), clientId, undefined, undefined, { timeout: timeoutSeconds, execute });
	const server = found.serverMetadata();
	const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
	const show = ways.includes('client_secret_basic') ? ClientSecretBasic : ClientSecretPost;
	const config = new Configuration(server, clientId, { client_secret: clientSecret }, show(clientSecret));
	config.timeout = timeoutSeconds;
	// TLS says who answered; the signature says it once more, also where TLS ends before the provider.
	for (const one of [enableNonRepudiationChecks, ...execute]) one(config);
	return config;
}

/** The library's own code for what went wrong: constant, never what the provider or a person has said. */
const wordOf = (error: unknown) =>
	error instanceof ClientError
		? (error.code ?? 'client error')
		: error instanceof Error
			? String((error as { code?: unknown }).code ?? error.name)
			: 'unknown';

/** It did not answer, or not in time, which is nobody's fault at the keyboard. */
const isUnreachable = (error: unknown) =>
	(error instanceof TypeError && error.message === 'fetch failed') ||
	(error instanceof ClientError && error.code === 'OAUTH_TIMEOUT');
