import { type Static, Type } from 'typebox';
import { Person } from '#shared/people.ts';

const strict = { additionalProperties: false };
/** A gateway's name, as in the ids of its calls. */
export const GatewayName = Type.String({ pattern: '^[a-z]{1,40}$' });

/**
 * How a gateway stands: `off` without its settings, `receiving` calls, `refusing` when what came last was turned away,
 * `unheard` when nothing ever came, and `ready` when the platform was here and there is no call just now.
 */
export const gatewayStates = ['off', 'receiving', 'refusing', 'unheard', 'ready'] as const;
export type GatewayState = (typeof gatewayStates)[number];

/** One gateway, as an administrator sees it. Times are ISO 8601; counts are since the server started. */
export const GatewayView = Type.Object({
	name: GatewayName,
	title: Type.String(),
	state: Type.Enum([...gatewayStates]),
	on: Type.Boolean(),
	callsNow: Type.Integer(),
	/** When the platform last showed itself, with proof of who it is. */
	lastContact: Type.Optional(Type.String()),
	/** What to give to the platform. */
	addresses: Type.Array(Type.Object({ what: Type.String(), address: Type.String() })),
	/** Whether each is given; never its value. */
	settings: Type.Array(Type.Object({ name: Type.String(), isSet: Type.Boolean() })),
	abilities: Type.Object({
		legs: Type.Enum(['both', 'mix']),
		silent: Type.Boolean(),
		clock: Type.Boolean(),
		hold: Type.Boolean(),
		survey: Type.Boolean(),
	}),
	/** A file under docs/, and where this server shows it, if it has it. */
	guide: Type.Object({ file: Type.String(), path: Type.Optional(Type.String()) }),
	/** The last attempts that were turned away, newest first. */
	refused: Type.Array(Type.Object({ why: Type.String(), says: Type.String(), todo: Type.String(), at: Type.String() })),
	/** How often for each reason, the most frequent first. */
	refusedCounts: Type.Array(
		Type.Object({ why: Type.String(), says: Type.String(), todo: Type.String(), count: Type.Integer() }),
	),
	canTest: Type.Boolean(),
});
export type GatewayView = Static<typeof GatewayView>;

/** GET /api/gateways: every gateway, and what is wrong with all of them. */
export const Gateways = Type.Object({
	/** When this server started: what it knows of platforms begins there. */
	since: Type.String(),
	now: Type.String(),
	/** What makes the addresses useless to a platform, in words; missing if nothing does. */
	addressProblem: Type.Optional(Type.String()),
	gateways: Type.Array(GatewayView),
});
export type Gateways = Static<typeof Gateways>;

/** Where one voice of a test call was heard. */
const TestLeg = Type.Object({
	leg: Type.Enum(['customer', 'agent']),
	sentDbfs: Type.Number(),
	/** Missing if it was not heard. */
	heardDbfs: Type.Optional(Type.Number()),
});
/**
 * POST /api/gateways/:name/test-call: what came of a known signal through the whole path, a tone of its own for each
 * voice. `mixed` is right where the platform has only one sound.
 */
export const TestCallResult = Type.Object({
	passed: Type.Boolean(),
	/** What is wrong, in words. */
	why: Type.Optional(Type.String()),
	legs: Type.Array(TestLeg),
	order: Type.Enum(['right', 'swapped', 'mixed', 'missing']),
	/** From a piece of sound sent to the same piece heard, the median; missing if nothing was heard. */
	delayMs: Type.Optional(Type.Number()),
	sentMs: Type.Integer(),
	heardMs: Type.Integer(),
	/** How long the whole test took. */
	tookMs: Type.Integer(),
});
export type TestCallResult = Static<typeof TestCallResult>;

/** What a platform calls an agent: any text, without what cannot be seen. */
export const AgentName = Type.String({ minLength: 1, maxLength: 200, pattern: '^\\P{Cc}+$' });
/** POST /api/gateways/agents: that a platform's name for an agent means this person. */
export const MapAgent = Type.Object(
	{ gateway: GatewayName, name: AgentName, personId: Type.String({ maxLength: 40 }) },
	strict,
);
export type MapAgent = Static<typeof MapAgent>;
/** POST /api/gateways/agents/remove */
export const UnmapAgent = Type.Object({ gateway: GatewayName, name: AgentName }, strict);
export type UnmapAgent = Static<typeof UnmapAgent>;

/** GET /api/gateways/agents: who is mapped, whom calls came for in vain, and who can be chosen. */
export const AgentMapping = Type.Object({
	mapped: Type.Array(
		Type.Object({
			gateway: Type.String(),
			name: Type.String(),
			personId: Type.String(),
			/** Missing when that person is not an agent here (any more): then calls for them are refused. */
			personName: Type.Optional(Type.String()),
			by: Type.String(),
			at: Type.String(),
		}),
	),
	/** Calls of the last day that were refused, because nobody here is that agent. */
	unknown: Type.Array(
		Type.Object({ gateway: Type.String(), name: Type.String(), calls: Type.Integer(), last: Type.String() }),
	),
	agents: Type.Array(Person),
});
export type AgentMapping = Static<typeof AgentMapping>;
