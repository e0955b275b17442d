import type { CallAbout, Disclosure } from '#shared/call.ts';
import type { Person, Role } from '#shared/people.ts';
import { Refusal } from '#shared/refusals.ts';

/**
 * What the operator's policy said of a call when it began. It is recorded with the call, which keeps it whatever the policy becomes: who listened
 * under which rule can be read from the record alone.
 */
export interface CallTerms {
	/** The version of the policy, and the names of its rules that were for this call. */
	version: string;
	rules: string[];
	/** The least the customer must have been told. */
	disclosure?: Disclosure;
	listeners?: 'nobody' | MayListen;
	mostListeners?: number;
	/** Days after its end on which it is erased. */
	retentionDays?: number;
}

/** What of a call a policy may look at, when it begins. */
export interface CallTraits extends Pick<CallAbout, 'queue' | 'language' | 'labels'> {
	gateway: string;
	team: string;
	atMs: number;
}

/** Who may listen: of these roles and of these teams; or one of these people, whatever else. What is left out is no limit. */
export interface MayListen {
	roles?: ('executive' | 'supervisor')[];
	teams?: string[];
	people?: string[];
}

/** Refuses with `policy.listener` who may not listen to a call with these terms. */
export function mustBeAListener(
	terms: CallTerms | undefined,
	{ id, role, team }: Pick<Person, 'id' | 'role' | 'team'>,
) {
	const { listeners } = terms ?? {};
	if (listeners === undefined) return;
	if (listeners === 'nobody') throw new Refusal('policy.nobody');
	const { roles, teams, people } = listeners;
	if (people?.includes(id)) return;
	const isNamed = people === undefined || roles !== undefined || teams !== undefined;
	const isOf = (list: readonly string[] | undefined, one: string | Role) => list === undefined || list.includes(one);
	if (!isNamed || !isOf(roles, role) || !isOf(teams, team)) throw new Refusal('policy.listener');
}
