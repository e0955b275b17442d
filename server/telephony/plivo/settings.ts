import { given, personId, type Setting, type ValuesOf } from '#server/setting.ts';
import { addressKey } from '#server/telephony/media-streams/address-key.ts';

/** What an operator sets for Plivo. */
export const plivoSettings = {
	plivoKey: {
		name: 'YCORD_PLIVO_KEY',
		schema: addressKey,
		otherwise: 'none',
		meaning: 'The key at the end of the address that Plivo is given for its media streams.',
		secret: true,
	},
	plivoKeySecondary: {
		name: 'YCORD_PLIVO_KEY_SECONDARY',
		schema: addressKey,
		otherwise: 'none',
		meaning: 'A second such key that is accepted too, while it is being changed.',
		secret: true,
	},
	plivoAgent: {
		name: 'YCORD_PLIVO_AGENT',
		flag: 'plivo-agent',
		schema: personId,
		otherwise: 'none',
		meaning: 'The person who gets the Plivo calls whose start names no agent.',
	},
} as const satisfies Record<string, Setting>;

/** What of the server's configuration is Plivo's. */
export interface PlivoConfig {
	readonly plivoKeys: string[];
	readonly plivoAgent?: string;
}

export function plivoConfig(values: ValuesOf<typeof plivoSettings>): PlivoConfig {
	const { plivoKey, plivoKeySecondary, plivoAgent } = values;
	return {
		plivoKeys: given(plivoKey, plivoKeySecondary),
		...(plivoAgent === undefined ? {} : { plivoAgent }),
	};
}
