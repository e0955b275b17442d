import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { onTestFinished } from 'vitest';

/** What a claim is changed to before the ID token is signed again by the provider's own key. */
export type Forge = (claims: Record<string, unknown>) => Record<string, unknown>;

export const oidcClient = { clientId: 'ycord', clientSecret: 'a-secret-of-the-provider' } as const;

/**
 * A real identity provider on this machine, of one client. Whoever comes to sign in is signed in as `person` at once, and
 * is asked nothing; what its ID token says can be forged.
 */
export async function oidcPeer(claims: Record<string, unknown> = {}, port = 0) {
	const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
	const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
	const peer = {
		sub: 'subject-1',
		claims: { name: 'Olga Orders', groups: ['line-leads'], team: 'Orders', ...claims } as Record<string, unknown>,
		forge: undefined as Forge | undefined,
		/** What is forged is signed by a key that is not the provider's. */
		signsWrongly: false,
		/** The paths that were asked for. */
		asked: [] as string[],
	};
	let answer: (request: never, response: never) => void = () => {};
	const server = createServer((request, response) => {
		peer.asked.push((request.url ?? '').split('?')[0] ?? '');
		if (request.url?.startsWith('/token') && peer.forge) forged(response, peer.forge);
		if (!request.url?.startsWith('/interaction/')) return answer(request as never, response as never);
		void provider.interactionFinished(request, response, { login: { accountId: peer.sub } });
	});
	await new Promise<void>((open) => server.listen(port, '127.0.0.1', open));
	const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

	function forged(response: ServerResponse, forge: Forge) {
		const end = response.end.bind(response) as (text?: unknown) => ServerResponse;
		response.end = ((text: unknown) => {
			const body = JSON.parse(String(text));
			if (!body.id_token) return end(text);
			const [head = '', middle = ''] = String(body.id_token).split('.');
			const said = forge(JSON.parse(Buffer.from(middle, 'base64url').toString()));
			const signed = `${head}.${Buffer.from(JSON.stringify(said)).toString('base64url')}`;
			body.id_token = `${signed}.${sign('sha256', Buffer.from(signed), peer.signsWrongly ? other : privateKey).toString('base64url')}`;
			const again = JSON.stringify(body);
			response.setHeader('content-length', Buffer.byteLength(again));
			return end(again);
		}) as ServerResponse['end'];
	}

	let back: string[] = [];
	let provider: Provider;
	const peerOf = (address: string) => {
		back = [`${address}/sign-in/provider/back`];
		provider = new Provider(issuer, {
			clients: [
				{
					client_id: oidcClient.clientId,
					client_secret: oidcClient.clientSecret,
					redirect_uris: back,
					post_logout_redirect_uris: [`${address}/sign-in`],
				},
			],
			jwks: { keys: [jwk] },
			ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
			cookies: { keys: ['a key for the tests'] },
			claims: { openid: ['sub'], profile: ['name', 'groups', 'team'] },
			pkce: { required: () => true },
			features: { devInteractions: { enabled: false } },
			interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
			findAccount: (_context: unknown, sub: string) => ({
				accountId: sub,
				claims: () => ({ sub, ...peer.claims }),
			}),
			async loadExistingGrant(context: { oidc: { client: { clientId: string }; session: { accountId: string } } }) {
				const { client, session } = context.oidc;
				const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
				grant.addOIDCScope('openid profile');
				await grant.save();
				return grant;
			},
		});
		answer = provider.callback() as typeof answer;
	};
	const close = () =>
		new Promise<void>((closed) => {
			server.close(() => closed());
			server.closeAllConnections();
		});
	onTestFinished(close);
	return Object.assign(peer, {
		issuer,
		port: (server.address() as AddressInfo).port,
		/** Says where people are sent back to: known once the house listens. */
		peerOf,
		close,
	});
}

/** A browser without pages: follows redirects with a jar of cookies for each host, one step after the other. */
export function wanderer() {
	const jar = new Map<string, Map<string, string>>();
	const step = async (address: string) => {
		const { host } = new URL(address);
		const own = jar.get(host) ?? new Map<string, string>();
		jar.set(host, own);
		const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ');
		const answer = await fetch(address, { redirect: 'manual', headers: { cookie } });
		for (const line of answer.headers.getSetCookie()) {
			const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
			if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(line)) own.delete(name);
			else own.set(name, value);
		}
		return answer;
	};
	return {
		jar,
		/** Goes on until there is no further to go, or `until` says so; gives back where that is. */
		async go(address: string, until: (address: string) => boolean = () => false): Promise<string> {
			let at = address;
			for (let steps = 0; steps < 20; steps++) {
				if (until(at)) return at;
				const to = (await step(at)).headers.get('location');
				if (!to) return at;
				at = new URL(to, at).href;
			}
			throw new Error('there is no end to it');
		},
		cookieOf: (address: string, name: string) => jar.get(new URL(address).host)?.get(name),
	};
}
