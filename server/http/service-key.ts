import type { FastifyRequest } from 'fastify';
import type { Access, ServiceKey, ServiceScope } from '#server/access/access.ts';
import { Refusal } from '#shared/refusals.ts';

/** The service key that a request shows in `Authorization`. Refuses with `access.service-key`, and `access.service-scope` where it is for something else. */
export function serviceKeyOf(
	{ headers }: Pick<FastifyRequest, 'headers'>,
	scope: ServiceScope,
	{ services }: Pick<Access, 'services'>,
	nowMs: number,
): ServiceKey {
	const [, shown] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
	const key = shown === undefined ? undefined : services.use(shown, nowMs);
	if (!key) throw new Refusal('access.service-key');
	if (!key.scopes.includes(scope)) throw new Refusal('access.service-scope');
	return key;
}
