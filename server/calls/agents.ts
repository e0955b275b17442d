import type { Person } from '#shared/people.ts';

/** A platform's name for an agent for whom calls came, and whom nobody here is. */
export interface UnknownAgent {
	gateway: string;
	name: string;
	calls: number;
	lastAtMs: number;
}

/** Whose call it is. */
export interface CallAgents {
	/**
	 * The person whom a platform's name for an agent means: the one the administrator has mapped it to, else the one whose id
	 * it is. Undefined for nobody, and for somebody who is not an agent; that is remembered for a day.
	 */
	find(gateway: string, name: string): Person | undefined;
	/** Whom calls came for in vain in the last day, the latest first. */
	unknown(): UnknownAgent[];
}

export interface CallAgentsNeeds {
	/** The id of the person whom the administrator has mapped this name to. */
	mapped: (gateway: string, name: string) => string | undefined;
	findPerson: (id: string) => Person | undefined;
	now: () => number;
}

/** Names that are remembered; the one that was not called for the longest is forgotten. [B1] */
const maxUnknown = 100;
const rememberedMs = 24 * 60 * 60_000;

export function callAgents({ mapped, findPerson, now }: CallAgentsNeeds): CallAgents {
	/** In the order they were last called for. */
	const unknown = new Map<string, UnknownAgent>();
	const keyOf = (gateway: string, name: string) => `${gateway} ${name}`;
	const agentOf = (gateway: string, name: string) => {
		const person = findPerson(mapped(gateway, name) ?? name);
		return person?.role === 'agent' ? person : undefined;
	};
	return {
		find(gateway, name) {
			const agent = agentOf(gateway, name);
			const key = keyOf(gateway, name);
			const before = unknown.get(key);
			unknown.delete(key);
			if (agent) return agent;
			unknown.set(key, { gateway, name, calls: (before?.calls ?? 0) + 1, lastAtMs: now() });
			const [oldest] = unknown.keys();
			if (unknown.size > maxUnknown && oldest !== undefined) unknown.delete(oldest);
			return undefined;
		},
		unknown: () =>
			[...unknown.values()]
				// Whoever was mapped meanwhile waits for nothing any more.
				.filter(({ gateway, name, lastAtMs }) => now() - lastAtMs < rememberedMs && !agentOf(gateway, name))
				.reverse(),
	};
}
