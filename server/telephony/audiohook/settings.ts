import { Type } from 'typebox';
import { given, personId, type Setting, token, type ValuesOf } from '#server/setting.ts';
import type { HookKey } from '#server/telephony/audiohook/credentials.ts';

/** A client secret as Genesys takes it; one that is not base64 would make every signature wrong. */
const base64 = Type.String({
	pattern: '^(?:[A-Za-z0-9+/]{4}){0,50}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$',
	description: 'base64',
});

/** What an operator sets for Genesys Cloud. */
export const audiohookSettings = {
	audiohookKey: {
		name: 'YCORD_AUDIOHOOK_KEY',
		schema: token,
		otherwise: 'none',
		meaning: 'The API key with which Genesys Cloud opens AudioHook sessions here.',
		secret: true,
	},
	audiohookSecret: {
		name: 'YCORD_AUDIOHOOK_SECRET',
		schema: base64,
		otherwise: 'none; requests are then taken unsigned',
		meaning: 'The client secret with which Genesys Cloud signs for that key.',
		secret: true,
	},
	audiohookKeySecondary: {
		name: 'YCORD_AUDIOHOOK_KEY_SECONDARY',
		schema: token,
		otherwise: 'none',
		meaning: 'A second API key that is accepted too, while it is being changed.',
		secret: true,
	},
	audiohookSecretSecondary: {
		name: 'YCORD_AUDIOHOOK_SECRET_SECONDARY',
		schema: base64,
		otherwise: 'none',
		meaning: 'The client secret of that second key.',
		secret: true,
	},
	audiohookAgent: {
		name: 'YCORD_AUDIOHOOK_AGENT',
		flag: 'audiohook-agent',
		schema: personId,
		otherwise: 'none',
		meaning: 'The person who gets the Genesys calls whose integration names no agent.',
	},
	audiohookTransfer: {
		name: 'YCORD_AUDIOHOOK_TRANSFER',
		flag: 'audiohook-transfer',
		schema: Type.String({ pattern: '^\\S.{0,98}\\S$', description: 'a line of 2 to 100 characters' }),
		otherwise: 'none; calls can only be listened to',
		meaning:
			'What an agent presses in Genesys to hand a customer to the Audio Connector flow, such as “Transfer → Ycord survey”.',
	},
} as const satisfies Record<string, Setting>;

/** What of the server's configuration is Genesys Cloud's. */
export interface AudiohookConfig {
	readonly audiohookKeys: HookKey[];
	readonly audiohookAgent?: string;
	readonly audiohookTransfer?: string;
}

type Values = ValuesOf<typeof audiohookSettings>;

/** A secret belongs to its key, and a second key opens no door that the first one does not. */
export function audiohookProblems(values: Values): string[] {
	const { audiohookKey: key, audiohookSecret: secret } = values;
	const { audiohookKeySecondary: other, audiohookSecretSecondary: otherSecret } = values;
	return [
		...(secret && !key ? ['YCORD_AUDIOHOOK_SECRET: needs YCORD_AUDIOHOOK_KEY'] : []),
		...(otherSecret && !other ? ['YCORD_AUDIOHOOK_SECRET_SECONDARY: needs YCORD_AUDIOHOOK_KEY_SECONDARY'] : []),
		...(secret && other && !otherSecret
			? ['YCORD_AUDIOHOOK_KEY_SECONDARY: needs YCORD_AUDIOHOOK_SECRET_SECONDARY, as the first key has a secret']
			: []),
	];
}

export function audiohookConfig(values: Values): AudiohookConfig {
	const { audiohookAgent, audiohookTransfer } = values;
	const pair = (key: string | undefined, secret = ''): HookKey | undefined =>
		key === undefined ? undefined : Object.freeze({ key, secret });
	return {
		audiohookKeys: given(
			pair(values.audiohookKey, values.audiohookSecret),
			pair(values.audiohookKeySecondary, values.audiohookSecretSecondary),
		),
		...(audiohookAgent === undefined ? {} : { audiohookAgent }),
		...(audiohookTransfer === undefined ? {} : { audiohookTransfer }),
	};
}
