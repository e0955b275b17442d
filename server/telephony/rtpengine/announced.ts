import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { CallAboutGiven } from '#server/telephony/call-about.ts';
import type { CallTags } from '#server/telephony/rtpengine/subscription.ts';
import { type Disclosure, disclosures } from '#shared/call.ts';
import { Refusal } from '#shared/refusals.ts';

/** What a SIP proxy says of a call when it begins. */
export interface Announced {
	/** As in SIP. */
	callId: string;
	tags: CallTags;
	agent?: string | undefined;
	label?: string | undefined;
	from?: string | undefined;
	about: CallAboutGiven;
	/** What the customer was told of a listening. [C1] */
	disclosure?: Disclosure | undefined;
}

/** A word of SIP's: no spaces, nothing that is not printed. */
const sipWord = Type.String({ pattern: '^[\\x21-\\x7e]{1,255}$' });
const words = Type.Optional(Type.String({ maxLength: 500 }));
const schema = Compile(
	Type.Object({
		callId: sipWord,
		customerTag: sipWord,
		agentTag: Type.Optional(sipWord),
		agent: Type.Optional(Type.String({ maxLength: 200 })),
		label: words,
		from: words,
		to: words,
		queue: words,
		language: words,
		labels: Type.Optional(
			Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 500 }), { maxProperties: 20 }),
		),
		disclosure: Type.Optional(Type.Enum([...disclosures])),
	}),
);

/** Reads the body of an announcement; refuses one that cannot be used, naming the field and never what it said. */
export function readAnnounced(body: unknown): Announced {
	if (!schema.Check(body)) {
		const [field = ''] = schema.Errors(body).map(({ instancePath, params }) => {
			const missing = (params as { requiredProperties?: string[] }).requiredProperties?.[0];
			return missing ?? instancePath.slice(1);
		});
		throw new Refusal('request.malformed', `body${field && `/${field}`}`);
	}
	const { callId, customerTag, agentTag, agent, label, disclosure, ...about } = body;
	// A proxy writes what it has, and that may be an empty text.
	return {
		callId,
		tags: { customer: customerTag, agent: agentTag },
		agent: agent || undefined,
		label,
		from: about.from,
		about,
		disclosure,
	};
}

/** Which call an end is said of. */
export function readCallId(query: unknown): string {
	const { callId } = (query ?? {}) as { callId?: unknown };
	if (typeof callId === 'string' && callId.length > 0 && callId.length <= 255) return callId;
	throw new Refusal('request.malformed', 'querystring/callId');
}
