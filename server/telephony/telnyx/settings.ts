import { given, personId, type Setting, type ValuesOf } from '#server/setting.ts';
import { addressKey } from '#server/telephony/media-streams/address-key.ts';

/** What an operator sets for Telnyx. */
export const telnyxSettings = {
	telnyxKey: {
		name: 'YCORD_TELNYX_KEY',
		schema: addressKey,
		otherwise: 'none',
		meaning: 'The key at the end of the address that Telnyx is given for its media streams.',
		secret: true,
	},
	telnyxKeySecondary: {
		name: 'YCORD_TELNYX_KEY_SECONDARY',
		schema: addressKey,
		otherwise: 'none',
		meaning: 'A second such key that is accepted too, while it is being changed.',
		secret: true,
	},
	telnyxAgent: {
		name: 'YCORD_TELNYX_AGENT',
		flag: 'telnyx-agent',
		schema: personId,
		otherwise: 'none',
		meaning: 'The person who gets the Telnyx calls whose start names no agent.',
	},
} as const satisfies Record<string, Setting>;

/** What of the server's configuration is Telnyx's. */
export interface TelnyxConfig {
	readonly telnyxKeys: string[];
	readonly telnyxAgent?: string;
}

export function telnyxConfig(values: ValuesOf<typeof telnyxSettings>): TelnyxConfig {
	const { telnyxKey, telnyxKeySecondary, telnyxAgent } = values;
	return {
		telnyxKeys: given(telnyxKey, telnyxKeySecondary),
		...(telnyxAgent === undefined ? {} : { telnyxAgent }),
	};
}
