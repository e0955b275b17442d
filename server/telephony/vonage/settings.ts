import { Type } from 'typebox';
import { given, personId, type Setting, token, type ValuesOf } from '#server/setting.ts';

/** What an operator sets for Vonage. */
export const vonageSettings = {
	vonageKey: {
		name: 'YCORD_VONAGE_KEY',
		schema: token,
		otherwise: 'none',
		meaning: 'The key with which Vonage opens a WebSocket here (Authorization: Bearer).',
		secret: true,
	},
	vonageKeySecondary: {
		name: 'YCORD_VONAGE_KEY_SECONDARY',
		schema: token,
		otherwise: 'none',
		meaning: 'A second such key that is accepted too, while it is being changed.',
		secret: true,
	},
	vonageAgent: {
		name: 'YCORD_VONAGE_AGENT',
		flag: 'vonage-agent',
		schema: personId,
		otherwise: 'none',
		meaning: 'The person who gets the Vonage calls whose headers name no agent.',
	},
	allowAudible: {
		name: 'YCORD_ALLOW_AUDIBLE',
		flag: 'allow-audible',
		schema: Type.Boolean({ description: 'true or false' }),
		default: false,
		meaning:
			'Take calls of platforms on which Ycord is a participant, not a silent tap (Vonage). Their pages say “Not silent”.',
	},
} as const satisfies Record<string, Setting>;

/** What of the server's configuration is Vonage's, and the policy it needs. */
export interface VonageConfig {
	readonly vonageKeys: string[];
	readonly vonageAgent?: string;
	readonly allowAudible: boolean;
}

export function vonageConfig(values: ValuesOf<typeof vonageSettings>): VonageConfig {
	const { vonageKey, vonageKeySecondary, vonageAgent, allowAudible } = values;
	return {
		vonageKeys: given(vonageKey, vonageKeySecondary),
		allowAudible,
		...(vonageAgent === undefined ? {} : { vonageAgent }),
	};
}
