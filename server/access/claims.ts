import { createHash } from 'node:crypto';
import type { ProviderConfig } from '#server/access/provider-settings.ts';
import type { Person } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/** What an identity provider says of somebody. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * Who an identity provider's claims mean. The id is made of issuer and `sub`, the one claim that is never given to
 * somebody else (OpenID Connect Core 1.0, 5.7). Refuses with `access.no-role` and `access.no-team`.
 */
export function personOf(
	claims: Claims & { sub: string },
	{ issuer, roles, teamClaim }: NonNullable<ProviderConfig['provider']>,
): Person {
	const role = roles.find(({ claim, value }) => textsIn(claims, claim).includes(value))?.role;
	if (!role) throw new Refusal('access.no-role');
	const [team] = textsIn(claims, teamClaim);
	const shownTeam = shown(team);
	if (!shownTeam) throw new Refusal('access.no-team');
	const name = ['name', 'preferred_username', 'email'].map((claim) => shown(claims[claim])).find(Boolean);
	const id = providerPersonId(issuer, claims.sub);
	return { id, name: name ?? id, role, team: shownTeam };
}

/** `sso-` and 160 bits of a hash: two people never share one, and none is one that somebody chose. */
export const providerPersonId = (issuer: string, sub: string) =>
	`sso-${createHash('sha256')
		.update(JSON.stringify([issuer, sub]))
		.digest('hex')
		.slice(0, 36)}`;

/** A claim by its name, or by a path with dots; a text, or each text of a list. */
function textsIn(claims: Claims, claim: string): string[] {
	const found = Object.hasOwn(claims, claim) ? claims[claim] : claim.split('.').reduce(within, claims as unknown);
	return (Array.isArray(found) ? found : [found]).filter((one) => typeof one === 'string');
}

const within = (one: unknown, key: string): unknown =>
	typeof one === 'object' && one !== null && Object.hasOwn(one, key)
		? (one as Record<string, unknown>)[key]
		: undefined;

/** A text as it can be shown: one line, at most 80 characters. */
const shown = (text: unknown) =>
	typeof text === 'string'
		? text
				.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
				.trim()
				.slice(0, 80)
		: '';
